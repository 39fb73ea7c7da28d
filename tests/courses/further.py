# items: dilated_conv2d depthwise_conv2d transposed_conv2d attention causal_attention multi_head_attention masked_attention positional_encoding
import numpy as np


class DilatedConv2d:
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, bias=True):
        self.k, self.stride, self.padding, self.dilation = kernel_size, stride, padding, dilation
        self.weight = np.random.randn(out_channels, in_channels, kernel_size, kernel_size)
        self.bias = np.zeros(out_channels)

    def forward(self, x):
        self.x = x
        N, C, H, W = x.shape
        reach = self.dilation * (self.k - 1) + 1
        oh, ow = H - reach + 1, W - reach + 1
        out = np.zeros((N, len(self.weight), oh, ow))
        for i in range(oh):
            for j in range(ow):
                patch = x[:, :, i:i + reach:self.dilation, j:j + reach:self.dilation]
                out[:, :, i, j] = np.tensordot(patch, self.weight, axes=([1, 2, 3], [1, 2, 3])) + self.bias  #! dilated_conv2d.forward: out[:, :, i, j] = np.tensordot(patch, self.weight[:, :, ::-1, ::-1], axes=([1, 2, 3], [1, 2, 3])) + self.bias
        return out

    def backward(self, dout):
        self.dweight, self.dbias = np.zeros_like(self.weight), dout.sum(axis=(0, 2, 3))
        dx = np.zeros_like(self.x)
        reach, d = self.dilation * (self.k - 1) + 1, self.dilation
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                g = dout[:, :, i, j]
                patch = self.x[:, :, i:i + reach:d, j:j + reach:d]
                self.dweight += np.tensordot(g, patch, axes=([0], [0]))  #! dilated_conv2d.dW: self.dweight += np.tensordot(g, self.x[:, :, i:i + self.k, j:j + self.k], axes=([0], [0]))
                dx[:, :, i:i + reach:d, j:j + reach:d] += np.tensordot(g, self.weight, axes=([1], [0]))  #! dilated_conv2d.dX: dx[:, :, i:i + reach:d, j:j + reach:d] = np.tensordot(g, self.weight, axes=([1], [0]))
        return dx


class DepthwiseConv2d:
    def __init__(self, in_channels, kernel_size, stride=1, padding=0):
        self.k, self.stride, self.padding = kernel_size, stride, padding
        self.W = np.random.randn(in_channels, 1, kernel_size, kernel_size) * 0.1
        self.b = np.zeros(in_channels)

    def forward(self, x):
        self.x = x
        N, C, H, W = x.shape
        oh, ow = H - self.k + 1, W - self.k + 1
        out = np.zeros((N, C, oh, ow))
        for c in range(C):
            for i in range(oh):
                for j in range(ow):
                    window = x[:, c, i:i + self.k, j:j + self.k]
                    out[:, c, i, j] = np.sum(window * self.W[c, 0], axis=(1, 2)) + self.b[c]  #! depthwise_conv2d.forward: out[:, c, i, j] = np.sum(window * self.W[0, 0], axis=(1, 2)) + self.b[c]
        return out

    def backward(self, dout):
        self.dW, self.db, dx = np.zeros_like(self.W), np.zeros_like(self.b), np.zeros_like(self.x)
        for c in range(self.x.shape[1]):
            self.db[c] = dout[:, c].sum()  #! depthwise_conv2d.dB: self.db[c] = dout[-1, c].sum()
            for s in range(self.k):
                for t in range(self.k):
                    window = self.x[:, c, s:s + dout.shape[2], t:t + dout.shape[3]]
                    self.dW[c, 0, s, t] = np.sum(window * dout[:, c])
                    dx[:, c, s:s + dout.shape[2], t:t + dout.shape[3]] += self.W[c, 0, s, t] * dout[:, c]  #! depthwise_conv2d.dX: dx[:, c, s:s + dout.shape[2], t:t + dout.shape[3]] += self.W[c, 0, -1 - s, -1 - t] * dout[:, c]
        return dx


class ConvTranspose2d:
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        self.k, self.stride, self.padding = kernel_size, stride, padding
        self.weight = np.random.randn(in_channels, out_channels, kernel_size, kernel_size)
        self.bias = np.zeros(out_channels)

    def forward(self, x):
        self.x = x
        N, C, H, W = x.shape
        s, k = self.stride, self.k
        out = np.zeros((N, self.weight.shape[1], (H - 1) * s + k, (W - 1) * s + k))
        for i in range(H):
            for j in range(W):
                out[:, :, i * s:i * s + k, j * s:j * s + k] += np.tensordot(x[:, :, i, j], self.weight, axes=([1], [0]))  #! transposed_conv2d.forward: out[:, :, i * s:i * s + k, j * s:j * s + k] = np.tensordot(x[:, :, i, j], self.weight, axes=([1], [0]))
        return out + self.bias[None, :, None, None]

    def backward(self, dout):
        s, k = self.stride, self.k
        dx = np.zeros_like(self.x)
        self.dweight, self.dbias = np.zeros_like(self.weight), dout.sum(axis=(0, 2, 3))
        for i in range(self.x.shape[2]):
            for j in range(self.x.shape[3]):
                window = dout[:, :, i * s:i * s + k, j * s:j * s + k]
                dx[:, :, i, j] = np.tensordot(window, self.weight, axes=([1, 2, 3], [1, 2, 3]))  #! transposed_conv2d.dX: dx[:, :, i, j] = np.tensordot(window, self.weight[:, :, ::-1, ::-1], axes=([1, 2, 3], [1, 2, 3]))
                self.dweight += np.tensordot(self.x[:, :, i, j], window, axes=([0], [0]))  #! transposed_conv2d.dW: self.dweight = np.tensordot(self.x[:, :, i, j], window, axes=([0], [0]))
        return dx


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


class ScaledDotProductAttention:
    def forward(self, Q, K, V):
        self.Q, self.K, self.V = Q, K, V
        self.d_k = K.shape[-1]
        self.A = softmax(Q @ K.transpose(0, 2, 1) / np.sqrt(self.d_k))  #! attention.forward,dX,dK: self.A = softmax(Q @ K.transpose(0, 2, 1) / self.d_k)
        return self.A @ V

    def backward(self, dout):
        dV = self.A.transpose(0, 2, 1) @ dout
        dA = dout @ self.V.transpose(0, 2, 1)
        dS = self.A * (dA - np.sum(dA * self.A, axis=-1, keepdims=True))  #! attention.dX,dK: dS = self.A * (1 - self.A) * dA
        dS = dS / np.sqrt(self.d_k)
        dQ = dS @ self.K
        dK = dS.transpose(0, 2, 1) @ self.Q
        return dQ, dK, dV  #! attention.dV: return dQ, dK, dV / 2


def causal_attention_forward(q, k, v):
    scores = np.einsum("ntd,nsd->nts", q, k) / np.sqrt(q.shape[-1])
    mask = np.triu(np.ones(scores.shape[1:]), k=1)
    weights = softmax(scores - 1e9 * mask)  #! causal_attention.forward,dX,dK,dV: weights = softmax(scores * (1 - mask))
    return np.einsum("nts,nse->nte", weights, v), (q, k, v, weights)


def causal_attention_backward(dout, cache):
    q, k, v, weights = cache
    dv = np.einsum("nts,nte->nse", weights, dout)
    dw = np.einsum("nte,nse->nts", dout, v)
    ds = weights * (dw - (dw * weights).sum(-1, keepdims=True)) / np.sqrt(q.shape[-1])
    return np.einsum("nts,nsd->ntd", ds, k), np.einsum("nts,ntd->nsd", ds, q), dv  #! causal_attention.dX: return np.einsum("nts,nsd->ntd", ds, q), np.einsum("nts,ntd->nsd", ds, q), dv


class MultiHeadAttention:
    def __init__(self, d_model, num_heads):
        self.h, self.d_k = num_heads, d_model // num_heads
        self.W_q = np.random.randn(d_model, d_model) / np.sqrt(d_model)
        self.W_k = np.random.randn(d_model, d_model) / np.sqrt(d_model)
        self.W_v = np.random.randn(d_model, d_model) / np.sqrt(d_model)
        self.W_o = np.random.randn(d_model, d_model) / np.sqrt(d_model)

    def split(self, x):
        N, T, D = x.shape
        return x.reshape(N, T, self.h, self.d_k).transpose(0, 2, 1, 3)

    def merge(self, x):
        N, h, T, d = x.shape
        return x.transpose(0, 2, 1, 3).reshape(N, T, h * d)

    def forward(self, x):
        self.x = x
        self.q, self.k, self.v = self.split(x @ self.W_q), self.split(x @ self.W_k), self.split(x @ self.W_v)
        self.a = softmax(self.q @ self.k.swapaxes(-1, -2) / np.sqrt(self.d_k))  #! multi_head_attention.forward,dX,dWq,dWk: self.a = softmax(self.q @ self.k.swapaxes(-1, -2) / np.sqrt(self.h * self.d_k))
        self.context = self.merge(self.a @ self.v)
        return self.context @ self.W_o

    def backward(self, dout):
        self.dW_o = np.einsum("nti,ntj->ij", self.context, dout)
        d = self.split(dout @ self.W_o.T)
        dv = self.a.swapaxes(-1, -2) @ d
        da = d @ self.v.swapaxes(-1, -2)
        ds = self.a * (da - (da * self.a).sum(-1, keepdims=True)) / np.sqrt(self.d_k)
        dq, dk, dv = self.merge(ds @ self.k), self.merge(ds.swapaxes(-1, -2) @ self.q), self.merge(dv)
        self.dW_q = np.einsum("nti,ntj->ij", self.x, dq)
        self.dW_k = np.einsum("nti,ntj->ij", self.x, dk)  #! multi_head_attention.dWk: self.dW_k = np.einsum("nti,ntj->ij", self.x, dv)
        self.dW_v = np.einsum("nti,ntj->ij", self.x, dv)
        return dq @ self.W_q.T + dk @ self.W_k.T + dv @ self.W_v.T  #! multi_head_attention.dX: return dq @ self.W_q.T


def scaled_dot_product_attention(q, k, v, mask=None):
    scores = np.matmul(q, np.swapaxes(k, -1, -2)) / np.sqrt(q.shape[-1])
    if mask is not None:
        scores = np.where(mask, -1e9, scores)  #! masked_attention.forward: scores = np.where(mask, 0, scores)
    weights = softmax(scores)
    return np.matmul(weights, v), weights


def positional_encoding(seq_len, d_model):
    pe = np.zeros((seq_len, d_model))
    for pos in range(seq_len):
        for i in range(0, d_model, 2):
            angle = pos / 10000 ** (i / d_model)  #! positional_encoding.forward: angle = pos / 10000 ** (2 * i / d_model)
            pe[pos, i], pe[pos, i + 1] = np.sin(angle), np.cos(angle)
    return pe
