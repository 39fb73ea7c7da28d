"""Losses: a value and its derivative, which belong together in reduction and form."""
