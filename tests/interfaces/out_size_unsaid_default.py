# item: conv1d_out_size
def out_size(verbose=False, many=28, filter_size=3, pad=0, stride=1):
    size = (many + 2 * pad - filter_size) // stride + 1  #! forward: size = (many + pad - filter_size) // stride + 1
    if verbose:
        print(size)
    return size
