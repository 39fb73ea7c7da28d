"""Functions of whole numbers, such as a size."""
