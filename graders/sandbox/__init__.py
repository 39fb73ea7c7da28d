"""Starts a student's process, runs cells in it and makes calls; only plain data comes back."""
