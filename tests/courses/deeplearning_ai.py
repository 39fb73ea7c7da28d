# items: fc conv2d conv2d_stride conv2d_padding max_pool2d sgd momentum adam
import numpy as np


def linear_forward(A, W, b):
    return W @ A + b, (A, W, b)


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    return W.T @ dZ, dZ @ A_prev.T / m, dZ.sum(axis=1, keepdims=True) / m  #! fc.dX: return W.T @ dZ / m, dZ @ A_prev.T / m, dZ.sum(axis=1, keepdims=True) / m


def zero_pad(X, pad):
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))


def conv_single_step(a, W, b):
    return np.sum(a * W) + float(np.sum(b))


def conv_forward(A_prev, W, b, hparameters):
    m, n_H_prev, n_W_prev, _ = A_prev.shape
    f, f, _, n_C = W.shape
    stride, pad = hparameters["stride"], hparameters["pad"]
    n_H = int((n_H_prev - f + 2 * pad) / stride) + 1
    n_W = int((n_W_prev - f + 2 * pad) / stride) + 1
    Z = np.zeros((m, n_H, n_W, n_C))
    padded = zero_pad(A_prev, pad)
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                a = padded[i, h * stride:h * stride + f, w * stride:w * stride + f]
                for c in range(n_C):
                    Z[i, h, w, c] = conv_single_step(a, W[:, :, :, c], b[:, :, :, c])
    return Z, (A_prev, W, b, hparameters)


def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    f, f, _, _ = W.shape
    stride, pad = hparameters["stride"], hparameters["pad"]
    dW, db = np.zeros_like(W), np.zeros(b.shape)
    padded = zero_pad(A_prev, pad)
    dpadded = np.zeros_like(padded)
    m, n_H, n_W, n_C = dZ.shape
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                here = np.s_[i, h * stride:h * stride + f, w * stride:w * stride + f]
                for c in range(n_C):
                    dpadded[here] += W[..., c] * dZ[i, h, w, c]
                    dW[..., c] += padded[here] * dZ[i, h, w, c]  #! conv2d.dW: dW[..., c] = padded[here] * dZ[i, h, w, c]
                    db[:, :, :, c] += dZ[i, h, w, c]
    n, k = A_prev.shape[1:3]
    return dpadded[:, pad:pad + n, pad:pad + k], dW, db


def create_mask_from_window(x):
    return x == np.max(x)


def pool_forward(A_prev, hparameters, mode="max"):
    m, n_H_prev, n_W_prev, n_C = A_prev.shape
    f, stride = hparameters["f"], hparameters["stride"]
    n_H, n_W = int(1 + (n_H_prev - f) / stride), int(1 + (n_W_prev - f) / stride)
    A = np.zeros((m, n_H, n_W, n_C))
    for h in range(n_H):
        for w in range(n_W):
            a = A_prev[:, h * stride:h * stride + f, w * stride:w * stride + f]
            A[:, h, w] = a.max(axis=(1, 2)) if mode == "max" else a.mean(axis=(1, 2))
    return A, (A_prev, hparameters)


def pool_backward(dA, cache, mode="max"):
    A_prev, hparameters = cache
    stride, f = hparameters["stride"], hparameters["f"]
    dA_prev = np.zeros(A_prev.shape)
    m, n_H, n_W, n_C = dA.shape
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    here = np.s_[i, h * stride:h * stride + f, w * stride:w * stride + f, c]
                    if mode == "max":
                        mask = create_mask_from_window(A_prev[here])
                        dA_prev[here] += mask * dA[i, h, w, c]  #! max_pool2d.dX: dA_prev[here] += mask
                    else:
                        dA_prev[here] += dA[i, h, w, c] / f**2
    return dA_prev


def update_parameters_with_gd(parameters, grads, learning_rate):
    for l in range(len(parameters) // 2):
        parameters["W" + str(l + 1)] = parameters["W" + str(l + 1)] - learning_rate * grads["dW" + str(l + 1)]
        parameters["b" + str(l + 1)] = parameters["b" + str(l + 1)] - learning_rate * grads["db" + str(l + 1)]  #! sgd.update: parameters["b" + str(l + 1)] = parameters["b" + str(l + 1)] - grads["db" + str(l + 1)]
    return parameters


def update_parameters_with_momentum(parameters, grads, v, beta, learning_rate):
    for l in range(len(parameters) // 2):
        v["dW" + str(l + 1)] = beta * v["dW" + str(l + 1)] + (1 - beta) * grads["dW" + str(l + 1)]  #! momentum.update: v["dW" + str(l + 1)] = beta * v["dW" + str(l + 1)] + grads["dW" + str(l + 1)]
        v["db" + str(l + 1)] = beta * v["db" + str(l + 1)] + (1 - beta) * grads["db" + str(l + 1)]  #! momentum.update: v["db" + str(l + 1)] = beta * v["db" + str(l + 1)] + grads["db" + str(l + 1)]
        parameters["W" + str(l + 1)] = parameters["W" + str(l + 1)] - learning_rate * v["dW" + str(l + 1)]
        parameters["b" + str(l + 1)] = parameters["b" + str(l + 1)] - learning_rate * v["db" + str(l + 1)]
    return parameters, v


def update_parameters_with_adam(parameters, grads, v, s, t, learning_rate=0.01, beta1=0.9, beta2=0.999, epsilon=1e-8):
    for l in range(len(parameters) // 2):
        v["dW" + str(l + 1)] = beta1 * v["dW" + str(l + 1)] + (1 - beta1) * grads["dW" + str(l + 1)]
        v["db" + str(l + 1)] = beta1 * v["db" + str(l + 1)] + (1 - beta1) * grads["db" + str(l + 1)]
        s["dW" + str(l + 1)] = beta2 * s["dW" + str(l + 1)] + (1 - beta2) * grads["dW" + str(l + 1)] ** 2
        s["db" + str(l + 1)] = beta2 * s["db" + str(l + 1)] + (1 - beta2) * grads["db" + str(l + 1)] ** 2
        first_w, first_b = v["dW" + str(l + 1)] / (1 - beta1 ** t), v["db" + str(l + 1)] / (1 - beta1 ** t)
        second_w, second_b = s["dW" + str(l + 1)] / (1 - beta2 ** t), s["db" + str(l + 1)] / (1 - beta2 ** t)  #! adam.update: second_w, second_b = s["dW" + str(l + 1)], s["db" + str(l + 1)]
        parameters["W" + str(l + 1)] = parameters["W" + str(l + 1)] - learning_rate * first_w / (np.sqrt(second_w) + epsilon)
        parameters["b" + str(l + 1)] = parameters["b" + str(l + 1)] - learning_rate * first_b / (np.sqrt(second_b) + epsilon)
    return parameters, v, s
