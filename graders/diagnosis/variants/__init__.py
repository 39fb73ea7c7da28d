"""Variations of the reference, each with one real mistake.

They import numpy and `reference` only, and each stands on its own, so that its source can be put
beside the reference's and become a student's module. Sizes that do not fit may raise, as a
student's class would.
"""
