"""Sources of optimisers, initialisers and softmax in interfaces that are put together at random."""

from __future__ import annotations

from textwrap import indent

from tests.interface_choices import Pick, one


def optimizer_source(kind: str, pick: Pick, mistake: str) -> str:
    """SGD or AdaGrad, and a dense layer that uses it where it works on layers."""
    name = pick(
        *(
            ("SGD", "Sgd", "StochasticGradientDescent")
            if kind == "sgd"
            else ("AdaGrad", "Adagrad", "ADAGRAD")
        )
    )
    lr = pick("lr", "learning_rate", "eta", "alpha")
    update = pick("update", "step", "update_params", "__call__")
    style = pick("layer", "dicts", "lists", "pair", "pair_back", "four")
    w, b, gw, gb = one(
        pick, (("W", "B", "dW", "dB"), ("w", "b", "grad_w", "grad_b"), ("W", "b", "dW", "db"))
    )
    default = pick("", "=0.01")
    step = f"self.{lr} * {{g}}"
    state = ""
    if kind == "adagrad":
        state = "self.h[{k}] = self.h.get({k}, 0) + {g} ** 2"
        step = f"self.{lr} * {{g}} / (np.sqrt(self.h[{{k}}]) + 1e-8)"
    if mistake:
        step = {"sgd": "{g}", "adagrad": f"self.{lr} * {{g}} / (self.h[{{k}}] + 1e-8)"}[kind]

    def move(target: str, grad: str, key: str) -> list[str]:
        made = [state.format(k=key, g=grad)] if state else []
        return [*made, f"{target} -= {step.format(g=grad, k=key)}"]

    if style == "layer":
        signature = "layer"
        body = [
            *move(f"layer.{w}", f"layer.{gw}", "'w'"),
            *move(f"layer.{b}", f"layer.{gb}", "'b'"),
        ]
    elif style == "dicts":
        signature = "params, grads"
        body = [
            "for key in params:",
            *("    " + line for line in move("params[key]", "grads[key]", "key")),
        ]
    elif style == "lists":
        signature = "params, grads"
        body = ["for i, (p, g) in enumerate(zip(params, grads)):",
                *("    " + line for line in move("p", "g", "i"))]  # fmt: skip
    elif style == "four":
        signature = f"{w}, {b}, {gw}, {gb}"
        body = [
            f"{w}, {b} = {w}.copy(), {b}.copy()",
            *move(w, gw, "'w'"),
            *move(b, gb, "'b'"),
            f"return {w}, {b}",
        ]
    else:
        first, second = ("param", "grad") if style == "pair" else ("grad", "param")
        signature = f"{first}, {second}"
        body = ["param = param.copy()", *move("param", "grad", "0"), "return param"]
    source = f"import numpy as np\n\n\nclass {name}:\n    def __init__(self, {lr}{default}):\n        self.{lr}, self.h = {lr}, {{}}\n\n"
    source += f"    def {update}(self, {signature}):\n{indent(chr(10).join(body), ' ' * 8)}\n"
    if style == "layer" and pick("", "with_layer"):
        call = "self.optimizer" + ("" if update == "__call__" else f".{update}") + "(self)"
        source += f"""

class FC:
    def __init__(self, n_nodes1, n_nodes2, initializer, optimizer):
        self.optimizer = optimizer
        self.{w}, self.{b} = initializer.W(n_nodes1, n_nodes2), initializer.B(n_nodes2)

    def forward(self, X):
        self.X = X
        return X @ self.{w} + self.{b}

    def backward(self, dA):
        dZ = dA @ self.{w}.T
        self.{gw}, self.{gb} = self.X.T @ dA, dA.sum(axis=0)
        {call}
        return dZ
"""
    return source


def initializer_source(kind: str, pick: Pick, mistake: str) -> str:
    """One of the three initialisers."""
    stem = {"simple_initializer": "Simple", "xavier_initializer": "Xavier", "he_initializer": "He"}[
        kind
    ]
    name = stem + pick("Initializer", "Initialization", "Init")
    weight, bias = one(pick, (("W", "B"), ("w", "b"), ("weight", "bias"), ("init_w", "init_b")))
    n_in, n_out = one(
        pick, (("n_nodes1", "n_nodes2"), ("n_in", "n_out"), ("input_dim", "output_dim"))
    )
    form = pick("two", "shape", "layer", "star")
    zeros = pick("zeros", "draw")
    drawn = pick(
        "np.random.randn(*{s})",
        "np.random.normal(0, 1, {s})",
        "np.random.standard_normal(size={s})",
    )
    shape = {"two": f"({n_in}, {n_out})", "shape": "shape", "layer": f"(layer.{n_in}, layer.{n_out})",
             "star": "shape"}[form]  # fmt: skip
    given = {"two": f"{n_in}, {n_out}", "shape": "shape", "layer": "layer", "star": "*shape"}[form]
    fan = {"two": n_in, "shape": "shape[0]", "layer": f"layer.{n_in}", "star": "shape[0]"}[form]
    out = {"layer": f"layer.{n_out}"}.get(form, n_out)
    scale = {"Simple": "self.sigma", "Xavier": f"1 / np.sqrt({fan})", "He": f"np.sqrt(2 / {fan})"}[
        stem
    ]
    if mistake:
        scale = {"Simple": "self.sigma ** 2", "Xavier": f"1 / {fan}", "He": f"np.sqrt(1 / {fan})"}[
            stem
        ]
    made = f"np.zeros({out})" if zeros == "zeros" else f"0.01 * np.random.randn({out})"
    start = ""
    if stem == "Simple":
        sigma = pick("sigma", "std", "σ")
        start = f"    def __init__(self, {sigma}=0.01):\n        self.sigma = {sigma}\n\n"
    take = "layer" if form == "layer" else n_out
    return f"""import numpy as np


class {name}:
{start}    def {weight}(self, {given}):
        return {scale} * {drawn.format(s=shape)}

    def {bias}(self, {take}):
        return {made}
"""


def softmax_source(kind: str, pick: Pick, mistake: str) -> str:
    """Softmax in its forms."""
    form = pick("plain", "both", "both_back", "loss", "tuple", "stored", "functions")
    a, z, y = pick("A", "a", "x"), pick("Z", "z", "pred"), pick("Y", "y", "t")
    mean = pick("", f" / len({y})")
    own = "self." if form != "functions" else ""
    gradient = {"plain": f"self.z - {y}", "loss": f"self.z - self.{y}"}.get(form, f"{z} - {y}")
    if mistake:
        gradient = f"({gradient}) * 2 - 1"
    if form == "loss":
        mean = mean.replace(y, f"self.{y}")
    value = f"({gradient}){mean}"
    lines = [
        f"e = np.exp({a} - {a}.max(axis=1, keepdims=True))",
        f"{own or ''}z = e / e.sum(axis=1, keepdims=True)",
    ]
    if form == "functions":
        return "\n".join(["import numpy as np", "", "", f"def softmax({a}):", *("    " + x for x in lines), "    return z", "", "",
                          f"def softmax_backward({z}, {y}):", f"    return {value}", ""])  # fmt: skip
    name = pick("Softmax", "SoftMax", "SoftmaxWithLoss", "softmax")
    forward, backward = one(
        pick, (("forward", "backward"), ("__call__", "back"), ("_forward", "_backward"))
    )
    given = {
        "plain": y,
        "both": f"{z}, {y}",
        "both_back": f"{y}, {z}",
        "loss": "dout=1",
        "tuple": f"{z}, {y}",
        "stored": f"{z}, {y}",
    }[form]
    taken = f"{a}, {y}" if form == "loss" else a
    if form == "loss":
        lines += [f"self.{y} = {y}", f"return -np.sum({y} * np.log(self.z + 1e-12)) / len({y})"]
    else:
        lines.append("return self.z")
    result = {"tuple": [f"loss = -np.sum({y} * np.log({z}))", f"return {value}, loss"],
              "stored": [f"self.dA = {value}"]}.get(form, [f"return {value}"])  # fmt: skip
    return "\n".join(["import numpy as np", "", "", f"class {name}:", f"    def {forward}(self, {taken}):",
                      *("        " + x for x in lines), "", f"    def {backward}(self, {given}):",
                      *("        " + x for x in result), ""])  # fmt: skip
