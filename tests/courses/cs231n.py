# items: fc relu softmax hinge_loss batch_norm batch_norm_running spatial_batch_norm layer_norm rnn_step rnn lstm embedding_sequence dropout sgd momentum rmsprop adam conv2d conv2d_stride conv2d_padding max_pool2d max_pool2d_overlap
import numpy as np


def affine_forward(x, w, b):
    out = x.reshape(x.shape[0], -1) @ w + b
    return out, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    dx = (dout @ w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T @ dout
    return dx, dw, dout.sum(axis=0)  #! fc.dB: return dx, dw, dout.sum()


def relu_forward(x):
    return np.maximum(x, 0), x


def relu_backward(dout, cache):
    return dout * (cache > 0)  #! relu.dX: return dout * cache


def softmax_loss(x, y):
    z = x - x.max(axis=1, keepdims=True)
    logs = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    n = len(x)
    dx = np.exp(logs)
    dx[np.arange(n), y] -= 1  #! softmax.dX: dx[np.arange(n), y] += 1
    return -logs[np.arange(n), y].mean(), dx / n


def svm_loss(x, y):
    n = np.arange(len(x))
    margins = np.maximum(0, x - x[n, y][:, np.newaxis] + 1.0)
    margins[n, y] = 0  #! hinge_loss.forward: margins[n, y] = 1
    dx = (margins > 0).astype(float)
    dx[n, y] -= np.sum(margins > 0, axis=1)  #! hinge_loss.dX: dx[n, y] -= 1
    return margins.sum() / len(x), dx / len(x)


def batchnorm_forward(x, gamma, beta, bn_param):
    mode = bn_param["mode"]
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    N, D = x.shape
    running_mean = bn_param.get("running_mean", np.zeros(D, dtype=x.dtype))
    running_var = bn_param.get("running_var", np.zeros(D, dtype=x.dtype))
    out, cache = None, None
    if mode == "train":
        mean, var = x.mean(axis=0), x.var(axis=0)  #! batch_norm.forward,dX: mean, var = x.mean(axis=0), x.var(axis=0, ddof=1)
        x_hat = (x - mean) / np.sqrt(var + eps)
        out = gamma * x_hat + beta
        cache = (x_hat, gamma, var, eps)
        running_mean = momentum * running_mean + (1 - momentum) * mean
        running_var = momentum * running_var + (1 - momentum) * var  #! batch_norm_running.test: running_var = momentum * running_var + (1 - momentum) * np.sqrt(var)
    elif mode == "test":
        out = gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta
    bn_param["running_mean"] = running_mean
    bn_param["running_var"] = running_var
    return out, cache


def batchnorm_backward(dout, cache):
    x_hat, gamma, var, eps = cache
    N = len(dout)
    dbeta = dout.sum(axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx = gamma / N / np.sqrt(var + eps) * (N * dout - dbeta - x_hat * dgamma)  #! batch_norm.dX: dx = gamma / np.sqrt(var + eps) * dout
    return dx, dgamma, dbeta  #! batch_norm.dgamma,dbeta: return dx, dbeta, dgamma


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    flat = x.transpose(0, 2, 3, 1).reshape(-1, C)
    out, cache = batchnorm_forward(flat, gamma, beta, bn_param)
    return out.reshape(N, H, W, C).transpose(0, 3, 1, 2), cache


def spatial_batchnorm_backward(dout, cache):
    N, C, H, W = dout.shape
    flat = dout.transpose(0, 2, 3, 1).reshape(-1, C)
    dx, dgamma, dbeta = batchnorm_backward(flat, cache)
    return dx.reshape(N, H, W, C).transpose(0, 3, 1, 2), dgamma, dbeta  #! spatial_batch_norm.dX: return dx.reshape(N, C, H, W), dgamma, dbeta


def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    mean, var = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)  #! layer_norm.forward,dX: mean, var = x.mean(axis=0), x.var(axis=0)
    x_hat = (x - mean) / np.sqrt(var + eps)
    return gamma * x_hat + beta, (x_hat, gamma, var, eps)


def layernorm_backward(dout, cache):
    x_hat, gamma, var, eps = cache
    dbeta = dout.sum(axis=0)  #! layer_norm.dbeta: dbeta = -dout.sum(axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)  #! layer_norm.dgamma: dgamma = -np.sum(dout * x_hat, axis=0)
    d = dout * gamma
    dx = d - d.mean(axis=1, keepdims=True) - x_hat * np.mean(d * x_hat, axis=1, keepdims=True)  #! layer_norm.dX: dx = d - d.mean(axis=1, keepdims=True)
    return dx / np.sqrt(var + eps), dgamma, dbeta


def rnn_step_forward(x, prev_h, Wx, Wh, b):
    next_h = np.tanh(x.dot(Wx) + prev_h.dot(Wh) + b)
    return next_h, (x, prev_h, Wx, Wh, next_h)


def rnn_step_backward(dnext_h, cache):
    x, prev_h, Wx, Wh, next_h = cache
    da = dnext_h * (1 - next_h**2)
    dx = da.dot(Wx.T)
    dWx = x.T.dot(da)
    dprev_h = da.dot(Wh.T)  #! rnn_step.dh: dprev_h = da.dot(Wh)
    dWh = prev_h.T.dot(da)  #! rnn_step.dWh: dWh = next_h.T.dot(da)
    return dx, dprev_h, dWx, dWh, da.sum(axis=0)


def rnn_forward(x, h0, Wx, Wh, b):
    N, T, D = x.shape
    h, cache, prev_h = np.zeros((N, T, h0.shape[1])), [], h0
    for t in range(T):
        prev_h, one = rnn_step_forward(x[:, t], prev_h, Wx, Wh, b)  #! rnn.forward,dX: prev_h, one = rnn_step_forward(x[:, 0], prev_h, Wx, Wh, b)
        h[:, t] = prev_h
        cache.append(one)
    return h, cache


def rnn_backward(dh, cache):
    N, T, H = dh.shape
    x, h0, Wx, Wh, _ = cache[0]
    dx, dprev = np.zeros((N, T, x.shape[1])), np.zeros((N, H))
    dWx, dWh, db = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros(H)
    for t in reversed(range(T)):
        dx[:, t], dprev, dWx_t, dWh_t, db_t = rnn_step_backward(dh[:, t] + dprev, cache[t])  #! rnn.dX,dWx,dWh,dB,dh: dx[:, t], dprev, dWx_t, dWh_t, db_t = rnn_step_backward(dh[:, t], cache[t])
        dWx, dWh, db = dWx + dWx_t, dWh + dWh_t, db + db_t  #! rnn.dWx,dWh,dB: dWx, dWh, db = dWx_t, dWh_t, db_t
    return dx, dprev, dWx, dWh, db


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    H = prev_h.shape[1]
    a = x.dot(Wx) + prev_h.dot(Wh) + b
    i, f, o = sigmoid(a[:, :H]), sigmoid(a[:, H:2 * H]), sigmoid(a[:, 2 * H:3 * H])
    g = np.tanh(a[:, 3 * H:])
    next_c = f * prev_c + i * g
    next_h = o * np.tanh(next_c)  #! lstm.forward,dX,dWx,dWh,dB,dh: next_h = o * next_c
    return next_h, next_c, (x, prev_h, prev_c, Wx, Wh, i, f, o, g, next_c)


def lstm_step_backward(dnext_h, dnext_c, cache):
    x, prev_h, prev_c, Wx, Wh, i, f, o, g, next_c = cache
    tanh_c = np.tanh(next_c)
    dc = dnext_c + dnext_h * o * (1 - tanh_c**2)  #! lstm.dX,dWx,dWh,dB,dh: dc = dnext_c + dnext_h * o
    di, df, do, dg = dc * g, dc * prev_c, dnext_h * tanh_c, dc * i
    da = np.hstack([di * i * (1 - i), df * f * (1 - f), do * o * (1 - o), dg * (1 - g**2)])
    return da.dot(Wx.T), da.dot(Wh.T), dc * f, x.T.dot(da), prev_h.T.dot(da), da.sum(axis=0)


def lstm_forward(x, h0, Wx, Wh, b):
    N, T, D = x.shape
    h, cache = np.zeros((N, T, h0.shape[1])), []
    prev_h, prev_c = h0, np.zeros_like(h0)
    for t in range(T):
        prev_h, prev_c, one = lstm_step_forward(x[:, t], prev_h, prev_c, Wx, Wh, b)
        h[:, t] = prev_h
        cache.append(one)
    return h, cache


def lstm_backward(dh, cache):
    N, T, H = dh.shape
    dx, dprev_h, dprev_c = np.zeros((N, T, cache[0][0].shape[1])), np.zeros((N, H)), np.zeros((N, H))
    dWx, dWh, db = 0, 0, 0
    for t in reversed(range(T)):
        dx[:, t], dprev_h, dprev_c, dWx_t, dWh_t, db_t = lstm_step_backward(dh[:, t] + dprev_h, dprev_c, cache[t])  #! lstm.dX,dWx,dWh,dB,dh: dx[:, t], dprev_h, _, dWx_t, dWh_t, db_t = lstm_step_backward(dh[:, t] + dprev_h, dprev_c, cache[t])
        dWx, dWh, db = dWx + dWx_t, dWh + dWh_t, db + db_t  #! lstm.dWx,dWh,dB: dWx, dWh, db = dWx_t, dWh_t, db_t
    return dx, dprev_h, dWx, dWh, db


def dropout_forward(x, dropout_param):
    p, mode = dropout_param["p"], dropout_param["mode"]
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    mask = None
    out = None
    if mode == "train":
        mask = (np.random.rand(*x.shape) < p) / p  #! dropout.forward: mask = (np.random.randn(*x.shape) < p) / p
        out = x * mask
    elif mode == "test":
        out = x  #! dropout.test: out = x * p
    cache = (dropout_param, mask)
    return out.astype(x.dtype, copy=False), cache


def dropout_backward(dout, cache):
    dropout_param, mask = cache
    mode = dropout_param["mode"]
    dx = None
    if mode == "train":
        dx = dout * mask  #! dropout.dX: dx = dout * (mask > 0)
    elif mode == "test":
        dx = dout
    return dx


def sgd(w, dw, config=None):
    if config is None:
        config = {}
    rate = config.get("learning_rate", 1e-2)
    return w - rate * dw, config  #! sgd.update: return w - dw, config


def sgd_momentum(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("momentum", 0.9)
    v = config.get("velocity", np.zeros_like(w))
    v = config["momentum"] * v - config["learning_rate"] * dw  #! momentum.update: v = 0.9 * v - config["learning_rate"] * dw
    config["velocity"] = v
    return w + v, config


def rmsprop(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("decay_rate", 0.99)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("cache", np.zeros_like(w))
    rho = config["decay_rate"]
    config["cache"] = rho * config["cache"] + (1 - rho) * dw * dw  #! rmsprop.update: config["cache"] = config["cache"] + dw * dw
    return w - config["learning_rate"] * dw / (np.sqrt(config["cache"]) + config["epsilon"]), config


def adam(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-3)
    config.setdefault("beta1", 0.9)
    config.setdefault("beta2", 0.999)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("m", np.zeros_like(w))
    config.setdefault("v", np.zeros_like(w))
    config.setdefault("t", 0)
    b1, b2 = config["beta1"], config["beta2"]
    config["t"] += 1  #! adam.update: config["t"] = 1
    config["m"] = b1 * config["m"] + (1 - b1) * dw
    config["v"] = b2 * config["v"] + (1 - b2) * dw ** 2
    m, v = config["m"] / (1 - b1 ** config["t"]), config["v"] / (1 - b2 ** config["t"])
    return w - config["learning_rate"] * m / (np.sqrt(v) + config["epsilon"]), config


def conv_forward_naive(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    n, _, h, wide = x.shape
    f, _, hh, ww = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    out = np.zeros((n, f, 1 + (h + 2 * p - hh) // s, 1 + (wide + 2 * p - ww) // s))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            part = padded[:, :, i * s:i * s + hh, j * s:j * s + ww]  #! conv2d_stride.forward: part = padded[:, :, i:i + hh, j * s:j * s + ww]
            out[:, :, i, j] = np.tensordot(part, w, ([1, 2, 3], [1, 2, 3])) + b
    return out, (x, w, b, conv_param)


def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    s, p = conv_param["stride"], conv_param["pad"]
    _, _, hh, ww = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    dpadded, dw = np.zeros_like(padded), np.zeros_like(w)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            here = np.s_[:, :, i * s:i * s + hh, j * s:j * s + ww]
            dw += np.tensordot(dout[:, :, i, j], padded[here], (0, 0))
            dpadded[here] += np.tensordot(dout[:, :, i, j], w, (1, 0))
    end = np.s_[:, :, p:p + x.shape[2], p:p + x.shape[3]]
    return dpadded[end], dw, dout.sum(axis=(0, 2, 3))  #! conv2d_padding.dX: return dpadded, dw, dout.sum(axis=(0, 2, 3))


def max_pool_forward_naive(x, pool_param):
    hh, ww, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    n, c, h, w = x.shape
    out = np.zeros((n, c, 1 + (h - hh) // s, 1 + (w - ww) // s))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            out[:, :, i, j] = x[:, :, i * s:i * s + hh, j * s:j * s + ww].max(axis=(2, 3))
    return out, (x, pool_param)


def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    hh, ww, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    dx = np.zeros_like(x)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            here = np.s_[:, :, i * s:i * s + hh, j * s:j * s + ww]
            most = x[here] == x[here].max(axis=(2, 3), keepdims=True)
            dx[here] += most * dout[:, :, i:i + 1, j:j + 1]  #! max_pool2d_overlap.dX: dx[here] = most * dout[:, :, i:i + 1, j:j + 1]
    return dx


def word_embedding_forward(x, W):
    return W[x], (x, W)


def word_embedding_backward(dout, cache):
    x, W = cache
    dW = np.zeros_like(W)
    np.add.at(dW, x, dout)  #! embedding_sequence.dW: dW[x] += dout
    return dW
