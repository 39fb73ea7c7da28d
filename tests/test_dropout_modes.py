"""How a dropout is told that it is a test, and which networks leave it out there: read off the code, nothing runs."""

from pathlib import Path

import pytest

from graders.binding.definitions import read_definitions
from graders.binding.modes import Told, modes
from graders.binding.reached import Reached
from graders.kinds.dropout.passed_by import passed_by
from graders.submission import read_submission

LAYER = """
class Dropout:
    def forward(self, x):
        return x * self.mask

class Dense:
    def forward(self, x):
        return x
"""
LOOP = """
class Network:
    def __init__(self, layers):
        self.layers = layers

    def feedforward(self, x, training):
        for layer in self.layers:
            {statement}
            x = layer.forward(x)
        return x
"""
BRANCHES = """
class Network:
    def feedforward(self, x, mode="train"):
        for layer in self.layers:
            if isinstance(layer, Dropout):
                {statement}
            else:
                x = layer.forward(x)
        return x
"""
OWN = """
class Network:
    def __init__(self):
        self.fc, self.out = Dense(), Dense()
        self.drop = Dropout()

    def fit(self, x, y):
        z = self.out.forward(self.drop.forward(self.fc.forward(x)))

    def predict(self, x):
        return {statement}

    def hidden(self, x):
        return {hidden}
"""
PLAIN = "self.out.forward(self.fc.forward(x))"
CALLED = "self.out.forward(self.drop.forward(self.fc.forward(x)))"
OF_HIDDEN = "self.out.forward(self.hidden(x))"
WAYS = [
    (LOOP, "if not training and isinstance(layer, Dropout): continue", True),
    (LOOP, "if isinstance(layer, Dropout) and training is False: continue", True),
    (LOOP, "if training and isinstance(layer, Dropout): continue", False),
    (LOOP, "if isinstance(layer, Dropout) and training is not False: continue", False),
    (LOOP, "if not training and isinstance(layer, Dropout): print(layer)", False),
    (LOOP, "if not training and isinstance(layer, Dense): continue", False),
    (LOOP, "if not training or isinstance(layer, Dropout): continue", False),
    (BRANCHES, "x = layer.forward(x) if mode == 'train' else x", True),
    (BRANCHES, "x = x if mode == 'train' else layer.forward(x)", False),
    (BRANCHES, "x = layer.forward(x) if mode != 'fast' else x", False),
    (OWN.replace("{hidden}", "x"), PLAIN, True),
    (OWN.replace("{hidden}", "x"), CALLED, False),
    (OWN.replace("{hidden}", "x"), "x", False),  # it says nothing of the network
    (OWN.replace("{hidden}", "self.fc.forward(x)"), OF_HIDDEN, True),
    (OWN.replace("{hidden}", "self.drop.forward(self.fc.forward(x))"), OF_HIDDEN, False),
]


def left_out(folder: Path, source: str) -> bool:
    path = folder / "work.py"
    path.write_text(source, encoding="utf-8")
    work = read_submission(path)
    definition = next(d for d in read_definitions(work)[0] if d.name == "Dropout")
    return passed_by(Reached(work), definition, "forward")


@pytest.mark.parametrize(("network", "statement", "is_left_out"), WAYS)
def test_a_network_leaves_it_out_in_a_test(
    tmp_path: Path, network: str, statement: str, is_left_out: bool
) -> None:
    source = LAYER + network.replace("{statement}", statement)
    assert left_out(tmp_path, source) is is_left_out


def test_what_did_not_run_says_nothing(tmp_path: Path) -> None:
    skips = LOOP.replace("{statement}", WAYS[0][1])
    assert left_out(tmp_path, LAYER + skips)
    runs = "\ndef show():\n    print(Dropout())\nshow()\n"
    assert not left_out(tmp_path, LAYER + skips + runs)


def test_a_test_of_another_network_speaks_against_it(tmp_path: Path) -> None:
    skips, opposite = (LOOP.replace("{statement}", WAYS[n][1]) for n in (0, 2))
    assert not left_out(tmp_path, LAYER + skips + opposite.replace("Network", "Other"))


def test_what_is_nested_too_deeply_says_nothing(tmp_path: Path) -> None:
    deep = "if not training and isinstance(layer, Dropout): continue; x" + " + x" * 700
    assert not left_out(tmp_path, LAYER + LOOP.replace("{statement}", deep))


FORWARD = "class Dropout:\n    def forward(self, x):\n        return x * 2 if {asks} else x\n"
TRAIN = "    def train(self): self.on = {0}\n    def eval(self): self.on = {1}\n"


@pytest.mark.parametrize(
    ("source", "told", "name"),
    [
        (FORWARD.format(asks="self.on") + TRAIN.format(True, False), Told.METHODS, "train"),
        (FORWARD.format(asks="self.on") + TRAIN.replace("self.on", "self.off").format(True, False), None, ""),
        (FORWARD.format(asks="self.on") + "    def set_mode(self, how): self.on = how == 'train'\n", Told.SWITCH, "set_mode"),
        (FORWARD.format(asks="self.training"), Told.ATTRIBUTE, "training"),
        (FORWARD.format(asks="self.scale"), None, ""),
        (FORWARD.format(asks="Config.train"), Told.SHARED, "train"),
        (FORWARD.format(asks="TRAINING"), Told.GLOBAL, "TRAINING"),
        (FORWARD.format(asks="self._t()") + "    def _t(self): return self.mode == 'train'\n", Told.ATTRIBUTE, "mode"),
        (FORWARD.format(asks="self.x") + "    def predict(self, x): return x\n", Told.FORWARD, "predict"),
        (FORWARD.format(asks="self.x") + "    def predict(self, x, y): return x\n", None, ""),
    ],
)  # fmt: skip
def test_by_what_a_layer_is_told(tmp_path: Path, source: str, told: Told | None, name: str) -> None:
    path = tmp_path / "work.py"
    path.write_text(source, encoding="utf-8")
    (definition, *_), _ = read_definitions(read_submission(path))
    first = next(modes(definition, definition.methods["forward"]), None)
    assert (first.told if first else None) is told
    assert (first.name if first else "") == name
