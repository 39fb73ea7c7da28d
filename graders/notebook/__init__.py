"""`%check` in a notebook: asks a process of ours, beside the student's kernel, and shows what it says.

`extension`, `history`, `grader` and `result` run in the student's kernel, know no grader and decide nothing;
`server` and what it uses run in our own process. What is shown in the kernel is shown by the kernel: it counts
as no mark.
"""
