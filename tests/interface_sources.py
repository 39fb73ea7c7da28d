"""Sources of items in interfaces that are put together at random, right or with one mistake.

Names come from what students write. Each `*_source` function takes the choices, and a mistake
("" for none); the same choices give the same interface around it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.interface_choices import Pick, one, ordered
from tests.interface_sources_dnn import initializer_source, optimizer_source, softmax_source

CORES = {
    "conv1d": """
def _core_forward(x, w, b):
    n, c, length = x.shape
    o, _, f = w.shape
    out = np.zeros((n, o, length - f + 1))
    for i in range(out.shape[2]):
        out[:, :, i] = np.tensordot(x[:, :, i:i + f], w, ([1, 2], [1, 2])) + b
    return out


def _core_backward(x, w, dout):
    f = w.shape[2]
    dx, dw = np.zeros(x.shape), np.zeros(w.shape)
    for i in range(dout.shape[2]):
        dw += np.tensordot(dout[:, :, i], x[:, :, i:i + f], ([0], [0]))
        dx[:, :, i:i + f] += np.tensordot(dout[:, :, i], {w_dx}, 1)
    return dx, {dw}, {db}
""",
    "conv2d": """
def _core_forward(x, w, b):
    o, c, h, k = w.shape
    out = np.zeros((len(x), o, x.shape[2] - h + 1, x.shape[3] - k + 1))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            part = x[:, :, i:i + h, j:j + k]
            out[:, :, i, j] = np.tensordot(part, w, ([1, 2, 3], [1, 2, 3])) + b
    return out


def _core_backward(x, w, dout):
    h, k = w.shape[2:]
    dx, dw = np.zeros(x.shape), np.zeros(w.shape)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            at = np.s_[:, :, i:i + h, j:j + k]
            dw += np.tensordot(dout[:, :, i, j], x[at], ([0], [0]))
            dx[at] += np.tensordot(dout[:, :, i, j], {w_dx}, 1)
    return dx, {dw}, {db}
""",
    "fc": """
def _core_forward(x, w, b):
    return x @ w + b


def _core_backward(x, w, dout):
    dx, dw = dout @ {w_dx}.T, x.T @ dout
    return dx, {dw}, {db}
""",
}
SUMS = {"conv1d": "(0, 2)", "conv2d": "(0, 2, 3)", "fc": "0"}
MISTAKES = ("dX", "dW", "dB")


def core(kind: str, mistake: str) -> str:
    """The layer on canonical arrays, wrong where the mistake says."""
    flipped = "w[..., ::-1]" if kind != "fc" else "(w * 2)"
    parts = {
        "w_dx": flipped if mistake == "dX" else "w",
        "dw": "dw / 3" if mistake == "dW" else "dw",
        "db": "dout.mean() * np.ones(dout.shape[1])" if mistake == "dB"
        else f"dout.sum(axis={SUMS[kind]})",
    }  # fmt: skip
    return CORES[kind].format(**parts)


NAMES = {
    "conv1d": ("Conv1d", "Conv1D", "MyConv1d", "conv1d", "Conv1dLayer"),
    "conv2d": ("Conv2d", "Conv2D", "SimpleConv2d", "conv2d", "Convolution2D"),
    "fc": ("FC", "Affine", "Dense", "fc", "FullyConnected"),
}
SIZES: dict[str, dict[str, tuple[str, ...]]] = {
    "conv1d": {"F": ("filter_size", "F", "f_size", "kernel_size", "FS"),
               "C": ("n_in_channels", "ch_in", "in_channel", "in_channels", "channel_in"),
               "O": ("n_out_channels", "ch_out", "out_channel", "out_channels", "n_filters")},
    "conv2d": {"K": ("filter_h", "fh", "FH", "kernel_height"),
               "J": ("filter_w", "fw", "FW", "kernel_width"),
               "C": ("n_in_channels", "ch_in", "in_channels", "n_channels", "C"),
               "O": ("n_out_channels", "ch_out", "filter_num", "n_filters", "out_channels")},
    "fc": {"I": ("n_nodes1", "n_in", "input_dim", "in_features", "n_input"),
           "O": ("n_nodes2", "n_out", "output_dim", "out_features", "n_output")},
}  # fmt: skip
# (axes of the weight as kept, how the canonical one is got from it, and back)
WEIGHTS = {
    "conv1d": (("O, C, F", "{}", "{}"),
               ("F, C, O", "{}.transpose(2, 1, 0)", "{}.transpose(2, 1, 0)")),
    "conv2d": (("O, C, K, J", "{}", "{}"),
               ("K, J, C, O", "{}.transpose(3, 2, 0, 1)", "{}.transpose(2, 3, 1, 0)")),
    "fc": (("I, O", "{}", "{}"),),
}  # fmt: skip
INPUTS = {
    "conv1d": (("{}", "{}"), ("{}[None]", "{}[0]"), ("{}.transpose(0, 2, 1)",) * 2),
    "conv2d": (("{}", "{}"), ("{}.transpose(0, 3, 1, 2)", "{}.transpose(0, 2, 3, 1)")),
    "fc": (("{}", "{}"),),
}


def layer_source(kind: str, pick: Pick, mistake: str) -> str:
    """A layer with weights: where they come from, where the gradients go, which layout."""
    sizes = {axis: pick(*names) for axis, names in SIZES[kind].items()}
    order = ordered(pick, list(sizes))
    kept, to_core, from_core = one(pick, WEIGHTS[kind])
    shape = kept
    for axis, name in sizes.items():
        shape = ", ".join(name if part == axis else part for part in shape.split(", "))
    x_in, x_out = one(pick, INPUTS[kind])
    x, da = pick("X", "x", "Z", "inputs"), pick("dA", "da", "dout", "delta_a", "dY")
    w, b = one(pick, (("W", "B"), ("w", "b"), ("weight", "bias"), ("W", "b")))
    gw, gb = one(pick, (("dW", "dB"), ("LW", "LB"), ("grad_w", "grad_b"), ("dw", "db")))
    forward, backward = one(
        pick, (("forward", "backward"), ("_forward", "_backward"), ("fp", "bp"),
               ("forward_propagation", "back_propagation"), ("__call__", "backward"))
    )  # fmt: skip
    source = pick("constructor", "initializer", "call", "attribute", "dict", "lazy", "function")
    results = pick("attribute", "return", "dict", "update", "optimizer", "two_optimizers")
    if source in ("call", "function") and results not in ("attribute", "return"):
        results = "return"
    if source == "function":
        results = "return"
    loose = pick("", "star", "hint")
    own_w, own_b = ("self.params['W']", "self.params['b']") if source == "dict" else (
        f"self.{w}", f"self.{b}")  # fmt: skip
    head = f"import numpy as np\n{core(kind, mistake)}\n\n"
    used_w, used_b = (w, b) if source in ("call", "function") else (own_w, own_b)
    order_back = ordered(pick, ["dx", "dw", "db"])
    inner = [
        f"dx, dw, db = _core_backward({{kept}}, {to_core.format('{w}')}, {x_in.format(da)})",
        f"dx, dw = {x_out.format('dx')}, {from_core.format('dw')}",
    ]
    if source == "function":
        stem = NAMES[kind][0].lower().replace("fc", "affine")
        return head + "\n".join([
            f"def {stem}_forward({x}, {w}, {b}):",
            f"    out = {x_out.format(f'_core_forward({x_in.format(x)}, {to_core.format(w)}, {b})')}",
            f"    return out, ({x}, {w})", "", "",
            f"def {stem}_backward({da}, cache):",
            f"    {x}, {w} = cache",
            *("    " + line.format(kept=x_in.format(x), w=w) for line in inner),
            f"    return {', '.join(order_back)}", "",
        ])  # fmt: skip
    lines = [f"class {pick(*NAMES[kind])}:"]
    optimizer = {"optimizer": ["optimizer"], "two_optimizers": ["optimizer"],
                 "update": [pick("lr=0.01", "learning_rate=0.01", "eta=0.01")]}.get(results, [])  # fmt: skip
    lines += _constructor(pick, source, order, sizes, shape, w, b, own_w, own_b, optimizer, loose)
    if results == "two_optimizers":
        lines += ["        self.opt1 = copy.deepcopy(optimizer)",
                  "        self.opt2 = copy.deepcopy(optimizer)"]  # fmt: skip
        head = "import copy\n" + head
    given = f", {w}, {b}" if source == "call" else ""
    lines += ["", f"    def {forward}(self, {x}{given}):"]
    if source == "lazy":
        dims = {"conv1d": "{x}.shape[1]", "conv2d": "{x}.shape[1]", "fc": "{x}.shape[1]"}[kind]
        first = "C" if kind != "fc" else "I"
        known = shape.replace(sizes[first], dims.format(x=f"{x_in.format(x)}"))
        for name in (n for a, n in sizes.items() if a != first):
            known = ", ".join(f"self.{p}" if p == name else p for p in known.split(", "))
        lines += [f"        if {own_w} is None:",
                  f"            {own_w} = np.random.randn({known})",
                  f"            {own_b} = np.zeros(self.{sizes['O']})"]  # fmt: skip
    if source == "call":
        lines.append(f"        self._w = {w}")
    lines += [
        f"        self.kept = {x_in.format(x)}",
        f"        out = _core_forward(self.kept, {to_core.format(used_w)}, {used_b})",
        f"        return {x_out.format('out')}", "",
        f"    def {backward}(self, {da}):",
    ]  # fmt: skip
    back_w = "self._w" if source == "call" else own_w
    lines += ["        " + line.format(kept="self.kept", w=back_w) for line in inner]
    lines += [
        "        " + line for line in _results(results, own_w, own_b, gw, gb, optimizer, order_back)
    ]
    return head + "\n".join(lines) + "\n"


def _constructor(
    pick: Pick, source: str, order: list[str], sizes: dict[str, str], shape: str, w: str, b: str,
    own_w: str, own_b: str, optimizer: list[str], loose: str,
) -> Iterator[str]:  # fmt: skip
    names = [sizes[a] for a in order]
    lines = []
    if source == "call":
        parameters = []
        lines.append("self.kept = None")
    elif source == "constructor":
        parameters = [w, b]
        lines.append(f"{own_w}, {own_b} = {w}, {b}")
    elif source == "lazy":
        first = "C" if "C" in sizes else "I"
        parameters = [sizes[a] for a in order if a != first]
        lines += [f"self.{p} = {p}" for p in parameters] + [f"{own_w} = {own_b} = None"]
    else:
        parameters = names + (["initializer"] if source == "initializer" else [])
        if source == "dict":
            lines.append("self.params = {}")
        made = (f"initializer.W({shape})", f"initializer.B({sizes['O']})")
        if source != "initializer":
            made = (f"np.random.randn({shape})", f"np.zeros({sizes['O']})")
        lines += [f"{own_w} = {made[0]}", f"{own_b} = {made[1]}"]
    if optimizer:
        name = optimizer[0].partition("=")[0]
        lines.append(f"self.{name} = {name}")
    if loose == "hint" and source not in ("call", "constructor"):
        parameters = [f"{p}: int" if p in names else p for p in parameters]
    every = [*parameters, *optimizer]
    if loose == "star" and every:
        every = ["*", *every]
    yield f"    def __init__({', '.join(['self', *every])}):"
    yield from ("        " + line for line in lines)


def _results(
    results: str, own_w: str, own_b: str, gw: str, gb: str, optimizer: list[str], order: list[str]
) -> list[str]:
    if results == "attribute":
        return [f"self.{gw}, self.{gb} = dw, db", "return dx"]
    if results == "dict":
        return ["self.grads = {'W': dw, 'b': db}", "return dx"]
    if results == "return":
        return [f"return {', '.join(order)}"]
    if results == "optimizer":
        return [f"self.{gw}, self.{gb} = dw, db", "self.optimizer.update(self)", "return dx"]
    if results == "two_optimizers":
        return [f"{own_w} = self.opt1.update({own_w}, dw)",
                f"{own_b} = self.opt2.update({own_b}, db)", "return dx"]  # fmt: skip
    rate = "self." + optimizer[0].partition("=")[0]
    return [f"{own_w} = {own_w} - {rate} * dw", f"{own_b} = {own_b} - {rate} * db", "return dx"]


def pool_source(kind: str, pick: Pick, mistake: str) -> str:
    """Max or average pooling."""
    is_max = kind == "max_pool2d"
    name = pick(*(("MaxPool2D", "MaxPooling", "max_pool", "Pooling") if is_max
                  else ("AveragePool2D", "AvgPool", "MeanPooling")))  # fmt: skip
    size = pick("pool_size", "size", "kernel_size", "f", "ph_pw", "pair", "stride")
    last = pick("", "channels_last") == "channels_last"
    forward, backward = one(
        pick, (("forward", "backward"), ("_forward", "_backward"), ("__call__", "back"))
    )
    x, da = pick("X", "x", "A"), pick("dA", "dout", "dZ")
    head = {"ph_pw": ("pool_h, pool_w", "pool_h, pool_w"), "pair": ("pool_size=(2, 2)", "pool_size"),
            "stride": ("pool_size, stride", "pool_size, pool_size")}  # fmt: skip
    parameters, value = head.get(size, (size, f"{size}, {size}"))
    to = "{}.transpose(0, 3, 1, 2)" if last else "{}"
    back = "{}.transpose(0, 2, 3, 1)" if last else "{}"
    if is_max:
        reduced, share = (
            "part.max(axis=(2, 3))",
            "(part == part.max(axis=(2, 3), keepdims=True)) * g",
        )
        wrong = {"forward": "part[:, :, 0, 0]", "dX": "np.ones(part.shape) * g"}
    else:
        reduced, share = "part.mean(axis=(2, 3))", "np.ones(part.shape) * g / (self.h * self.w)"
        wrong = {"forward": "part.sum(axis=(2, 3))", "dX": "np.ones(part.shape) * g"}
    if mistake == "forward":
        reduced = wrong["forward"]
    if mistake == "dX":
        share = wrong["dX"]
    return f"""import numpy as np


class {name}:
    def __init__(self, {parameters}):
        self.h, self.w = {value}

    def {forward}(self, {x}):
        self.x = {to.format(x)}
        n, c, h, w = self.x.shape
        out = np.zeros((n, c, h // self.h, w // self.w))
        for i in range(out.shape[2]):
            for j in range(out.shape[3]):
                part = self.x[:, :, i * self.h:(i + 1) * self.h, j * self.w:(j + 1) * self.w]
                out[:, :, i, j] = {reduced}
        return {back.format("out")}

    def {backward}(self, {da}):
        dout, dx = {to.format(da)}, np.zeros(self.x.shape)
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                at = np.s_[:, :, i * self.h:(i + 1) * self.h, j * self.w:(j + 1) * self.w]
                part, g = self.x[at], dout[:, :, i:i + 1, j:j + 1]
                dx[at] = {share}
        return {back.format("dx")}
"""


# item -> (its source, the facets that a mistake may be in)
SOURCES: dict[str, tuple[Callable[[str, Pick, str], str], tuple[str, ...]]] = {
    "conv1d": (layer_source, MISTAKES),
    "fc": (layer_source, MISTAKES),
    "conv2d": (layer_source, MISTAKES),
    "max_pool2d": (pool_source, ("forward", "dX")),
    "average_pool2d": (pool_source, ("forward", "dX")),
    "sgd": (optimizer_source, ("update",)),
    "adagrad": (optimizer_source, ("update",)),
    "simple_initializer": (initializer_source, ("forward",)),
    "xavier_initializer": (initializer_source, ("forward",)),
    "he_initializer": (initializer_source, ("forward",)),
    "softmax": (softmax_source, ("dX",)),
}
