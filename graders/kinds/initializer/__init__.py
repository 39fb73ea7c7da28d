"""Initialisers of weights: what they draw, told by its statistics."""
