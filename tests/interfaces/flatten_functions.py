# item: flatten
def flatten_forward(x):
    return x.reshape(x.shape[0], -1), x.shape


def flatten_backward(dout, shape):
    return dout.reshape(shape)  #! dX: return dout.reshape(shape)[::-1]
