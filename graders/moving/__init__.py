"""Moving in from another grader: what is there is read, never changed, and shown before anything is written."""
