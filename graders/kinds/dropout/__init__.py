"""Dropout: what is left out, how often, and that the gradient passes by the same mask."""
