import reference

kernel_rows, kernel_cols = 3, 3


def image_to_col(img):
    return reference.im2col(img, (kernel_rows, kernel_cols))
