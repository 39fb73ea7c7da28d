import reference


def positional_encoding(length, d_model):
    return reference.sinusoids(length, d_model)
