import reference


def output_size(n_in, filter_size, padding=0, stride=1):
    return reference.conv_output_size(n_in, filter_size, stride, padding)
