"""What an instructor hands out: starter, solution and instructor notebooks, made of the specs alone."""
