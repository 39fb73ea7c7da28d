# item: conv2d_out_size
import numpy as np


def calc_output_size(H, W, FH, FW, P=0, S=1):
    oh = np.floor((H + 2 * P - FH) / S) + 1
    ow = np.floor((W + 2 * P - FW) / S) + 1  #! forward: ow = np.floor((W + 2 * P - FH) / S) + 1
    return {'h': int(oh), 'w': int(ow)}
