"""The audit: mutants, libraries and interfaces one by one, then real items through real processes."""

import ast
import json
import shutil
from pathlib import Path
from types import CodeType

import numpy as np
import pytest

from graders import cli
from graders.audit import table
from graders.audit.audit import Settings, run_audit, slips_of
from graders.audit.cheats import BIASES, LOTTERY, REDRAWN
from graders.audit.equivalents import read_equivalents, read_unshown
from graders.audit.hosting import Answer, judge_all, judge_alone
from graders.audit.idle import VALUES
from graders.audit.interfaces import Interface, interfaces
from graders.audit.library import LOADER, Library, read_library
from graders.audit.mistakes import mistaken_answers
from graders.audit.model import ItemAudit, Mistaken, Survivor, Verdict, Wrapped
from graders.audit.mutation import Mutant, mutants
from graders.diagnosis import MISCONCEPTIONS
from graders.errors import SpecError
from graders.kinds.layer.interfaces import from_canonical, to_canonical
from graders.specs import BUILTIN, ItemSpec, everything, load_sprints
from tests.built_in import built_in_sprints

SPRINTS = built_in_sprints()
ITEMS = {item.id: item for sprint in SPRINTS.values() for item in sprint.items}
REFERENCE = read_library("reference")


# -- mutants -------------------------------------------------------------------------------------

SOURCE = '''\
import numpy as np


class Layer:
    def __init__(self, w):
        self.w = w
        self.x = None

    def forward(self, x):
        """Doc."""
        if x.ndim != 2:
            raise ValueError(f"expected 2 axes, got {x.ndim + 0}")
        self.x = x
        y = x @ self.w.T + 1
        y += 2
        return y[:, ::-1].sum(0)

    def unused(self, x):
        return x - 1


def span(n: int, f: int = 1) -> int:
    if n < f:
        return 0
    return (n - f) // 2
'''
EVERY_LINE = range(1, 100)


def into(operator: str, lines: range | set[int] = EVERY_LINE) -> set[str]:
    """What lines become by an operator."""
    return {m.into for m in mutants("layer", SOURCE, lines) if m.operator == operator}


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("missing transpose", {"y = x @ self.w + 1"}),
        ("operator", {"y = x @ self.w.T - 1", "return x + 1", "return ((n + f)) // 2"}),
        ("assignment", {"y -= 2", "y = 2"}),
        ("dropped statement", {"pass"}),
        ("missing flip", {"return y[:, :].sum(0)"}),
        ("function", {"return y[:, ::-1].mean(0)"}),
        ("comparison", {"if n <= f:"}),
        ("condition", {"if not (n < f):"}),
        ("rounding", {"return -(-(n - f) // 2)"}),
        ("stale state", {"self.x = self.__dict__.setdefault('first_x', x)"}),
    ],
)
def test_an_operator_makes_the_mistakes_that_it_is_named_after(
    operator: str, expected: set[str]
) -> None:
    assert into(operator) >= expected


def test_constants_move_by_one_both_ways() -> None:
    assert {"y += 3", "y += 1", "return y[:, ::-1].sum(1)"} <= into("constant")


def test_guards_messages_defaults_and_docstrings_stay() -> None:
    found = mutants("layer", SOURCE, EVERY_LINE)
    kept = {
        '"""Doc."""',
        "if x.ndim != 2:",
        "def span(n: int, f: int = 1) -> int:",
        "self.x = None",
    }
    assert not kept & {m.line for m in found}
    assert not [m for m in found if "raise" in m.line]


def test_only_what_has_run_is_changed() -> None:
    assert {m.function for m in mutants("layer", SOURCE, {18, 19})} == {"Layer.unused"}
    assert mutants("layer", SOURCE, set()) == []


@pytest.mark.parametrize("module", sorted(REFERENCE.modules))
def test_every_mutant_of_the_reference_compiles_and_is_one_change(module: str) -> None:
    source = REFERENCE.modules[module]
    found = mutants(module, source, range(1, 10_000))
    assert len({m.source for m in found}) == len(found)
    tree, code = ast.dump(ast.parse(source)), bare(compile(source, module, "exec"))
    same = []
    for mutant in found:
        compiled = bare(compile(mutant.source, module, "exec"))
        assert mutant.line != mutant.into
        assert mutant.diff().count("\n-") >= 1
        # To lay out a tree takes ten times as long; what is the same tree is the same code.
        if compiled == code and ast.dump(ast.parse(mutant.source)) == tree:
            same.append(mutant.name)
    assert len(same) <= 1, same  # parentheses around a pair


def bare(code: CodeType) -> tuple[object, ...]:
    """What a code object does, without the places that it has in its text."""
    inner = [bare(c) if isinstance(c, CodeType) else repr(c) for c in code.co_consts]
    return code.co_code, code.co_names, code.co_varnames, *inner


# -- libraries -----------------------------------------------------------------------------------


def loaded(library: Library, name: str) -> object:
    """The package as it is in a student's process."""
    space: dict[str, object] = {}
    exec(LOADER + library.loading(name), space)
    packages = space["_sg_packages"]
    assert isinstance(packages, dict)
    return packages[name]


def test_a_library_runs_under_a_name_of_its_own() -> None:
    package = loaded(REFERENCE, "sg_test_whole")
    layer = package.FC(np.eye(3), np.ones(3))  # type: ignore[attr-defined]
    np.testing.assert_array_equal(layer.forward(np.eye(3)), np.eye(3) + 1)
    assert type(layer).__module__ == "sg_test_whole.dense"


def test_only_what_a_name_needs_goes_along() -> None:
    part = REFERENCE.only(["conv_output_size"])
    assert set(part.modules) == {"sizes"}
    assert set(REFERENCE.only(["FC"]).modules) < set(REFERENCE.modules)
    with pytest.raises(KeyError):
        REFERENCE.only(["Nothing"])


def test_a_changed_module_changes_only_its_own_library() -> None:
    source = REFERENCE.modules["sizes"].replace("span // stride + 1", "span // stride + 2")
    changed = loaded(REFERENCE.with_module("sizes", source), "sg_test_changed")
    right = loaded(REFERENCE, "sg_test_right")
    assert changed.conv_output_size(5, 3) == 4  # type: ignore[attr-defined]
    assert right.conv_output_size(5, 3) == 3  # type: ignore[attr-defined]
    assert changed.conv2d_output_size((5, 5), 3) == (4, 4)  # type: ignore[attr-defined]


def test_a_variant_takes_the_place_of_what_it_varies() -> None:
    source = (
        "from reference import FC\nfrom reference.layer import as_float\n\n\n"
        "class Wrong(FC):\n    def forward(self, x):\n        return 2 * super().forward(x)\n"
    )
    package = loaded(REFERENCE.with_variant(source, "Wrong", "FC"), "sg_test_variant")
    layer = package.FC(np.eye(2), None)  # type: ignore[attr-defined]
    np.testing.assert_array_equal(layer.forward(np.eye(2)), 2 * np.eye(2))


# -- interfaces ----------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", ["NCL", "NLC", "CL", "LC", "L"])
def test_a_layout_goes_to_the_canonical_one_and_back(layout: str) -> None:
    sizes = {"N": 1, "C": 1 if layout == "L" else 3, "L": 5}
    if "N" in layout:
        sizes["N"] = 2
    x = np.arange(np.prod([sizes[a] for a in layout])).reshape([sizes[a] for a in layout])
    whole = eval(to_canonical("x", layout, "NCL"), {"x": x})
    assert whole.shape == tuple(sizes[a] for a in "NCL")
    np.testing.assert_array_equal(eval(from_canonical("y", layout, "NCL"), {"y": whole}), x)


COMPARED = [i for i in ITEMS.values() if i.reference and i.kind != "classifier"]


@pytest.mark.parametrize("item", COMPARED, ids=lambda i: i.id)
def test_an_item_with_a_reference_has_three_interfaces_that_are_unlike(item: ItemSpec) -> None:
    found = interfaces(item)
    assert len(found) >= 3
    assert len({w.name for w in found}) == len(found)
    assert len({w.source + w.prose for w in found}) == len(found)
    for way in found:
        assert way.names() <= REFERENCE.exports.keys()
        assert "reference" not in {
            n.id for n in ast.walk(ast.parse(way.on("p"))) if isinstance(n, ast.Name)
        }


def test_an_interface_beside_a_spec_that_does_not_compile_is_told(tmp_path: Path) -> None:
    shutil.copytree(BUILTIN, tmp_path / "specs")
    folder = tmp_path / "specs" / "dnn" / "interfaces" / "fc"
    folder.mkdir(parents=True)
    (folder / "odd.py").write_text("x = (\n")
    item = load_sprints(tmp_path / "specs")["dnn"].item("fc")
    with pytest.raises(SpecError, match=r"odd\.py, line 1: no valid Python"):
        interfaces(item)


# -- many answers in one process -----------------------------------------------------------------

ENDS = "import os\n\n\ndef conv_output_size(n_in, filter_size, stride=1, padding=0):\n    os._exit(3)\n"
HANGS = (
    "def conv_output_size(n_in, filter_size, stride=1, padding=0):\n    while True:\n        pass\n"
)
RAISES = "def conv_output_size(n_in, filter_size, stride=1, padding=0):\n    raise KeyError(1)\n"


def test_an_answer_that_ends_the_process_costs_only_itself() -> None:
    item = ITEMS["conv1d_out_size"]
    way = interfaces(item)[0]
    small = REFERENCE.only(["conv_output_size"])
    answers = [
        Answer(way, library)
        for library in (
            small,
            small.with_module("sizes", ENDS),
            small,
            small.with_module("sizes", HANGS),
            small.with_module("sizes", RAISES),
            small,
        )
    ]
    found = [r.status for r in judge_all(answers, SPRINTS["cnn1"], item, 5)]
    assert [s == "passed" for s in found] == [True, False, True, False, False, True]


def test_together_and_alone_the_verdict_is_the_same() -> None:
    item = ITEMS["sigmoid"]
    changed = REFERENCE.modules["activations"].replace("dx = 1 - y", "dx = 1 + y")
    assert changed != REFERENCE.modules["activations"]
    libraries = [REFERENCE, REFERENCE.with_module("activations", changed), REFERENCE]
    answers = [Answer(way, lib) for way in interfaces(item) for lib in libraries]
    together = list(judge_all(answers, SPRINTS["dnn"], item, 5))
    alone = [judge_alone(a, SPRINTS["dnn"], item, 5) for a in answers]
    assert [r.status for r in together] == [r.status for r in alone]
    assert [r.status for r in together[:3]] == ["passed", "partial", "passed"]


# -- whole audits --------------------------------------------------------------------------------


def test_real_items_are_strong_enough(tmp_path: Path) -> None:
    names = ("conv1d_out_size", "tanh", "fc")
    audits = run_audit(Settings(items=names, workers=1, fast=True))
    assert sorted(a.item for a in audits) == sorted(names)
    for audit in audits:
        assert audit.failures() == [], audit.item
        assert len(audit.wrapped) >= 3
        assert audit.killed >= 10
    listed = [m.id for m in MISCONCEPTIONS for i in names if i in m.items]
    # Besides them, what computes nothing or guesses: in each item, as far as its kind has it.
    unearned = {*VALUES, LOTTERY, REDRAWN, *BIASES}
    assert {m.misconception for a in audits for m in a.mistaken} == {*listed, *unearned}
    file = tmp_path / "audit.json"
    table.write_json(audits, file)
    whole = json.loads(file.read_text(encoding="utf-8"))
    assert whole["passed"] is True
    assert [i["item"] for i in whole["items"]] == [a.item for a in audits]


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    """A copy of the built-in specs."""
    shutil.copytree(BUILTIN, tmp_path / "specs")
    return tmp_path / "specs"


def weakened(specs: Path, name: str, old: str, new: str) -> None:
    """Change a spec for the worse."""
    file = specs / f"{name}.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text, "mend this test"
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_a_spec_that_is_too_weak_shows_what_survives(
    specs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weakened(specs, "cnn1/conv1d_out_size", "P: [0, 3], S: [1, 4]}", "P: 0, S: 1}")
    arguments = ["conv1d_out_size", "--specs", str(specs), "--workers", "1"]
    assert cli.main(["specs", "audit", *arguments]) == 1
    out = capsys.readouterr().out
    assert "at least 95% is needed" in out
    assert "surviving mutants that nobody has explained" in out
    assert "-    span = n_in + 2 * padding - filter_size" in out
    assert "+    span = n_in - filter_size" in out


def test_a_facet_that_is_left_out_lets_its_mutants_live(specs: Path) -> None:
    weakened(specs, "dnn/tanh", "{forward: 2, dX: 2, shape: 1, repeat: 1}", "{forward: 2}")
    (audit,) = run_audit(Settings(specs, ("tanh",), workers=1))
    assert audit.score < 0.95
    assert any("chain" in s.mutant.function for s in audit.survivors if not s.why)
    # ... and a mistake in the gradient is no longer seen.
    assert any(not m.breaks and m.verdict.status == "passed" for m in audit.mistaken)


def test_a_tolerance_that_is_too_wide_lets_mutants_live(specs: Path) -> None:
    weakened(specs, "dnn/tanh", "required: true", "required: true\ntolerance: 3")
    (audit,) = run_audit(Settings(specs, ("tanh",), workers=1, fast=True))
    assert any(not s.why for s in audit.survivors)
    assert audit.failures()


def test_an_entry_that_does_not_hold_is_an_error(specs: Path) -> None:
    (specs / "equivalents.yaml").write_text(
        "activations.Tanh.function:\n"
        "  - line: return np.tanh(x)\n"
        "    into: [return np.sin(x)]\n"
        "    items: [tanh]\n"
        "    why: it is not so\n"
        "  - line: return np.tanh(x)\n"
        "    into: ['return np.tanh(x, x)']\n"
        "    items: [tanh]\n"
        "    why: there is no such mutant\n"
    )
    (audit,) = run_audit(Settings(specs, ("tanh",), workers=1))
    text = "\n".join(audit.problems)
    assert "equivalents.yaml, line 2: listed, but tanh fails it (dX, forward" in text
    assert "equivalents.yaml, line 6: no mutant of tanh any more: 'return np.tanh(x, x)'" in text


@pytest.mark.parametrize("by_chance", [False, True])
def test_a_whole_audit_tells_of_an_entry_that_explains_nothing(
    specs: Path, by_chance: bool
) -> None:
    for folder in ("cnn1", "cnn2", "im2col"):
        shutil.rmtree(specs / folder)
    file = specs / "dnn" / "sprint.yaml"
    for other in {*file.parent.glob("*.yaml")} - {file, file.parent / "tanh.yaml"}:
        other.unlink()
    head, _, _ = file.read_text(encoding="utf-8").partition("items:")
    file.write_text(head + "items: [tanh]\n", encoding="utf-8")
    (specs / "equivalents.yaml").write_text(
        f"activations.Tanh.function:\n  - why: it is not so\n    by_chance: {by_chance}\n"
    )
    (audit,) = run_audit(Settings(specs, workers=1))
    told = [p for p in audit.problems if "explains no mutant that passes any more" in p]
    assert bool(told) != by_chance


UNSHOWN = """\
misconceptions:
  - id: tanh-twice
    item: tanh
    interfaces: [functions, nowhere]
    why: it is not so
"""


def test_a_mistake_that_is_said_not_to_show_must_not_show(specs: Path) -> None:
    text = UNSHOWN.replace("functions", "forward and backward")
    (specs / "equivalents.yaml").write_text(text)
    (audit,) = run_audit(Settings(specs, ("tanh",), workers=1, fast=True))
    found = "\n".join(audit.failures())
    assert "equivalents.yaml, line 2: tanh-twice is not tried in 'nowhere'" in found
    assert "tanh-twice should break nothing, but breaks dX" in found
    assert "forward and backward: " in found


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (UNSHOWN.replace("item: tanh", "item: tanhh"), "item: unknown item 'tanhh'; did you"),
        (UNSHOWN.replace("twice", "thrice"), "id: unknown id 'tanh-thrice'; did you mean"),
        (UNSHOWN.replace("    why: it is not so\n", ""), "line 2, key misconceptions.0: 'why' is"),
        (UNSHOWN.replace("interfaces", "interface"), "unknown key 'interface'; did you mean"),
        ("misconceptions: {}", "expected a list of entries with why"),
        ("misconceptions: [text]", "expected id, item, interfaces, why"),
    ],
)
def test_a_mistake_in_the_list_of_what_does_not_show_is_told(
    specs: Path, text: str, reason: str
) -> None:
    (specs / "equivalents.yaml").write_text(text)
    with pytest.raises(SpecError) as caught:
        read_unshown(specs, ITEMS)
    assert "equivalents.yaml" in str(caught.value)
    assert reason in str(caught.value)


def test_what_interfaces_leave_no_room_for_is_listed_for_those_that_are_there() -> None:
    items = {item.id: item for sprint in everything().values() for item in sprint.items}
    for entry in read_unshown(BUILTIN, items, slips_of(items.values(), ())):
        assert set(entry.interfaces) < {w.name for w in interfaces(items[entry.item])}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a.b: {why: x}", "line 1, key a.b: expected a list"),
        ("a.b:\n  - why: x\n    lines: y", "line 3, key a.b.0.lines: unknown key 'lines'; did you"),
        ("a.b:\n  - line: y", "line 2, key a.b.0: 'why' is missing"),
        ("a.b:\n  - why: x\n    into: [y]", "'into' needs the line"),
        ("a.b:\n  - why: x\n    items: [tanhh]", "unknown item 'tanhh'; did you mean 'tanh'?"),
        ("a.b:\n  - why: x\n    equivalent: maybe", "expected a bool"),
        ("a.b: [text]", "expected why"),
        ("a.b:\n  - why: x\n    line: y\n    into: [1]", "expected lines of text"),
    ],
)
def test_a_mistake_in_the_list_of_equivalents_is_told(specs: Path, text: str, reason: str) -> None:
    (specs / "equivalents.yaml").write_text(text)
    with pytest.raises(SpecError) as caught:
        read_equivalents(specs, ITEMS)
    assert "equivalents.yaml" in str(caught.value)
    assert reason in str(caught.value)


# -- what counts ---------------------------------------------------------------------------------

PASSES, FAILS = Verdict("passed"), Verdict("partial", frozenset({"dX"}), "wrong")
MUTANT = Mutant("m", "f", "constant", "return 1", "return 2", "return 1", "return 2")


def audit_of(**parts: object) -> ItemAudit:
    """An audit in which nothing is wrong but for these parts."""
    right = [Wrapped(str(i), PASSES) for i in range(3)]
    audit = ItemAudit("item", "sprint", wrapped=right, mutants=100)
    for name, value in parts.items():
        setattr(audit, name, value)
    return audit


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({}, ""),
        ({"wrapped": [Wrapped("x", PASSES)] * 2}, "only 2 interfaces"),
        ({"wrapped": [Wrapped("x", PASSES)] * 3 + [Wrapped("bad", FAILS)]}, "right, but not passed"),
        ({"mistaken": [Mistaken("a", "i", frozenset({"dX"}), FAILS)]}, ""),
        ({"mistaken": [Mistaken("a", "i", frozenset({"dX", "dW"}), FAILS)]}, "a should break dW, dX"),
        ({"mistaken": [Mistaken("a", "i", frozenset({"dX"}), PASSES)]}, "but breaks nothing"),
        ({"mistaken": [Mistaken("a", "i", frozenset({"dX"}), FAILS),
                       Mistaken("a", "j", frozenset({"dX"}), PASSES, "no room")]}, ""),
        ({"mistaken": [Mistaken("a", "i", frozenset({"dX"}), FAILS, "no room")]},
         "a should break nothing, but breaks dX"),
        ({"mistaken": [Mistaken("a", "i", frozenset({"dX"}), PASSES, "no room")]},
         "a shows in none of the interfaces"),
        ({"survivors": [Survivor(MUTANT)]}, "1 surviving mutants that nobody has explained"),
        ({"survivors": [Survivor(MUTANT, "so", True)] * 50}, ""),
        ({"survivors": [Survivor(MUTANT, "so", False)] * 5}, ""),
        ({"survivors": [Survivor(MUTANT, "so", False)] * 6}, "mutation score 94.0%"),
        ({"problems": ["odd"]}, "odd"),
    ],
)  # fmt: skip
def test_what_keeps_a_spec_from_being_good_enough(parts: dict[str, object], reason: str) -> None:
    found = audit_of(**parts).failures()
    assert bool(found) == bool(reason)
    assert reason in "\n".join(found)


def test_the_table_has_an_item_a_line_and_the_total() -> None:
    audits = [audit_of(item="one"), audit_of(item="two", survivors=[Survivor(MUTANT)])]
    lines = list(table.lines(audits))
    assert lines[0].split() == [
        "item", "right", "mistakes", "mutants", "killed", "equivalent", "score",
    ]  # fmt: skip
    assert lines[1].split() == ["one", "3/3", "0/0", "100", "100", "0", "100.0%"]
    assert lines[3].split() == ["all", "6/6", "0/0", "200", "199", "0", "99.5%"]
    assert "-return 1\n+return 2" in "\n".join(lines)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["nosuch"], "no item"),
        (["fc", "--workers", "0"], "--workers 0"),
        (["fc", "--seed", "-1"], "--seed -1"),
        (["fc", "--specs", "nowhere"], "no such folder"),
    ],
)
def test_what_can_not_be_audited_is_told_in_one_line(
    arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["specs", "audit", *arguments]) == 2
    error = capsys.readouterr().err
    assert reason in error
    assert error.count("\n") == 1


def test_every_misconception_is_a_variation_of_something_in_the_reference() -> None:
    for item in ITEMS.values():
        wrong = mistaken_answers(item, REFERENCE, interfaces(item))
        mine = {m.id for m in MISCONCEPTIONS if item.id in m.items}
        assert {w.misconception for w in wrong} == mine, item.id


def test_an_interface_tells_which_names_it_uses() -> None:
    way = Interface("x", "import reference\n\ny = reference.FC(reference.sigmoid(1)).reference\n")
    assert way.names() == {"FC", "sigmoid"}
    assert "import reference" not in way.on("p")
