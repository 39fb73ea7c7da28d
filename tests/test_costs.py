"""What layers cost: counted after all verdicts, told right in every style, and changing no verdict."""

import functools
import itertools
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from graders.checks import model
from graders.costs.costing import memory_order
from graders.costs.functions import first_of, lacking, public_name
from graders.costs.loops import order_of
from graders.costs.sizes import grown, settings, smallest
from graders.engine import ItemFinished, ItemJudged, Options, grade
from graders.errors import SpecError
from graders.grading import Grading, Request
from graders.judging.results import ItemResult
from graders.policy import Policy, read_policy
from graders.report.html import page
from graders.report.report import Report
from graders.sandbox.session import Budget, Outcome, Session
from graders.specs import ItemSpec, SprintSpec, load_course
from graders.specs.model import Cost
from graders.submission import read_submission
from tests.built_in import built_in_sprints
from tests.cost_samples import SAMPLES
from tests.one_item import FC, dense

SCHEMA = Path(__file__).resolve().parent.parent / "specs" / "report.schema.json"
Write = Callable[..., Path]


@functools.cache
def sprints() -> dict[str, SprintSpec]:
    """The four sprints, and courses that ask for norms and for recurrent layers."""
    courses = (load_course(name, built_in_sprints()) for name in ("cs231n", "saito"))
    return {**built_in_sprints(), **{k: v for course in courses for k, v in course.items()}}


def counted(
    path: Path,
    sprint: str,
    *items: str,
    cost: bool = True,
    changed: Mapping[str, ItemSpec] | None = None,
) -> dict[str, ItemResult]:
    """The verdicts on items, with what their answers cost."""
    asked = sprints()[sprint]
    asked = replace(asked, items=tuple((changed or {}).get(i.id, i) for i in asked.items))
    options = Options(budget=Budget(cell=5, total=30), items=frozenset(items), cost=cost)
    events = grade(read_submission(path), asked, options)
    finished = [e.result for e in events if isinstance(e, ItemFinished)]
    assert len({r.spec.id for r in finished}) == len(finished)  # one last word an item
    return {r.spec.id: r for r in finished if r.spec.id in items}


def fc_with(cost: Cost, points: float | None = None) -> dict[str, ItemSpec]:
    spec = built_in_sprints()["dnn"].item("fc")
    facets = spec.facets if points is None else {**spec.facets, "cost": points}
    return {"fc": replace(spec, cost=cost, facets=facets)}


def check(result: ItemResult) -> model.CheckResult:
    return next(c for c in result.checks if c.id == "cost")


# -- the growth of loops ---------------------------------------------------------------------


def _together() -> Iterator[tuple[str, int]]:
    """Each sprint's items side by side, the first style of each, then the second ..."""
    for sprint in ("dnn", "cnn1", "cnn2", "cs231n", "saito"):
        most = max(len(_styles(sprint, item)) for item in _items(sprint))
        yield from ((sprint, number) for number in range(most))


def _items(sprint: str) -> list[str]:
    return list(dict.fromkeys(item for (item, _), s in SAMPLES.items() if s[0] == sprint))


def _styles(sprint: str, item: str) -> list[tuple[str, str]]:
    return [key for key, s in SAMPLES.items() if key[0] == item and s[0] == sprint]


@pytest.mark.parametrize(("sprint", "number"), list(_together()))
def test_growth_is_told_right_in_every_style(
    write_notebook: Write, sprint: str, number: int
) -> None:
    keys = [styles[number] for i in _items(sprint) if len(styles := _styles(sprint, i)) > number]
    sources = dict.fromkeys(SAMPLES[key][1] for key in keys)
    path = write_notebook("import numpy as np", *sources)
    results = counted(path, sprint, *(item for item, _ in keys))
    for item, style in keys:
        result, wanted = results[item], SAMPLES[item, style][2]
        assert result.status == "passed", (item, style, str(result.message))
        assert result.cost is not None, (item, style, str(check(result).message))
        told = {axis: order for axis, order in result.cost.orders.items() if order}
        assert told == wanted, (item, style)
        criteria = sprints()[sprint].item(item).cost.loops
        assert criteria
        over = any(told.get(axis, 0) > order for axis, order in criteria.items())
        assert check(result).status == (model.FAILED if over else model.PASSED), (item, style)


def test_every_layer_of_the_sprints_says_what_is_efficient() -> None:
    sprint = built_in_sprints().values()
    layers = [i for s in sprint for i in s.items if i.kind == "layer"]
    further = ("layer_norm", "batch_norm", "rnn_step", "rnn")
    layers += [sprints()["cs231n"].item(name) for name in further]
    layers.append(sprints()["saito"].item("rnn_from_zero"))
    assert {i.id for i in layers} == {item for item, _ in SAMPLES}
    for item in layers:
        assert item.cost.loops
        assert "cost" not in item.facets
        assert len(_styles(item.sprint, item.id)) >= 4


def test_an_order_is_of_the_size_that_grew() -> None:
    assert [order_of(4, after, 2) for after in (3, 4, 8, 16, 32)] == [0, 0, 1, 2, 3]
    assert order_of(3, 5, 2) == 1  # the head of a loop is run once more than its body
    assert order_of(4, 6, 2) == 0  # a loop over input positions, with a longer filter
    assert order_of(0, 5, 2) == 0


def test_sizes_grow_one_at_a_time() -> None:
    from graders.binding.plans import LayerPlan

    plan = LayerPlan.__new__(LayerPlan)
    object.__setattr__(plan, "fixed", {})
    object.__setattr__(plan, "ties", {})
    spec = built_in_sprints()["cnn2"].item("conv2d")
    base = smallest(spec, plan)
    assert base is not None
    taller = grown(spec, plan, base, "K", 2)
    assert taller is not None
    assert (taller["K"], taller["Y"], taller["X"]) == (2 * base["K"], base["Y"], base["X"])
    assert taller["H"] == base["H"] + base["K"]
    longer = grown(spec, plan, base, "H", 2)
    assert longer is not None
    assert (longer["Y"], longer["K"]) == (2 * base["Y"], base["K"])
    assert settings(spec) == {"S", "P"}
    pool = built_in_sprints()["cnn2"].item("max_pool2d")
    assert settings(pool) == set()  # the window is its stride, too


# -- where the innermost loop is, and what to do -----------------------------------------------


def test_the_innermost_loop_is_told_with_its_line_and_a_rewrite(write_notebook: Write) -> None:
    path = write_notebook(
        "import numpy as np", SAMPLES["conv1d", "one loop"][1], "import numpy as np"
    )
    result = counted(path, "cnn1", "conv1d")["conv1d"]
    assert result.cost is not None
    first = result.cost.loops[0]
    assert (first.cell, first.text) == (1, "for m in range(M):")
    said = check(result).message
    assert f"cell 1, line {first.line}: for m in range(M):" in str(said)
    assert "index array" in str(said)
    assert "インデックス配列" in said.in_language("ja")


@pytest.mark.parametrize(
    ("sprint", "item", "style", "english"),
    [
        ("dnn", "fc", "loops", "X @ W + b"),
        ("dnn", "relu", "vectorize", "np.maximum"),
        ("cnn1", "conv1d", "loops", "np.tensordot"),
        ("cnn2", "conv2d", "loops", "np.tensordot"),
        ("cnn2", "max_pool2d", "loops", "sliding_window_view"),
        ("cnn2", "flatten", "loops", "reshape"),
    ],
)
def test_each_kind_of_loop_has_its_rewrite(
    write_notebook: Write, sprint: str, item: str, style: str, english: str
) -> None:
    path = write_notebook("import numpy as np", SAMPLES[item, style][1])
    result = counted(path, sprint, item)[item]
    assert english in str(check(result).message)


def test_a_loop_that_nobody_wrote_is_a_function_that_is_called_again_and_again(
    write_notebook: Write,
) -> None:
    path = write_notebook("import numpy as np", SAMPLES["relu", "vectorize"][1])
    cost = counted(path, "dnn", "relu")["relu"].cost
    assert cost is not None
    assert cost.loops[0].called
    assert "np.vectorize" in cost.loops[0].text
    assert cost.functions["numpy.vectorize"] >= 1


def test_the_loop_around_a_helper_is_told_and_not_the_helper(write_notebook: Write) -> None:
    helper = "def one(x, W, B):\n    return x @ W + B"
    body = "np.array([one(x, self.W, self.B) for x in X])"
    result = counted(
        write_notebook("import numpy as np", helper, dense(forward=body)), "dnn", "fc"
    )["fc"]
    assert result.cost is not None
    assert result.cost.loops[0].cell == 2
    assert not result.cost.loops[0].called


# -- memory ------------------------------------------------------------------------------------


def test_a_square_of_the_batch_is_found(write_notebook: Write) -> None:
    square = "(X @ X.T, X @ self.W + self.B)[1]"
    result = counted(write_notebook("import numpy as np", dense(forward=square)), "dnn", "fc")["fc"]
    assert result.cost is not None
    assert {g.axis: g.order for g in result.cost.memory} == {"N": 2, "I": 1}
    assert check(result).status == model.FAILED
    assert "memory" in str(check(result).message)


def test_bytes_are_compared_with_what_is_given(write_notebook: Write) -> None:
    path = write_notebook("import numpy as np", SAMPLES["fc", "broadcasting"][1])
    few, many = (counted(path, "dnn", "fc", changed=fc_with(Cost(bytes=n)))["fc"] for n in (2, 20))
    assert check(few).status == model.FAILED
    assert "bytes" in str(check(few).message)
    assert check(many).status == model.PASSED


def test_the_power_by_which_a_peak_grows() -> None:
    factors = (1, 8, 16)
    assert memory_order(factors, [5000, 5000, 5100]) == 0
    assert memory_order(factors, [5000 + 700 * f for f in factors]) == 1
    assert memory_order(factors, [5000 + 200 * f**2 for f in factors]) == 2
    assert memory_order(factors, [max(6900, 3000 + 700 * f) for f in factors]) == 1  # it bends


# -- what is called ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "setup",
    ["product = np.dot", "product = getattr(np, 'd' + 'ot')", "from numpy import dot as product",
     "def product(a, b):\n    return np.dot(a, b)"],
)  # fmt: skip
def test_a_forbidden_call_is_seen_under_any_name(write_notebook: Write, setup: str) -> None:
    path = write_notebook("import numpy as np", setup, dense(forward="product(X, self.W) + self.B"))
    wanted = fc_with(Cost(forbidden=("np.dot",)))
    assert check(counted(path, "dnn", "fc", changed=wanted)["fc"]).status == model.FAILED
    other = fc_with(Cost(forbidden=("np.convolve",)))
    assert check(counted(path, "dnn", "fc", changed=other)["fc"]).status == model.PASSED


def test_a_forbidden_call_in_a_branch_that_did_not_run_is_read(write_notebook: Write) -> None:
    code = dense(forward="X @ self.W + self.B if len(X) else np.convolve(X, X)")
    path = write_notebook("import numpy as np", code)
    wanted = fc_with(Cost(forbidden=("np.convolve",)))
    assert check(counted(path, "dnn", "fc", changed=wanted)["fc"]).status == model.FAILED


def test_a_required_call_is_seen_to_run(write_notebook: Write) -> None:
    einsum = dense(forward="np.einsum('ni,io->no', X, self.W) + self.B")
    wanted = fc_with(Cost(required=("np.einsum",)))
    with_it = counted(write_notebook("import numpy as np", einsum), "dnn", "fc", changed=wanted)
    without = counted(write_notebook("import numpy as np", FC), "dnn", "fc", changed=wanted)
    assert check(with_it["fc"]).status == model.PASSED
    assert check(without["fc"]).status == model.FAILED
    assert "np.einsum" in str(check(without["fc"]).message)


def test_names_of_functions() -> None:
    assert public_name("numpy._core.numeric.convolve") == "numpy.convolve"
    assert public_name("numpy.lib._stride_tricks_impl.sliding_window_view") == (
        "numpy.lib.stride_tricks.sliding_window_view"
    )
    assert public_name("numpy.linalg._linalg.norm") == "numpy.linalg.norm"
    assert public_name("scipy.signal._signaltools.convolve") == "scipy.signal._signaltools.convolve"
    assert first_of(["numpy.lib.stride_tricks.as_strided"], ["np.lib.stride_tricks"]) is not None
    assert first_of(["numpy.dot"], ["np.dotted"]) is None
    assert lacking(["numpy.dot"], ["np.dot", "np.einsum"]) == "np.einsum"


# -- it changes nothing else --------------------------------------------------------------------


def _calls(
    path: Path, monkeypatch: pytest.MonkeyPatch, cost: bool
) -> tuple[list[str], dict[str, ItemResult]]:
    """Every request of a grading as text, and its verdicts."""
    made: list[str] = []
    plain = Session.run

    def noted(
        self: Session, steps: list[Any], arrays: list[np.ndarray], *rest: Any, **more: Any
    ) -> Outcome:
        data = [a.tolist() for a in arrays]
        made.append(json.dumps([steps, data, rest, more], default=str))
        return plain(self, steps, arrays, *rest, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Session, "run", noted)
        return made, counted(path, "dnn", "fc", "relu", "sigmoid", cost=cost)


def test_without_it_no_call_differs_and_with_it_they_come_after_all_verdicts(
    write_notebook: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = SAMPLES["relu", "whole arrays"][1].replace("np.maximum", "np.minimum")
    path = write_notebook("import numpy as np", FC, wrong, SAMPLES["sigmoid", "loops"][1])
    without, plain = _calls(path, monkeypatch, cost=False)
    asked, costed = _calls(path, monkeypatch, cost=True)
    assert asked[: len(without)] == without
    assert len(asked) > len(without)
    assert not any('"count"' in call for call in without)
    assert all('"count"' in call for call in asked[len(without) :])
    for item, result in plain.items():
        mine = [c for c in costed[item].checks if c.id != "cost"]
        assert [(c.id, c.status, str(c.message)) for c in mine] == [
            (c.id, c.status, str(c.message)) for c in result.checks
        ]
        assert (costed[item].status, costed[item].score) == (result.status, result.score)
        assert result.cost is None


def test_a_verdict_is_told_before_its_cost_is_counted(write_notebook: Write) -> None:
    options = Options(budget=Budget(cell=5, total=30), items=frozenset(["fc", "sgd"]), cost=True)
    path = write_notebook("import numpy as np", FC)
    events = [
        (type(e), e.result.spec.id)
        for e in grade(read_submission(path), built_in_sprints()["dnn"], options)
        if isinstance(e, ItemJudged | ItemFinished) and e.result.spec.id in ("fc", "sgd")
    ]
    assert events == [(ItemJudged, "fc"), (ItemFinished, "sgd"), (ItemFinished, "fc")]


ATTACKS = {
    "takes the counter off": "(__import__('sys').settrace(None), X @ self.W + self.B)[1]",
    "ends the process": "(__import__('sys').gettrace() and __import__('os')._exit(0), X @ self.W + self.B)[1]",
    "raises": "X @ self.W + self.B + (1 / 0 if __import__('sys').gettrace() else 0)",
    "answers otherwise": "X @ self.W + self.B + (1 if __import__('sys').gettrace() else 0)",
}


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="counts by sys.monitoring there")
@pytest.mark.parametrize("attack", ATTACKS)
def test_who_notices_that_it_is_counted_changes_no_verdict(
    write_notebook: Write, attack: str
) -> None:
    path = write_notebook("import numpy as np", dense(forward=ATTACKS[attack]))
    result = counted(path, "dnn", "fc", changed=fc_with(Cost(loops={"N": 0}), points=2))["fc"]
    others = [c for c in result.checks if c.facet != "cost"]
    assert others
    assert all(c.status == model.PASSED for c in others)
    if attack != "answers otherwise":
        assert check(result).status == model.SKIPPED
        assert (result.status, result.score) == ("partial", result.spec.max_score - 2)


def test_what_is_wrong_earns_no_efficiency(write_notebook: Write) -> None:
    lazy = counted(
        write_notebook("import numpy as np", dense(dX="np.zeros_like(self.X)")),
        "dnn", "fc", changed=fc_with(Cost(loops={"N": 0}), points=2),
    )["fc"]  # fmt: skip
    assert check(lazy).status == model.SKIPPED
    wrong = counted(
        write_notebook("import numpy as np", dense(forward="X @ self.W - self.B")),
        "dnn", "fc", changed=fc_with(Cost(loops={"N": 0}), points=2),
    )["fc"]  # fmt: skip
    assert check(wrong).status == model.SKIPPED
    assert "cost" in wrong.wrong_facets


# -- policies, reports -----------------------------------------------------------------------


def _policy(folder: Path, text: str) -> Policy:
    file = folder / "policy.yaml"
    file.write_text(text)
    return read_policy(file, built_in_sprints())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "items: {he_initializer: {points: {cost: 1}}}",
            "items of kind initializer are not counted",
        ),
        ("items: {fc: {cost: {loops: {Q: constant}}}}", "'Q' is no size"),
        ("items: {fc: {cost: {memory: {O: linear}}}}", "'O' is no axis of the input"),
        ("items: {fc: {cost: {loops: {N: cubic}}}}", "cubic"),
    ],
)
def test_a_policy_that_asks_for_what_is_not_there(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SpecError, match=told):
        _policy(tmp_path, text)


def test_a_policy_asks_for_counting_by_points_or_by_name(tmp_path: Path) -> None:
    assert not _policy(tmp_path, "feedback: hint").counts
    assert _policy(tmp_path, "cost: true").counts
    assert _policy(tmp_path, "items: {fc: {points: {cost: 1}}}").counts
    policy = _policy(tmp_path, "items: {fc: {cost: {forbidden_calls: [np.dot]}}}")
    assert policy.counts
    spec = policy.applied(built_in_sprints())["dnn"].item("fc")
    assert spec.cost.forbidden == ("np.dot",)
    assert spec.cost.loops == built_in_sprints()["dnn"].item("fc").cost.loops  # stays
    assert "cost" not in spec.facets


def _graded(path: Path, folder: Path, policy: str = "", **more: Any) -> Report:
    if policy:
        (folder / "policy.yaml").write_text(policy)
        more["policy"] = folder / "policy.yaml"
    grading = Grading(Request(path, sprint="dnn", language="en", **more))
    grading.select(frozenset(["fc"]))
    assert grading.result("fc") is not None  # as pytest asks for it: the last word
    for _ in grading.events():
        pass
    return grading.report


def test_points_of_a_policy_are_earned_or_not(write_notebook: Write, tmp_path: Path) -> None:
    policy = "items: {fc: {points: {cost: 2}}}"
    loops = write_notebook("import numpy as np", SAMPLES["fc", "loops"][1], name="loops.ipynb")
    product = write_notebook(
        "import numpy as np", SAMPLES["fc", "product"][1], name="product.ipynb"
    )
    rows = [_graded(path, tmp_path, policy).item("fc") for path in (loops, product)]
    assert [(r["score"], r["max_score"], r["status"]) for r in rows] == [
        (10, 12, "partial"), (12, 12, "passed")
    ]  # fmt: skip
    plain = _graded(loops, tmp_path, cost=True).item("fc")
    assert (plain["score"], plain["max_score"], plain["status"]) == (10, 10, "passed")


def test_the_report_and_the_page_show_what_was_counted(
    write_notebook: Write, tmp_path: Path
) -> None:
    path = write_notebook("import numpy as np", SAMPLES["fc", "loops"][1])
    report = _graded(path, tmp_path, cost=True)
    data = report.as_dict()
    jsonschema.validate(data, json.loads(SCHEMA.read_text()))
    cost = next(i for i in data["items"] if i["id"] == "fc")["cost"]
    assert [g["axis"] for g in cost["work"]] == ["N", "I", "O"]
    assert cost["loops"][0]["orders"] == {"N": 1, "I": 1, "O": 1}
    html = page(data)
    assert html.count('class="growth"') == len(cost["work"]) + len(cost["memory"])
    assert "N × I × O" in html
    assert "<script" not in html
    assert "cost" not in _graded(path, tmp_path).item("fc")  # nobody asked
    assert "cost" not in _graded(path, tmp_path, cost=True, feedback="score").item("fc")


# -- the counters themselves ---------------------------------------------------------------------

SOURCE = """
def plain(n):
    total = 0
    for i in range(n):
        total += i
    return [j for j in range(n)], sum(k for k in range(n))
"""


def test_lines_are_counted_by_times_round() -> None:
    from graders.sandbox.sgworker.counting import _COUNTERS

    counters: dict[str, Any] = dict(_COUNTERS)
    space: dict[str, Any] = {}
    exec(compile(SOURCE, "<cell 1>", "exec"), space)
    counts = []
    for n in (10, 20, 30):
        counter: Any = counters["lines"]()
        counter.start()
        space["plain"](n)
        assert counter.stop()
        counts.append({line: times for (_, line), times in counter.counts.items()})
    few, some, many = counts
    assert few[3] == some[3] == 1
    for line, loops in ((4, 1), (5, 1), (6, 2)):
        assert some[line] - few[line] == many[line] - some[line] == 10 * loops
    assert not [pair for pair in itertools.pairwise(counts) if pair[0].keys() != pair[1].keys()]
