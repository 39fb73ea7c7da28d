"""Optimisers that keep what they move: what is wrong stays wrong by whatever way they take it.

The right ones, and a wrong twin of each, are in `interfaces/optimizer_*.py`.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from graders.binding.definitions import Definition, read_definitions
from graders.kinds.optimizer.handing import update_of
from graders.kinds.optimizer.objects import Door, takings
from graders.kinds.optimizer.reading import Node, reading
from graders.submission import read_submission
from tests.test_interfaces import MODULES, judged
from tests.twins import told

NEXT = "\n            "


@pytest.mark.parametrize(
    ("module", "item", "right", "wrong"),
    [
        ("of_parameters", "sgd", "self.lr * p.grad", "self.lr * self.lr * p.grad"),
        (
            "of_parameters",
            "sgd",
            f"in self.params:{NEXT}p.data",
            f"in self.params[:1]:{NEXT}p.data",
        ),
        ("of_parameters", "adagrad", "self.eps)", "1e-2)"),
        ("of_parameters", "adagrad", "zip(self.params, self.h)", "zip(self.params, self.h[:1])"),
        ("of_tensors", "sgd", "self.lr * g", "0.01 * g"),
        ("of_tensors", "sgd", "weight_decay=0.0", "weight_decay=0.1"),
        ("of_tensors", "adagrad", "self.h.get(i, 0)", "self.h.get(0, 0)"),
        ("of_model_layers", "sgd", "range(self.L):", "range(1, self.L):"),
        ("of_model_layers", "adagrad", "self.hW[i] +", "self.hW[0] +"),
        ("learning_rules", "sgd", "zip(self.params, ", "zip(self.params[:1], "),
        ("set_up", "adagrad", "h += grad * grad", "h += (self.lr * grad) ** 2"),
        ("net_from_outside", "sgd", "self.net.params(),", "self.net.params()[:1],"),
        ("pairs_of_a_network", "sgd", "param -= self.lr * grad", "param = param - self.lr * grad"),
        ("numbered_keys", "sgd", "range(L)", "range(1, L)"),
    ],
)
def test_a_wrong_optimizer_earns_nothing(
    tmp_path: Path, module: str, item: str, right: str, wrong: str
) -> None:
    source = MODULES[f"optimizer_{module}"].right
    assert right in source
    result = judged(tmp_path, source.replace(right, wrong), (item,))[item]
    assert result.status == "failed", told(result)
    assert result.score == 0


def _read(tmp_path: Path, source: str) -> tuple[Definition, Door, Node]:
    path = tmp_path / "work.py"
    path.write_text(source, encoding="utf-8")
    definition = read_definitions(read_submission(path))[0][-1]
    update = update_of(definition)
    assert update is not None
    taking = next(iter(takings(definition, update)))
    return definition, taking.door, reading(definition, update, taking)


def test_a_thing_is_followed_by_its_names_through_loops_and_methods(tmp_path: Path) -> None:
    _, door, node = _read(
        tmp_path,
        "class SGD:\n"
        "    def __init__(self, model, lr):\n"
        "        self.parts, self.lr = list(model.layers()), lr\n"
        "    def step(self):\n"
        "        chosen = [p for p in self.parts if p.frozen is False]\n"
        "        for i, (name, layer) in enumerate(zip(range(3), chosen)):\n"
        "            self.move(layer)\n"
        "    def move(self, it):\n"
        "        for key in it.params.keys():\n"
        "            it.params[key] -= self.lr * it.grads[key]\n",
    )
    assert door is Door.CONSTRUCTOR
    layers = node.attributes["layers"].result
    assert layers is not None and layers.item is not None
    assert layers.item.attributes.keys() == {"frozen", "params", "grads"}
    assert layers.item.attributes["params"].entry is not None
    assert layers.item.attributes["grads"].entry is not None


def test_reading_executes_nothing_and_ends(tmp_path: Path) -> None:
    deep = "self.a" + ".b" * 60
    _, _, node = _read(
        tmp_path,
        "class SGD:\n"
        "    def __init__(self, a, lr):\n"
        "        self.a = a\n"
        "    def step(self):\n"
        "        while True:\n"
        f"            self.a = {deep}\n"
        "            self.step()\n",
    )
    assert ast.parse(deep)
    assert "b" in node.attributes
