import reference

kernel_rows, kernel_cols = 3, 3


def image_to_col(img):
    cols = reference.columns(img, kernel_rows, kernel_cols)
    return cols.reshape(kernel_rows * kernel_cols, -1)
