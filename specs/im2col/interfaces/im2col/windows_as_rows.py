import reference


def im2col(input_data, filter_h, filter_w, stride=1, pad=0):
    cols = reference.im2col(input_data, (filter_h, filter_w), stride, pad)
    return cols.transpose(0, 2, 1).reshape(-1, cols.shape[1])
