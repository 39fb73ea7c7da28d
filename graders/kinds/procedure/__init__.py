"""Functions that take arrays and give arrays."""
