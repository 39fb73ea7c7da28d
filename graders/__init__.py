"""Scratch Grader: grades deep learning written from scratch in NumPy."""

__version__ = "0.1.0"
