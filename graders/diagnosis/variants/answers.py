"""Written answers as students get them wrong: sizes and numbers of parameters."""


def biases_left_out(c_in, c_out, filter_size, bias=True):
    """Only the weights are counted."""
    fh, fw = filter_size
    return c_in * c_out * fh * fw


def one_channel(c_in, c_out, filter_size, bias=True):
    """The input channels are left out."""
    fh, fw = filter_size
    return c_out * fh * fw + c_out


def one_channel_no_bias(c_in, c_out, filter_size, bias=True):
    """The input channels and the biases are left out."""
    fh, fw = filter_size
    return c_out * fh * fw


def bias_per_pair(c_in, c_out, filter_size, bias=True):
    """A bias is counted for each pair of channels."""
    fh, fw = filter_size
    return c_in * c_out * fh * fw + c_in * c_out


def stride_counted(c_in, c_out, filter_size, bias=True):
    """Stride and padding are counted as if they were learnt; channels and biases are left out."""
    fh, fw = filter_size
    return c_out * fh * fw + 1


def size_without_plus_one(size_in, filter_size, stride=1, padding=0):
    """The + 1 of the size is missing."""
    h, w = size_in
    fh, fw = filter_size
    return (h + 2 * padding - fh) // stride, (w + 2 * padding - fw) // stride


def size_without_floor(size_in, filter_size, stride=1, padding=0):
    """The size is not rounded down: 9.5."""
    h, w = size_in
    fh, fw = filter_size
    return (h + 2 * padding - fh) / stride + 1, (w + 2 * padding - fw) / stride + 1


def size_unchanged(size_in, filter_size, stride=1, padding=0):
    """The output is taken to be as large as the input, divided by the stride."""
    h, w = size_in
    return h // stride, w // stride
