"""`scratchgrade serve`: the hand-in page of a class.

A file that a student hands in is kept before the student is told so; it is graded by the workers of `batch`, into
a folder of results as `batch` writes it, which `review`, `mark`, `regrade` and `publish` work on.
"""
