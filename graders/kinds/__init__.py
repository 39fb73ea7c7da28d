"""The kinds of items, a folder each.

A folder has what the grader knows of items of its kind alone: `judge` (from what is there to a verdict), `search` (how
it wants to be called), `checks` (what is right), `explanation` (why it went wrong), `interfaces` (what students write,
for the audit), `template.yaml` (for who writes a spec), and `kind`, by which `built_in` takes it up: the same `Kind`
that a plugin gives. What several kinds need is in `binding`, `checks`, `diagnosis` and `judging`, which know none of them.
"""
