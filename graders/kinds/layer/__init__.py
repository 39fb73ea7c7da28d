"""Layers: arrays go through them forward, gradients back."""
