"""Iterators over mini-batches."""
