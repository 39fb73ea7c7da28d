"""What runs in the student's process: it holds the student's code and one call's inputs.

This package imports nothing of the grader and runs on the student's interpreter (Python 3.8
or newer, any NumPy), so it stays within the syntax of 3.8.
"""
