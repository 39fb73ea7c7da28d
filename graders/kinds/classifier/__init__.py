"""Networks that are trained: what they learn, and whether they are the network that they claim to be."""
