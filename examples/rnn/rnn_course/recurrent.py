"""The reference: a recurrent layer of Elman's kind, forward and backward through time.

Source: the sprint's text, a_t = x_t W_x + h_{t-1} W_h + b and h_t = tanh(a_t) with h_0 = 0;
backward is the chain rule from the last step to the first.
"""

import numpy as np


class SimpleRNN:
    """h_t = tanh(x_t W_x + h_{t-1} W_h + b), with h_0 = 0.

    Args:
        W_x: (D, H) weights of the input, D features to H nodes.
        W_h: (H, H) weights of the state of the step before.
        b: (H,) bias.
    """

    def __init__(self, W_x: np.ndarray, W_h: np.ndarray, b: np.ndarray) -> None:
        self.params = {"W_x": W_x, "W_h": W_h, "b": b}
        self.grads: dict[str, np.ndarray] = {}

    def forward(self, x: np.ndarray) -> np.ndarray:
        """The last state, (N, H), for N sequences of T steps, (N, T, D)."""
        self._x = x
        h = self.first_state(x)
        self._states = [h]
        for t in range(x.shape[1]):
            h = np.tanh(x[:, t] @ self.params["W_x"] + h @ self.params["W_h"] + self.params["b"])
            self._states.append(h)
        return h

    def first_state(self, x: np.ndarray) -> np.ndarray:
        """The state before the first step."""
        return np.zeros((len(x), len(self.params["b"])))

    def backward(self, dh: np.ndarray) -> np.ndarray:
        """The gradient of the input, (N, T, D), for that of the last state, (N, H).

        Those of the weights are in `grads` afterwards: sums over samples and steps.
        """
        x, states = self._x, self._states
        dx = np.zeros_like(x)
        self.grads = {name: np.zeros_like(array) for name, array in self.params.items()}
        for t in reversed(range(x.shape[1])):
            da = dh * (1 - states[t + 1] ** 2)
            self.grads["W_x"] += x[:, t].T @ da
            self.grads["W_h"] += states[t].T @ da
            self.grads["b"] += da.sum(axis=0)
            dx[:, t] = da @ self.params["W_x"].T
            dh = da @ self.params["W_h"].T
        return dx
