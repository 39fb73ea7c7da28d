# item: conv1d_out_size
import numpy as np

N_out = lambda N_in, P, F, S: np.floor((N_in + 2 * P - F) / S).astype(int) + 1  #! forward: N_out = lambda N_in, P, F, S: np.floor((N_in + 2 * P - F) / S).astype(int)
