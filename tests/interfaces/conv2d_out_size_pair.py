# item: conv2d_out_size
def output_size2d(input_size, filter_size, padding=(0, 0), stride=(1, 1)):
    h = (input_size[0] + 2 * padding[0] - filter_size[0]) // stride[0] + 1
    w = (input_size[1] + 2 * padding[1] - filter_size[1]) // stride[1] + 1  #! forward: w = (input_size[1] + 2 * padding[1] - filter_size[1]) // stride[1]
    return h, w
