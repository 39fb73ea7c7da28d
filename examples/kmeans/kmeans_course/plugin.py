"""The plugin: a kind of item, and the mistakes that its sprint knows by name."""

from collections.abc import Sequence

from graders.api import Kind, Lesson, Misconception, Text, both, known
from kmeans_course import variants
from kmeans_course.judge import judge

_RANGE = {
    "type": "array", "minItems": 2, "maxItems": 2,
    "items": {"type": "integer", "minimum": 2, "maximum": 200},
}  # fmt: skip
_OPTIONS = {
    "properties": {
        "clusters": {"type": "integer", "minimum": 2, "maximum": 8},
        "samples": _RANGE,
        "features": {**_RANGE, "items": {"type": "integer", "minimum": 2, "maximum": 6}},
        "starts": {"type": "integer", "minimum": 2, "maximum": 100},
    },
    "required": ["clusters", "samples", "features", "starts"],
    "additionalProperties": False,
}
_TEMPLATE = """\
title: {en: TITLE, ja: 「TITLE」}
asks: {en: Say here what students are asked to write., ja: ここに課題の内容を書く。}
required: true
editions: [{edition: A, problem: 1}]
canonical: CLASS(n_clusters, n_init); fit(X); predict(X)
names: ['PATTERN\\w*']
options: {clusters: 4, samples: [40, 60], features: [2, 3], starts: 30} # of the points that are drawn
facets: {centres: 3, labels: 2, restarts: 2, repeat: 1} # points
"""


def scratchgrade_kinds() -> Sequence[Kind]:
    """Items about a class that clusters points: ``kind: clustering``."""
    facets = {
        "centres": Text("each centre is the mean of its points", "中心点が所属する点の平均であること"),
        "labels": Text("new points get their nearest centre", "新しい点が最も近い中心点に属すること"),
        "restarts": Text("the best of several starts is kept", "複数の初期値のうち最良の結果が残ること"),
        "repeat": Text("a second fit is of its data alone", "2回目の fit が前のデータに影響されないこと"),
    }  # fmt: skip
    return [Kind("clustering", judge, facets, _OPTIONS, ("names", "options"), _TEMPLATE)]


def _lesson(en: tuple[str, str, str], ja: tuple[str, str, str]) -> Lesson:
    title, explanation, hint = (both(e, j) for e, j in zip(en, ja, strict=True))
    return Lesson(title, explanation, hint)


_STEPS = _lesson(
    ("The centres stop moving too soon", "They are not yet the means of their points.", "When should the loop end?"),
    ("中心点の移動が途中で終わっている", "まだ所属する点の平均になっていない。", "ループはいつ終わるべきか。"),
)  # fmt: skip
_MEAN = _lesson(
    ("A centre is not the mean of its points", "It moves to another place.", "What is summed, and what is it divided by?"),
    ("中心点が所属する点の平均でない", "平均とは別の場所に移動している。", "何を足し、何で割っているか。"),
)  # fmt: skip
_LABELS = _lesson(
    ("predict does not look for the nearest centre", "Points get other numbers.", "What is computed for each new point?"),
    ("predictが最も近い中心点を探していない", "点に別の番号が付く。", "新しい点ごとに何を計算しているか。"),
)  # fmt: skip
_STARTS = _lesson(
    ("The best start is not kept", "One start often ends in a worse solution.", "What is compared between two starts?"),
    ("最良の初期値の結果が残っていない", "1回の実行では悪い解に終わることが多い。", "2回の実行の間で何を比べているか。"),
)  # fmt: skip
_KEPT = _lesson(
    ("The best solution of an earlier fit is kept", "A second fit is compared with the first.", "Where does the best sum start from?"),
    ("前のfitの最良の結果が残っている", "2回目の fit が1回目の結果と比べられている。", "二乗和の最小値はどこで初期化されるか。"),
)  # fmt: skip


def scratchgrade_misconceptions() -> Sequence[Misconception]:
    """Each: its id, the items, the facets that fail with it (its own first), who makes it."""
    item = "scratch_kmeans"
    return [
        known("kmeans-one-step", item, "centres repeat", variants.OneStep, _STEPS),
        known("kmeans-median", item, "centres repeat", variants.Median, _MEAN),
        known("kmeans-mean-of-all", item, "centres restarts repeat", variants.MeanOfAll, _MEAN),
        known("kmeans-farthest", item, "labels", variants.Farthest, _LABELS),
        known("kmeans-of-training", item, "labels", variants.OfTraining, _LABELS),
        known("kmeans-one-start", item, "restarts", variants.OneStart, _STARTS),
        known("kmeans-last-start", item, "restarts", variants.LastStart, _STARTS),
        known("kmeans-best-ever", item, "repeat", variants.BestEver, _KEPT),
    ]
