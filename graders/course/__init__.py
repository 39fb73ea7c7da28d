"""Running a course on graded classes: marks by people, their history, grading again with its impact.

Commands are thin over `opening`, `marking`, `history`, `impact` and `regrading`, which pages can use as well.
"""
