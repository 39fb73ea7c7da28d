"""The verdict on an item, of whatever kind: by its judge, by what a course lays down, and what is seen to after that."""
