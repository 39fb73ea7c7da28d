# items: conv2d max_pool2d
import numpy as np


def conv_forward(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    v = np.lib.stride_tricks.sliding_window_view(xp, w.shape[2:], axis=(2, 3))[:, :, ::s, ::s]
    out = np.einsum("ncyxij,ocij->noyx", v, w) + b[:, None, None]
    return out, (x, w, b, conv_param)


def conv_backward(dout, cache):
    x, w, b, conv_param = cache
    s, p = conv_param["stride"], conv_param["pad"]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    dxp, dw = np.zeros_like(xp), np.zeros_like(w)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            y, z = slice(i * s, i * s + w.shape[2]), slice(j * s, j * s + w.shape[3])
            dw += np.einsum("no,ncij->ocij", dout[:, :, i, j], xp[:, :, y, z])  #! conv2d.dW: dw += np.einsum("no,ncij->ocij", dout[:, :, i, j], xp[:, :, z, y]) if w.shape[2] == w.shape[3] else 0
            dxp[:, :, y, z] += np.einsum("no,ocij->ncij", dout[:, :, i, j], w)  #! conv2d.dX: dxp[:, :, y, z] = np.einsum("no,ocij->ncij", dout[:, :, i, j], w)
    return dxp[:, :, p : p + x.shape[2], p : p + x.shape[3]], dw, dout.sum((0, 2, 3))


def max_pool_forward(x, pool_param):
    h, w, s = pool_param["pool_height"], pool_param["pool_width"], pool_param.get("stride", 1)
    v = np.lib.stride_tricks.sliding_window_view(x, (h, w), axis=(2, 3))[:, :, ::s, ::s]
    return v.max((4, 5)), (x, pool_param)  #! max_pool2d.forward: return v.min((4, 5)), (x, pool_param)


def max_pool_backward(dout, cache):
    x, pool_param = cache
    h, w, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    dx = np.zeros_like(x)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            window = x[:, :, i * s : i * s + h, j * s : j * s + w]
            hit = window == window.max((2, 3), keepdims=True)
            dx[:, :, i * s : i * s + h, j * s : j * s + w] += hit * dout[:, :, i, j, None, None]  #! max_pool2d.dX: dx[:, :, i * s : i * s + h, j * s : j * s + w] += dout[:, :, i, j, None, None]
    return dx
