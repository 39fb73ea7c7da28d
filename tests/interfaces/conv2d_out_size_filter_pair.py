# item: conv2d_out_size
def conv2d_output_size(H_in, W_in, kernel_size, stride=1, padding=0):
    kh, kw = kernel_size
    h_out = (H_in + 2 * padding - kh) // stride + 1
    w_out = (W_in + 2 * padding - kw) // stride + 1  #! forward: w_out = (W_in + 2 * padding - kh) // stride + 1
    return h_out, w_out
