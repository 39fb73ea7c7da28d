import reference


def output_size(h_in, w_in, filter_h, filter_w, padding=0, stride=1):
    return reference.conv2d_output_size((h_in, w_in), (filter_h, filter_w), stride, padding)
