"""What a spec says of an item of one kind: a module a kind, and `table` of them all."""
