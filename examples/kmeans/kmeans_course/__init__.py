"""K-means from scratch: a kind of item that no spec of the grader's own kinds can describe.

Which clusters come first is chance, and so is which of several solutions a single start finds. So
nothing can be compared with the reference's arrays; what is checked is what makes any solution right.
"""
