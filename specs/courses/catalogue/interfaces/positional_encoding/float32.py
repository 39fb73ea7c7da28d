import reference


def sinusoidal_positions(*, seq_len, dim):
    return reference.sinusoids(seq_len, dim).astype("float32")
