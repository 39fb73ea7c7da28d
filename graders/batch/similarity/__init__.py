"""Which submissions have nearly the same code: names, comments and formatting don't count.

Fingerprints of sequences of syntax-tree nodes are chosen by winnowing (Schleimer, Wilkerson,
Aiken: Winnowing, Local Algorithms for Document Fingerprinting, SIGMOD 2003) where a submission is
graded; an index from fingerprint to submissions finds the groups. It accuses nobody: it says what
is alike and shows it.
"""
