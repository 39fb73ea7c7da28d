"""What the judges of kinds are made with."""
