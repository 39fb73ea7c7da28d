"""`scratchgrade watch`: grades again when the submission is saved, and says what changed."""
