"""The small edits that are tried: one function a kind of slip."""
