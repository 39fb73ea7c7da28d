"""Optimisers: how weights move by their gradients."""
