"""What is said about each mistake: its name, what it does, where to look."""
