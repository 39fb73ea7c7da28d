import reference


def im2col(image, F_h, F_w):
    return reference.columns(image, F_h, F_w).reshape(F_h * F_w, -1)
