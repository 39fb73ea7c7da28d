"""Layers in several styles, and how the interpreter's work grows in each: by axis, 1 for linear.

`SAMPLES`: (item, style) -> (sprint, source, orders). Axes that are not named stay constant.
"""

from collections.abc import Iterator
from textwrap import dedent, indent
from typing import Any

Sample = tuple[str, str, dict[str, int]]

_FC = """
class FC:
    def __init__(self, n_nodes1, n_nodes2, initializer, optimizer):
        self.optimizer = optimizer
        self.W = initializer.W(n_nodes1, n_nodes2)
        self.B = initializer.B(n_nodes2)

    def forward(self, X):
        self.X = X
{forward}

    def backward(self, dA):
{backward}
        self.optimizer.update(self)
        return dZ
"""
_ACTIVATION = """
class {name}:
    def forward(self, X):
        self.X = X
{forward}
        self.A = A
        return A

    def backward(self, dA):
        A, X = self.A, self.X
{backward}
"""
_SIMPLE = """
class SimpleConv1d:
    def forward(self, x, w, b):
        self.x, self.w = x, w
        n_out, F = len(x) - len(w) + 1, len(w)
{forward}
        return a

    def backward(self, da):
        x, w = self.x, self.w
        n_out, F = len(da), len(w)
{backward}
        return db, dw, dx
"""
_CONV1D = """
class Conv1d:
    def __init__(self, filter_size, initializer, optimizer, n_in_channels, n_out_channels, stride=1, padding=0):
        self.optimizer, self.stride, self.padding = optimizer, stride, padding
        self.W = initializer.W(n_out_channels, n_in_channels, filter_size)
        self.B = initializer.B(n_out_channels)

    def forward(self, X):
        self.X = X
        X, S = np.pad(X, ((0, 0), (0, 0), (self.padding, self.padding))), self.stride
        self.padded = X
        (N, C, L), (O, _, F) = X.shape, self.W.shape
        M = (L - F) // S + 1
        idx = np.arange(M)[:, None] * S + np.arange(F)
{forward}
        return A

    def backward(self, dA):
        X, S, W = self.padded, self.stride, self.W
        (N, C, L), (O, _, F) = X.shape, W.shape
        M = dA.shape[2]
        idx = np.arange(M)[:, None] * S + np.arange(F)
        dX, self.dW = np.zeros(X.shape), np.zeros(W.shape)
{backward}
        self.dB = dA.sum(axis=(0, 2))
        dX = dX[:, :, self.padding : L - self.padding]
        self.optimizer.update(self)
        return dX
"""
_CONV2D = """
class Conv2d:
    def __init__(self, n_in_channels, n_out_channels, filter_height, filter_width, initializer, optimizer):
        self.optimizer = optimizer
        self.W = initializer.W(n_out_channels, n_in_channels, filter_height, filter_width)
        self.B = initializer.B(n_out_channels)

    def forward(self, X):
        self.X = X
        (N, C, H, Wd), (O, _, K, J) = X.shape, self.W.shape
        Y, Z = H - K + 1, Wd - J + 1
{forward}
        return A

    def backward(self, dA):
        X, W = self.X, self.W
        (N, C, H, Wd), (O, _, K, J) = X.shape, W.shape
        Y, Z = H - K + 1, Wd - J + 1
        dX, self.dW = np.zeros(X.shape), np.zeros(W.shape)
{backward}
        self.dB = dA.sum(axis=(0, 2, 3))
        self.optimizer.update(self)
        return dX
"""
_POOL = """
class {name}:
    def __init__(self, pool_size):
        self.P = pool_size

    def forward(self, X):
        self.X, P = X, self.P
        N, C, H, W = X.shape
        Y, Z = H // P, W // P
{forward}
        return A

    def backward(self, dA):
        X, P = self.X, self.P
        N, C, H, W = X.shape
        Y, Z = H // P, W // P
        dX = np.zeros(X.shape)
{backward}
        return dX
"""
_FLATTEN = """
class Flatten:
    def forward(self, X):
        self.shape = X.shape
        N, C, H, W = X.shape
{forward}

    def backward(self, dA):
        N, C, H, W = self.shape
{backward}
"""


def _written(frame: str, forward: str, backward: str, *, depth: int = 8, **names: str) -> str:
    bodies = {"forward": forward, "backward": backward}
    made = {part: indent(dedent(text).strip("\n"), " " * depth) for part, text in bodies.items()}
    return frame.format(**made, **names)


def _dense() -> Iterator[tuple[str, str, dict[str, int]]]:
    yield "loops", _written(_FC, '''
        A = np.zeros((len(X), len(self.B)))
        for n in range(A.shape[0]):
            for o in range(A.shape[1]):
                A[n, o] = self.B[o]
                for i in range(X.shape[1]):
                    A[n, o] += X[n, i] * self.W[i, o]
        return A
        ''', '''
        dZ, self.dW, self.dB = np.zeros(self.X.shape), np.zeros(self.W.shape), np.zeros(len(self.B))
        for n in range(dA.shape[0]):
            for o in range(dA.shape[1]):
                self.dB[o] += dA[n, o]
                for i in range(dZ.shape[1]):
                    dZ[n, i] += dA[n, o] * self.W[i, o]
                    self.dW[i, o] += dA[n, o] * self.X[n, i]
        '''), {"N": 1, "I": 1, "O": 1}  # fmt: skip
    yield "one loop", _written(_FC, '''
        return np.array([x @ self.W + self.B for x in X])
        ''', '''
        dZ, self.dW, self.dB = dA @ self.W.T, self.X.T @ dA, dA.sum(axis=0)
        '''), {"N": 1}  # fmt: skip
    yield "broadcasting", _written(_FC, '''
        return (X[:, :, None] * self.W).sum(axis=1) + self.B
        ''', '''
        dZ = (dA[:, None, :] * self.W).sum(axis=2)
        self.dW = (self.X[:, :, None] * dA[:, None, :]).sum(axis=0)
        self.dB = dA.sum(axis=0)
        '''), {}  # fmt: skip
    yield "product", _written(_FC, "return X @ self.W + self.B", '''
        dZ, self.dW, self.dB = dA @ self.W.T, self.X.T @ dA, dA.sum(axis=0)
        '''), {}  # fmt: skip


def _activations() -> Iterator[tuple[str, str, str, dict[str, int]]]:
    formulas = {
        "sigmoid": ("Sigmoid", "1 / (1 + np.exp(-{x}))", "{da} * {a} * (1 - {a})"),
        "tanh": ("Tanh", "np.tanh({x})", "{da} * (1 - {a} ** 2)"),
        "relu": ("ReLU", "np.maximum({x}, 0)", "{da} * ({x} > 0)"),
    }
    whole = {"x": "X", "a": "A", "da": "dA"}
    for item, (name, there, back) in formulas.items():
        at = {"x": "X[n, d]", "a": "A[n, d]", "da": "dA[n, d]"}
        yield item, "loops", _written(_ACTIVATION, f'''
            A = np.zeros(X.shape)
            for n in range(X.shape[0]):
                for d in range(X.shape[1]):
                    if X[n, d] > 100:
                        pass
                    A[n, d] = {there.format(**at)}
            ''', f'''
            dX = np.zeros(X.shape)
            for n in range(X.shape[0]):
                for d in range(X.shape[1]):
                    dX[n, d] = {back.format(**at)}
            return dX
            ''', name=name), {"N": 1, "D": 1}  # fmt: skip
        yield item, "one loop", _written(_ACTIVATION, f'''
            A = np.array([{there.format(x="x")} for x in X])
            ''', f"return {back.format(**whole)}", name=name), {"N": 1}  # fmt: skip
        yield item, "vectorize", _written(_ACTIVATION, f'''
            A = np.vectorize(lambda x: {there.format(x="x")})(X)
            ''', f"return {back.format(**whole)}", name=name), {"N": 1, "D": 1}  # fmt: skip
        yield item, "whole arrays", _written(
            _ACTIVATION, f"A = {there.format(**whole)}", f"return {back.format(**whole)}", name=name
        ), {}  # fmt: skip


def _simple() -> Iterator[tuple[str, str, dict[str, int]]]:
    yield "loops", _written(_SIMPLE, '''
        a = np.zeros(n_out)
        for i in range(n_out):
            a[i] = b[0] if np.ndim(b) else b
            for s in range(F):
                a[i] += x[i + s] * w[s]
        ''', '''
        db, dw, dx = da.sum(), np.zeros(F), np.zeros(len(x))
        for i in range(n_out):
            for s in range(F):
                dw[s] += da[i] * x[i + s]
                dx[i + s] += da[i] * w[s]
        '''), {"L": 1, "F": 1}  # fmt: skip
    yield "one loop", _written(_SIMPLE, '''
        a = np.array([x[i : i + F] @ w for i in range(n_out)]) + b
        ''', '''
        db, dw, dx = da.sum(), np.zeros(F), np.zeros(len(x))
        for i in range(n_out):
            dw += da[i] * x[i : i + F]
            dx[i : i + F] += da[i] * w
        '''), {"L": 1}  # fmt: skip
    yield "index array", _written(_SIMPLE, '''
        a = x[np.arange(n_out)[:, None] + np.arange(F)] @ w + b
        ''', '''
        idx = np.arange(n_out)[:, None] + np.arange(F)
        db, dw, dx = da.sum(), da @ x[idx], np.zeros(len(x))
        np.add.at(dx, idx, da[:, None] * w)
        '''), {}  # fmt: skip
    yield "sliding windows", _written(_SIMPLE, '''
        a = np.lib.stride_tricks.sliding_window_view(x, F) @ w + b
        ''', '''
        db, dw = da.sum(), da @ np.lib.stride_tricks.sliding_window_view(x, F)
        dx = np.convolve(da, w)
        '''), {}  # fmt: skip


def _conv1d() -> Iterator[tuple[str, str, dict[str, int]]]:
    yield "loops", _written(_CONV1D, '''
        A = np.zeros((N, O, M))
        for n in range(N):
            for o in range(O):
                for m in range(M):
                    A[n, o, m] = self.B[o]
                    for c in range(C):
                        for f in range(F):
                            A[n, o, m] += X[n, c, m * S + f] * self.W[o, c, f]
        ''', '''
        for n in range(N):
            for o in range(O):
                for m in range(M):
                    for c in range(C):
                        for f in range(F):
                            self.dW[o, c, f] += dA[n, o, m] * X[n, c, m * S + f]
                            dX[n, c, m * S + f] += dA[n, o, m] * W[o, c, f]
        '''), {"N": 1, "C": 1, "O": 1, "F": 1, "L": 1}  # fmt: skip
    yield "one loop", _written(_CONV1D, '''
        A = np.zeros((N, O, M)) + self.B[:, None]
        for m in range(M):
            A[:, :, m] += np.tensordot(X[:, :, m * S : m * S + F], self.W, axes=([1, 2], [1, 2]))
        ''', '''
        for m in range(M):
            self.dW += np.tensordot(dA[:, :, m], X[:, :, m * S : m * S + F], axes=(0, 0))
            dX[:, :, m * S : m * S + F] += np.tensordot(dA[:, :, m], W, axes=(1, 0))
        '''), {"L": 1}  # fmt: skip
    yield "loop over the filter", _written(_CONV1D, '''
        A = np.zeros((N, O, M)) + self.B[:, None]
        for f in range(F):
            A += np.einsum("ncm,oc->nom", X[:, :, f : f + S * M : S][:, :, :M], self.W[:, :, f])
        ''', '''
        for f in range(F):
            part = slice(f, f + S * (M - 1) + 1, S)
            self.dW[:, :, f] = np.einsum("nom,ncm->oc", dA, X[:, :, part])
            dX[:, :, part] += np.einsum("nom,oc->ncm", dA, W[:, :, f])
        '''), {"F": 1}  # fmt: skip
    yield "index array", _written(_CONV1D, '''
        A = (X[:, None, :, idx] * self.W[None, :, :, None, :]).sum(axis=(2, 4)) + self.B[:, None]
        ''', '''
        self.dW = (dA[:, :, None, :, None] * X[:, None, :, idx]).sum(axis=(0, 3))
        shares = (dA[:, :, None, :, None] * W[None, :, :, None, :]).sum(axis=1)
        np.add.at(dX, (slice(None), slice(None), idx), shares)
        '''), {}  # fmt: skip
    yield "tensordot", _written(_CONV1D, '''
        A = np.tensordot(X[:, :, idx], self.W, axes=([1, 3], [1, 2])).transpose(0, 2, 1) + self.B[:, None]
        ''', '''
        self.dW = np.tensordot(dA, X[:, :, idx], axes=([0, 2], [0, 2]))
        np.add.at(dX, (slice(None), slice(None), idx), np.tensordot(dA, W, axes=(1, 0)).transpose(0, 2, 1, 3))
        '''), {}  # fmt: skip


def _conv2d() -> Iterator[tuple[str, str, dict[str, int]]]:
    yield "loops", _written(_CONV2D, '''
        A = np.zeros((N, O, Y, Z))
        for n in range(N):
            for o in range(O):
                for y in range(Y):
                    for z in range(Z):
                        A[n, o, y, z] = self.B[o]
                        for c in range(C):
                            for k in range(K):
                                for j in range(J):
                                    A[n, o, y, z] += X[n, c, y + k, z + j] * self.W[o, c, k, j]
        ''', '''
        for n in range(N):
            for o in range(O):
                for y in range(Y):
                    for z in range(Z):
                        for c in range(C):
                            for k in range(K):
                                for j in range(J):
                                    self.dW[o, c, k, j] += dA[n, o, y, z] * X[n, c, y + k, z + j]
                                    dX[n, c, y + k, z + j] += dA[n, o, y, z] * W[o, c, k, j]
        '''), dict.fromkeys("NCOKJHW", 1)  # fmt: skip
    yield "one loop", _written(_CONV2D, '''
        windows = np.lib.stride_tricks.sliding_window_view(X, (K, J), axis=(2, 3))
        A = np.zeros((N, O, Y, Z))
        for n in range(N):
            A[n] = np.einsum("cyzkj,ockj->oyz", windows[n], self.W) + self.B[:, None, None]
        ''', '''
        windows = np.lib.stride_tricks.sliding_window_view(X, (K, J), axis=(2, 3))
        self.dW = np.einsum("noyz,ncyzkj->ockj", dA, windows)
        padded = np.pad(dA, ((0, 0), (0, 0), (K - 1, K - 1), (J - 1, J - 1)))
        back = np.lib.stride_tricks.sliding_window_view(padded, (K, J), axis=(2, 3))
        dX = np.einsum("noyzkj,ockj->ncyz", back, W[:, :, ::-1, ::-1])
        '''), {"N": 1}  # fmt: skip
    yield "index array", _written(_CONV2D, '''
        rows = (np.arange(Y)[:, None] + np.arange(K))[:, None, :, None]
        columns = (np.arange(Z)[:, None] + np.arange(J))[None, :, None, :]
        A = np.tensordot(X[:, :, rows, columns], self.W, axes=([1, 4, 5], [1, 2, 3]))
        A = A.transpose(0, 3, 1, 2) + self.B[:, None, None]
        ''', '''
        rows = (np.arange(Y)[:, None] + np.arange(K))[:, None, :, None]
        columns = (np.arange(Z)[:, None] + np.arange(J))[None, :, None, :]
        self.dW = np.tensordot(dA, X[:, :, rows, columns], axes=([0, 2, 3], [0, 2, 3]))
        shares = np.tensordot(dA, W, axes=(1, 0)).transpose(0, 3, 1, 2, 4, 5)
        np.add.at(dX, (slice(None), slice(None), rows, columns), shares)
        '''), {}  # fmt: skip
    yield "im2col", _written(_CONV2D, '''
        col = np.zeros((N, C, K, J, Y, Z))
        for k in range(K):
            for j in range(J):
                col[:, :, k, j] = X[:, :, k : k + Y, j : j + Z]
        self.col = col.transpose(0, 4, 5, 1, 2, 3).reshape(N * Y * Z, -1)
        A = (self.col @ self.W.reshape(O, -1).T + self.B).reshape(N, Y, Z, O).transpose(0, 3, 1, 2)
        ''', '''
        flat = dA.transpose(0, 2, 3, 1).reshape(-1, O)
        self.dW = (flat.T @ self.col).reshape(W.shape)
        col = (flat @ W.reshape(O, -1)).reshape(N, Y, Z, C, K, J).transpose(0, 3, 4, 5, 1, 2)
        for k in range(K):
            for j in range(J):
                dX[:, :, k : k + Y, j : j + Z] += col[:, :, k, j]
        '''), {"K": 1, "J": 1}  # fmt: skip


def _pools() -> Iterator[tuple[str, str, str, dict[str, int]]]:
    loops = dict.fromkeys("NCHW", 1)
    nest = """
        {begin}
        for n in range(N):
            for c in range(C):
                for y in range(Y):
                    for z in range(Z):
                        {body}
        """

    def nested(begin: str, body: str) -> str:
        return nest.replace("{begin}", begin).replace("{body}", body)

    window = "X[n, c, y * P : y * P + P, z * P : z * P + P]"
    blocks = "X[:, :, : Y * P, : Z * P].reshape(N, C, Y, P, Z, P)"
    yield "max_pool2d", "loops", _written(
        _POOL,
        nested("A = np.zeros((N, C, Y, Z))", f"A[n, c, y, z] = {window}.max()"),
        nested("", f"part = {window}\n                        k, j = np.unravel_index(part.argmax(), part.shape)\n"
                   "                        dX[n, c, y * P + k, z * P + j] = dA[n, c, y, z]"),
        name="MaxPool2D"), loops  # fmt: skip
    taken = """
        b = X[:, :, : Y * P, : Z * P].reshape(N, C, Y, P, Z, P).transpose(0, 1, 2, 4, 3, 5).reshape(N, C, Y, Z, -1)
        first = np.eye(P * P)[b.argmax(axis=-1)] * dA[..., None]
        first = first.reshape(N, C, Y, Z, P, P).transpose(0, 1, 2, 4, 3, 5)
        dX[:, :, : Y * P, : Z * P] = first.reshape(N, C, Y * P, Z * P)
        """
    yield "max_pool2d", "one loop", _written(
        _POOL, f"A = np.stack([{blocks}[n].max(axis=(2, 4)) for n in range(N)])", taken, name="MaxPool2D"
    ), {"N": 1}  # fmt: skip
    yield "max_pool2d", "index array", _written(_POOL, '''
        rows = (np.arange(Y)[:, None] * P + np.arange(P))[:, None, :, None]
        columns = (np.arange(Z)[:, None] * P + np.arange(P))[None, :, None, :]
        A = X[:, :, rows, columns].max(axis=(4, 5))
        ''', taken, name="MaxPool2D"), {}  # fmt: skip
    yield (
        "max_pool2d",
        "reshape",
        _written(_POOL, f"A = {blocks}.max(axis=(3, 5))", taken, name="MaxPool2D"),
        {},
    )
    yield "average_pool2d", "loops", _written(
        _POOL,
        nested("A = np.zeros((N, C, Y, Z))", f"A[n, c, y, z] = {window}.mean()"),
        nested("", window.replace("X[", "dX[", 1) + " += dA[n, c, y, z] / P**2"),
        name="AveragePool2D"), loops  # fmt: skip
    share = (
        "v = np.repeat(np.repeat(dA, P, axis=2), P, axis=3) / P**2\ndX[:, :, : Y * P, : Z * P] = v"
    )
    yield "average_pool2d", "one loop", _written(
        _POOL, f"A = np.stack([{blocks}[n].mean(axis=(2, 4)) for n in range(N)])", share,
        name="AveragePool2D"), {"N": 1}  # fmt: skip
    yield "average_pool2d", "loop over the window", _written(_POOL, '''
        A = np.zeros((N, C, Y, Z))
        for k in range(P):
            for j in range(P):
                A += X[:, :, k : Y * P : P, j : Z * P : P] / P**2
        ''', share, name="AveragePool2D"), {"D": 2}  # fmt: skip
    yield (
        "average_pool2d",
        "reshape",
        _written(_POOL, f"A = {blocks}.mean(axis=(3, 5))", share, name="AveragePool2D"),
        {},
    )


def _flatten() -> Iterator[tuple[str, str, dict[str, int]]]:
    back = "return dA.reshape(self.shape)"
    yield "loops", _written(_FLATTEN, '''
        A = np.zeros((N, C * H * W))
        for n in range(N):
            for c in range(C):
                for h in range(H):
                    for w in range(W):
                        A[n, (c * H + h) * W + w] = X[n, c, h, w]
        return A
        ''', back), dict.fromkeys("NCHW", 1)  # fmt: skip
    yield "one loop", _written(_FLATTEN, "return np.array([x.ravel() for x in X])", back), {"N": 1}
    yield "index array", _written(_FLATTEN, '''
        return X.ravel()[np.arange(N)[:, None] * (C * H * W) + np.arange(C * H * W)]
        ''', back), {}  # fmt: skip
    yield "reshape", _written(_FLATTEN, "return X.reshape(N, -1)", back), {}


_NORM = """
class {name}:
    def __init__(self, gamma, beta):
        self.gamma, self.beta = gamma, beta

    def forward(self, x):
        self.x = x
        y, (N, D) = np.zeros(x.shape), x.shape
        self.norm, self.std = np.zeros(x.shape), np.zeros({lines})
{forward}
        return y

    def backward(self, dout):
        norm, std, (N, D) = self.norm, self.std, dout.shape
        self.dbeta, self.dgamma = dout.sum(axis=0), (dout * norm).sum(axis=0)
        g, dx = dout * self.gamma, np.zeros(dout.shape)
{backward}
        return dx
"""


def _norms() -> Iterator[tuple[str, str, str, dict[str, int]]]:
    each = "x[{at}]", "norm[{at}]", "g[{at}]"
    for item, name, lines, along in (
        ("layer_norm", "LayerNorm", "N", 1),
        ("batch_norm", "BatchNorm", "D", 0),
    ):
        at = "i" if along else ":, i"
        x, norm, g = (text.format(at=at) for text in each)
        inner = "n, d" if along else "d, n"
        first, second = inner.split(", ")
        once = {"N" if along else "D": 1}
        written: dict[str, Any] = {"name": name, "lines": lines}
        row = "g_row - g_row.mean() - n_row * (n_row * g_row).mean()"
        yield item, "loops", _written(_NORM, f"""
            for {first} in range({first.upper()}):
                line = x[{'n' if along else ':, d'}]
                mean = line.mean()
                self.std[{first}] = np.sqrt(((line - mean) ** 2).mean() + 1e-5)
                for {second} in range({second.upper()}):
                    self.norm[n, d] = (x[n, d] - mean) / self.std[{first}]
                    y[n, d] = self.gamma[d] * self.norm[n, d] + self.beta[d]
            """, f"""
            for {first} in range({first.upper()}):
                line = {'n' if along else 'slice(None), d'}
                m, s = g[line].mean(), (g[line] * norm[line]).mean()
                for {second} in range({second.upper()}):
                    dx[n, d] = (g[n, d] - m - norm[n, d] * s) / std[{first}]
            """, **written), {"N": 1, "D": 1}  # fmt: skip
        yield item, "one loop", _written(_NORM, f"""
            for i in range({lines}):
                self.std[i] = np.sqrt({x}.var() + 1e-5)
                self.{norm} = ({x} - {x}.mean()) / self.std[i]
            y = self.gamma * self.norm + self.beta
            """, f"""
            for i in range({lines}):
                g_row, n_row = {g}, {norm}
                dx[{at}] = ({row}) / std[i]
            """, **written), once  # fmt: skip
        turned = "" if along else ".T"
        yield item, "comprehension", _written(_NORM, f"""
            self.std = np.array([np.sqrt(line.var() + 1e-5) for line in x{turned}])
            mean = x.mean(axis={along}, keepdims=True)
            self.norm = (x - mean) / self.std{'[:, None]' if along else ''}
            y = self.gamma * self.norm + self.beta
            """, f"""
            lines = [({row}) / s for g_row, n_row, s in zip(g{turned}, norm{turned}, std)]
            dx = np.array(lines){turned}
            """, **written), once  # fmt: skip
        kept = f"axis={along}, keepdims=True"
        yield item, "all at once", _written(_NORM, f"""
            self.std = np.sqrt(x.var({kept}) + 1e-5)
            self.norm = (x - x.mean({kept})) / self.std
            y = self.gamma * self.norm + self.beta
            """, f"dx = (g - g.mean({kept}) - norm * (norm * g).mean({kept})) / std",
            **written), {}  # fmt: skip


_STEP = """
def rnn_step_forward(x, prev_h, Wx, Wh, b):
    (N, D), H = x.shape, len(b)
{forward}
    return h, (x, prev_h, Wx, Wh, h)


def rnn_step_backward(dh, cache):
    x, prev_h, Wx, Wh, h = cache
    (N, D), H = x.shape, Wh.shape[0]
    dz = dh * (1 - h**2)
{backward}
    return dx, dprev_h, dWx, dWh, db
"""
_RNN = """
class RNN:
    def __init__(self, Wx, Wh, b):
        self.Wx, self.Wh, self.b = Wx, Wh, b

    def forward(self, x, h0):
        self.x, self.h0, (N, T, D), H = x, h0, x.shape, len(self.b)
        Wx, Wh, b, hs = self.Wx, self.Wh, self.b, np.zeros((N, T, H))
{forward}
        self.hs = hs
        return hs

    def backward(self, dhs):
        x, (N, T, D), H, Wx, Wh = self.x, self.x.shape, len(self.b), self.Wx, self.Wh
        before = np.concatenate([self.h0[:, None], self.hs[:, :-1]], axis=1)
        dzs, dh = np.zeros(dhs.shape), np.zeros((N, H))
{backward}
        self.dh0, self.db = dh, dzs.sum(axis=(0, 1))
        self.dWx, self.dWh = np.tensordot(x, dzs, ((0, 1), (0, 1))), np.tensordot(before, dzs, ((0, 1), (0, 1)))
        return dzs @ Wx.T
"""


def _steps_of_rnn() -> Iterator[tuple[str, str, dict[str, int]]]:
    back = """
        dx, dprev_h, db = dz @ Wx.T, dz @ Wh.T, dz.sum(axis=0)
        dWx, dWh = x.T @ dz, prev_h.T @ dz
        """
    yield "loops", _written(_STEP, """
        h = np.zeros((N, H))
        for n in range(N):
            for k in range(H):
                z = b[k]
                for d in range(D):
                    z += x[n, d] * Wx[d, k]
                for j in range(H):
                    z += prev_h[n, j] * Wh[j, k]
                h[n, k] = np.tanh(z)
        """, back, depth=4), {"N": 1, "D": 1, "H": 2}  # fmt: skip
    yield "one loop", _written(_STEP, """
        h = np.zeros((N, H))
        for n in range(N):
            h[n] = np.tanh(x[n] @ Wx + prev_h[n] @ Wh + b)
        """, back, depth=4), {"N": 1}  # fmt: skip
    yield "comprehension", _written(_STEP, "h = np.tanh(x @ Wx + prev_h @ Wh + b)", """
        dx, dprev_h, db = dz @ Wx.T, dz @ Wh.T, dz.sum(axis=0)
        dWx = sum([np.outer(x[n], dz[n]) for n in range(N)])
        dWh = sum([np.outer(prev_h[n], dz[n]) for n in range(N)])
        """, depth=4), {"N": 1}  # fmt: skip
    at_once = "h = np.tanh(x @ Wx + prev_h @ Wh + b)"
    yield "all at once", _written(_STEP, at_once, back, depth=4), {}


def _rnns() -> Iterator[tuple[str, str, dict[str, int]]]:
    back = """
        for t in reversed(range(T)):
            dzs[:, t] = (dhs[:, t] + dh) * (1 - self.hs[:, t] ** 2)
            dh = dzs[:, t] @ Wh.T
        """
    yield "loops", _written(_RNN, """
        for n in range(N):
            h = h0[n]
            for t in range(T):
                for k in range(H):
                    hs[n, t, k] = np.tanh(x[n, t] @ Wx[:, k] + h @ Wh[:, k] + b[k])
                h = hs[n, t]
        """, back), {"N": 1, "T": 1, "H": 1}  # fmt: skip
    yield "loops over samples and time", _written(_RNN, """
        for n in range(N):
            h = h0[n]
            for t in range(T):
                h = hs[n, t] = np.tanh(x[n, t] @ Wx + h @ Wh + b)
        """, back), {"N": 1, "T": 1}  # fmt: skip
    yield "a function a step", _written(_RNN, """
        def step(h, z):
            return np.tanh(z + h @ Wh)

        h, zs = h0, x @ Wx + b
        hs = np.stack([h := step(h, zs[:, t]) for t in range(T)], axis=1)
        """, back), {"T": 1}  # fmt: skip
    yield "a loop over time", _written(_RNN, """
        h = h0
        for t in range(T):
            h = hs[:, t] = np.tanh(x[:, t] @ Wx + h @ Wh + b)
        """, back), {"T": 1}  # fmt: skip


def _every() -> Iterator[tuple[tuple[str, str], Sample]]:
    for style, source, orders in _dense():
        yield ("fc", style), ("dnn", source, orders)
    for item, style, source, orders in _activations():
        yield (item, style), ("dnn", source, orders)
    for style, source, orders in _simple():
        yield ("simple_conv1d", style), ("cnn1", source, orders)
    for style, source, orders in _conv1d():
        for item in ("conv1d", "conv1d_batch", "conv1d_padding", "conv1d_stride"):
            batch = {} if item == "conv1d_batch" else {"N": 0}
            kept = {axis: order for axis, order in {**orders, **batch}.items() if order}
            yield (item, style), ("cnn1", source, kept)
    for style, source, orders in _conv2d():
        yield ("conv2d", style), ("cnn2", source, orders)
    for item, style, source, orders in _pools():
        yield (item, style), ("cnn2", source, orders)
    for style, source, orders in _flatten():
        yield ("flatten", style), ("cnn2", source, orders)
    for item, style, source, orders in _norms():
        yield (item, style), ("cs231n", source, orders)
    for style, source, orders in _steps_of_rnn():
        yield ("rnn_step", style), ("cs231n", source, orders)
    for style, source, orders in _rnns():
        yield ("rnn", style), ("cs231n", source, orders)
        zero = source.replace("class RNN", "class TimeRNN").replace("x, h0):", "x):")
        start = "h0 = np.zeros((len(x), len(self.b)))\n        self.x, self.h0, (N"
        yield (
            ("rnn_from_zero", style),
            ("saito", zero.replace("self.x, self.h0, (N", start), orders),
        )


SAMPLES = dict(_every())
