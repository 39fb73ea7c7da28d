"""`scratchgrade review`: a graded class in a browser, on the instructor's own machine.

It decides nothing by itself: decisions go through `graders.course`, as those of the shell do.
"""
