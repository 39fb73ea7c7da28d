"""Softmax with cross-entropy: probabilities, loss and gradient."""
