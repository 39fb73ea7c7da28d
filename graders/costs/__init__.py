"""What an answer costs: the growth of its loops and of its memory, counted and never timed."""
