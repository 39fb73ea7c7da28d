"""The report of a grading and its renderers."""
