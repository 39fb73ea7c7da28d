"""What was not checked is not passed, and what could not be verified is no success: everywhere."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from graders.audit.model import Mistaken, Verdict
from graders.checks import model
from graders.checks.model import CheckResult
from graders.engine import Finished, ItemFinished, Options, grade
from graders.judging.results import Binding, ItemResult, counted, finished, right_facets
from graders.kinds.iterator import checks as minibatch
from graders.kinds.iterator.checks import Pass, make_data
from graders.messages import M
from graders.report import gradescope, markdown, standing
from graders.report.report import Report
from graders.report.terminal import summary
from graders.specs import ItemSpec
from graders.submission import read_submission
from tests.built_in import built_in_sprints

pytest_plugins = ["pytester"]
SPRINTS = built_in_sprints()
CNN2 = SPRINTS["cnn2"]


def made(spec: ItemSpec, **statuses: str) -> ItemResult:
    """An item's verdict from its checks' statuses."""
    checks = [CheckResult(f, f, s, M("Said of it.")) for f, s in statuses.items()]
    return counted(finished(spec, checks, Binding(spec.id, None)))


def report_of(*results: ItemResult) -> Report:
    """The report of a whole run of cnn2, of which these are the items that were asked for."""
    report = Report(Path("x.py"), "en", None, CNN2, 3)
    given = {r.spec.id: r for r in results}
    for spec in CNN2.items:
        unasked = ItemResult(spec, "skipped", M("Not asked for."))
        report.take(ItemFinished(given.get(spec.id, unasked)))
    report.take(Finished())
    return report


CONV, NET = CNN2.item("conv2d"), CNN2.item("cnn2d_classifier")
SURVEY = CNN2.item("model_survey")
UNTOLD = ItemResult(NET, "manual", M("Too slow to verify."))
BY_SPEC = ItemResult(SURVEY, "manual", M("To be looked at by a person."))
RIGHT = made(CONV, **dict.fromkeys(CONV.facets, "passed"))


# -- facets ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", [i for s in SPRINTS.values() for i in s.items if i.facets],
                         ids=lambda s: s.id)  # fmt: skip
def test_a_shape_and_a_repetition_earn_nothing_by_themselves(spec: ItemSpec) -> None:
    computed = [f for f in spec.facets if f not in spec.accompanying]
    assert computed, "every item asks for something that is computed"
    for facet in computed:
        statuses = {f: "passed" if f in spec.accompanying else "failed" for f in spec.facets}
        alone = made(spec, **statuses)
        assert alone.score == 0
        assert alone.status == "failed"
        assert alone.uncounted == spec.accompanying
        assert {c.status for c in alone.checks if c.facet in spec.accompanying} <= {"skipped"}
        beside = made(spec, **{**statuses, facet: "passed"})
        assert set(right_facets(spec, beside.checks)) == {facet, *spec.accompanying}


def test_a_documented_pair_earns_nothing_without_the_random_cases() -> None:
    checks = [model.passed("forward-documented-1", "forward", M("Right."))]
    for status in ("skipped", "failed", "error"):
        checks[1:] = [CheckResult("forward", "forward", status, M("Not."))]
        assert right_facets(CONV, checks) == []
    checks[1:] = [model.passed("forward", "forward", M("Right."))]
    assert right_facets(CONV, checks) == ["forward"]


def test_what_was_not_checked_costs_its_points_and_says_why() -> None:
    result = made(NET, training="passed", repeat="skipped")
    assert (result.status, result.score) == ("partial", NET.facets["training"])
    assert str(result.message) == "Said of it."
    report = report_of(result)
    assert not report.passed
    assert "repeat: Said of it." in "\n".join(text for text, _ in summary(report))
    data = report.as_dict()
    assert data["max_score"] == NET.max_score
    assert "- **repeat**: Said of it" in markdown.markdown(data)
    (test,) = [t for t in gradescope.results(data)["tests"] if t["number"] == NET.id]
    assert test["output"].endswith("repeat: Said of it.")


def test_every_iterator_is_gone_through_twice() -> None:
    import numpy as np

    data = make_data(np.random.default_rng(0), 7, 3, 0)
    whole = [(data.x[i : i + 3], data.y[i : i + 3]) for i in (0, 3, 6)]
    once = Pass(data, whole, twin=[])
    assert minibatch.repeated(once) is not None
    assert minibatch.repeated(replace(once, twin=whole)) is None
    shuffled = [(x[::-1], y[::-1]) for x, y in whole]
    assert minibatch.repeated(replace(once, twin=shuffled)) is None
    assert minibatch.repeated(replace(once, twin=shuffled, seeded=True)) is not None


# -- the whole ---------------------------------------------------------------------------------------


def test_what_could_not_be_verified_stays_in_the_maximum_and_is_no_success() -> None:
    report = report_of(RIGHT, UNTOLD)
    data = report.as_dict()
    assert (data["score"], data["max_score"]) == (RIGHT.score, RIGHT.score + NET.max_score)
    assert not report.passed
    said = "\n".join(text for text, _ in summary(report))
    assert "?? cnn2d_classifier" in said
    assert "Too slow to verify." in said
    assert "Too slow to verify" in markdown.markdown(data)
    (test,) = [t for t in gradescope.results(data)["tests"] if t["number"] == NET.id]
    assert (test["status"], test["score"], test["max_score"]) == ("failed", 0, NET.max_score)


def test_what_is_for_a_person_by_its_spec_is_no_obstacle() -> None:
    report = report_of(RIGHT, replace(BY_SPEC, spec=replace(SURVEY, required=True)))
    assert report.passed
    assert report.as_dict()["max_score"] == RIGHT.score


def test_what_was_not_asked_for_does_not_count_and_what_waits_does() -> None:
    assert report_of(RIGHT).passed
    waits = ItemResult(NET, "skipped", M("Not checked."), waits_for=("conv2d",))
    report = report_of(RIGHT, waits)
    assert not report.passed
    assert report.as_dict()["max_score"] == RIGHT.score + NET.max_score


def test_a_run_that_was_stopped_is_no_success() -> None:
    report = Report(Path("x.py"), "en", None, CNN2, 3)
    report.take(ItemFinished(RIGHT))
    assert not report.passed


@pytest.mark.parametrize(("item", "counts", "succeeds"), [
    ({"status": "manual", "max_score": 6.0, "waits_for": []}, True, False),
    ({"status": "manual", "max_score": 0.0, "waits_for": []}, False, True),
    ({"status": "skipped", "max_score": 6.0, "waits_for": []}, False, True),
    ({"status": "skipped", "max_score": 6.0, "waits_for": ["x"]}, True, False),
    ({"status": "passed", "max_score": 6.0, "waits_for": []}, True, True),
    ({"status": "failed", "max_score": 0.0, "waits_for": []}, False, False),
])  # fmt: skip
def test_one_rule_says_what_counts(item: dict[str, Any], counts: bool, succeeds: bool) -> None:
    item = {**item, "required": True, "checks": []}
    assert standing.counts(item) == counts
    assert standing.succeeds(item) == succeeds
    assert standing.succeeds({**item, "required": False})


NEVER_TRAINED = """
import numpy as np

class ScratchDeepNeuralNetworkClassifier:
    def __init__(self, hidden, depth):
        self.hidden, self.depth = hidden, depth
    def fit(self, X, y):
        self.W = np.zeros((784, 10))
    def predict(self, X):
        return (X @ self.W).argmax(axis=1)
"""


@pytest.mark.parametrize("folder", [False, True], ids=["one", "class"])
def test_pytest_shows_it_as_skipped_and_ends_with_1(
    pytester: pytest.Pytester, tmp_path: Path, folder: bool
) -> None:
    for student in "ab":
        work = tmp_path / "class" / student / "work.py"
        work.parent.mkdir(parents=True)
        work.write_text(NEVER_TRAINED, encoding="utf-8")
    given = tmp_path / "class" if folder else work
    out = tmp_path / ("out" if folder else "out.json")
    run = pytester.runpytest_subprocess(
        "--pyargs", "graders", "--submission", str(given), "--sprint", "dnn",
        "-k", "dnn_classifier", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", "--report", str(out),
    )  # fmt: skip
    run.assert_outcomes(skipped=4 if folder else 2)
    assert run.ret == pytest.ExitCode.TESTS_FAILED
    data = json.loads((out / "a.json" if folder else out).read_text(encoding="utf-8"))
    (item,) = [i for i in data["items"] if i["id"] == "dnn_classifier"]
    assert (item["status"], data["score"], data["max_score"]) == ("manual", 0, item["max_score"])


# -- the audit ---------------------------------------------------------------------------------------


def test_an_answer_that_computes_nothing_must_earn_nothing() -> None:
    nothing = Verdict("failed", frozenset(["forward"]))
    assert Mistaken("zeros", "class", frozenset(), nothing, idle=True).right
    earns = replace(nothing, earned=frozenset(["shape"]))
    assert not Mistaken("zeros", "class", frozenset(), earns, idle=True).right


STILL = """
import numpy as np
class Network:
    def __init__(self, epochs=3, batch_size=20, lr=0.01):
        self.epochs, self.batch_size, self.lr = epochs, batch_size, lr
        self.W = np.random.randn(784, 10) * 0.01
    def fit(self, X, y):
        for e in range(self.epochs):
            for i in range(0, len(X), self.batch_size):
                x = X[i:i + self.batch_size].reshape(-1, 784)
                self.W -= self.lr * 1e-9 * x.T @ (x @ self.W)
    def predict(self, X):
        return (X.reshape(len(X), -1) @ self.W).argmax(1)
X_train, y_train = np.random.rand(100, 784), np.random.randint(0, 10, 100)
model = Network()
model.fit(X_train, y_train)
model.predict(X_train)
"""


def test_a_spec_with_few_images_can_be_failed(tmp_path: Path) -> None:
    path = tmp_path / "still.py"
    path.write_text(STILL)
    options = Options(items=frozenset(["im2col_accuracy"]))
    events = grade(read_submission(path), SPRINTS["im2col"], options)
    (result,) = (
        e.result
        for e in events
        if isinstance(e, ItemFinished) and e.result.spec.id == "im2col_accuracy"
    )
    assert result.status == "failed", str(result.message)
