"""Which object answers an item, and how it wants to be called."""
