"""What authors of specs need: checking them, showing what they ask, templates for new ones."""
