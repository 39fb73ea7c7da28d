"""A student's network beside the reference: its steps are read, made again, and compared."""
