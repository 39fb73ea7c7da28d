"""Learning systems by their APIs: who is in an assignment, which marks are there, a mark put there.

It knows nothing of classes and gradings: `graders.course.sending` decides what is sent.
"""
