# item: conv1d
from __future__ import annotations
from typing import Optional

import numpy as np
from numpy import ndarray


class Layer:
    def __init__(self, name: str = "layer") -> None:
        self.name = name


class Conv1d(Layer):
    def __init__(self, *, in_channels: int, out_channels: int, kernel_size: int, stride: int = 1,
                 padding: int = 0, name: str = "conv") -> None:
        super().__init__(name)
        self.stride, self.padding = stride, padding
        self._weight: ndarray = np.random.normal(0, 0.01, (out_channels, in_channels, kernel_size))
        self._bias: ndarray = np.random.normal(0, 0.01, out_channels)
        self._cache: Optional[ndarray] = None

    @property
    def weight(self) -> ndarray:
        return self._weight

    @property
    def bias(self) -> ndarray:
        return self._bias

    def forward(self, inputs: ndarray) -> ndarray:
        padded = np.pad(inputs, [(0, 0), (0, 0), (self.padding, self.padding)])
        self._cache = padded
        k = self.weight.shape[-1]
        windows = np.lib.stride_tricks.sliding_window_view(padded, k, axis=2)[:, :, ::self.stride]
        return np.einsum("nclk,ock->nol", windows, self.weight) + self.bias[:, np.newaxis]

    def backward(self, grad_output: ndarray) -> ndarray:
        k = self.weight.shape[-1]
        windows = np.lib.stride_tricks.sliding_window_view(self._cache, k, axis=2)[:, :, ::self.stride]
        self.weight_grad = np.einsum("nclk,nol->ock", windows, grad_output)
        self.bias_grad = grad_output.sum(axis=(0, 2))
        grad = np.zeros_like(self._cache)
        for i in range(grad_output.shape[2]):
            at = i * self.stride
            grad[:, :, at:at + k] += np.einsum("no,ock->nck", grad_output[:, :, i], self.weight)  #! dX: grad[:, :, at:at + k] = np.einsum("no,ock->nck", grad_output[:, :, i], self.weight)
        return grad[:, :, self.padding:grad.shape[2] - self.padding]
