# item: conv2d_out_size
def feature_map_size(X, pad, stride, filter_width, filter_height):
    h = (X.shape[2] + 2 * pad - filter_height) // stride + 1
    w = (X.shape[3] + 2 * pad - filter_width) // stride + 1  #! forward: w = (X.shape[3] + 2 * pad - filter_height) // stride + 1
    return h, w
