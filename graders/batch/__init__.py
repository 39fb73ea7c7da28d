"""A class at a time: find the submissions, grade them in worker processes, lose nothing, tell all."""
