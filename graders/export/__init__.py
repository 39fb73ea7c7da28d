"""What a learning system needs to grade by itself, made ready to upload."""
