# items: spatial_batch_norm
import numpy as np


def batchnorm_forward(x, gamma, beta, bn_param):
    mode = bn_param["mode"]
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    N, D = x.shape
    running_mean = bn_param.get("running_mean", np.zeros(D))
    running_var = bn_param.get("running_var", np.zeros(D))
    cache = None
    if mode == "train":
        mean, var = x.mean(axis=0), x.var(axis=0)
        norm = (x - mean) / np.sqrt(var + eps)
        out, cache = gamma * norm + beta, (norm, gamma, np.sqrt(var + eps))
        running_mean = momentum * running_mean + (1 - momentum) * mean  #! test: running_mean = momentum * running_mean + mean
        running_var = momentum * running_var + (1 - momentum) * var  #! test: running_var = momentum * running_var + var
    elif mode == "test":
        out = gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta
    bn_param["running_mean"], bn_param["running_var"] = running_mean, running_var
    return out, cache


def batchnorm_backward(dout, cache):
    norm, gamma, deviation = cache
    N = len(dout)
    dgamma, dbeta = (dout * norm).sum(axis=0), dout.sum(axis=0)
    dx = gamma / N / deviation * (N * dout - dbeta - norm * dgamma)
    return dx, dgamma, dbeta


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    rows = x.transpose(0, 2, 3, 1).reshape(-1, C)  #! forward,dX,test: rows = x.reshape(-1, C)
    out, cache = batchnorm_forward(rows, gamma, beta, bn_param)
    return out.reshape(N, H, W, C).transpose(0, 3, 1, 2), cache


def spatial_batchnorm_backward(dout, cache):
    N, C, H, W = dout.shape
    rows = dout.transpose(0, 2, 3, 1).reshape(-1, C)
    dx, dgamma, dbeta = batchnorm_backward(rows, cache)
    return dx.reshape(N, H, W, C).transpose(0, 3, 1, 2), dgamma, dbeta
