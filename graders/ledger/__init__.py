"""What people decide about marks, beside what was graded: added, never changed.

It knows nothing of how a class is graded. Rooms above (`graders.batch`, `graders.course`, pages) ask it
for the mark that counts.
"""
