"""The plugin: a kind of item, and the mistakes that its sprint knows by name."""

from collections.abc import Sequence

from graders.api import Kind, Misconception, Text, known
from kmeans_course import lessons, variants
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


def scratchgrade_misconceptions() -> Sequence[Misconception]:
    """Each: its id, the items, the facets that fail with it (its own first), who makes it."""
    item = "scratch_kmeans"
    return [
        known("kmeans-one-step", item, "centres repeat", variants.OneStep, lessons.STEPS),
        known("kmeans-median", item, "centres repeat", variants.Median, lessons.MEAN),
        known(
            "kmeans-mean-of-all",
            item,
            "centres labels restarts repeat",
            variants.MeanOfAll,
            lessons.MEAN,
        ),
        known("kmeans-farthest", item, "labels", variants.Farthest, lessons.LABELS),
        known("kmeans-of-training", item, "labels", variants.OfTraining, lessons.LABELS),
        known("kmeans-one-start", item, "restarts", variants.OneStart, lessons.STARTS),
        known("kmeans-last-start", item, "restarts", variants.LastStart, lessons.STARTS),
        known("kmeans-best-ever", item, "repeat", variants.BestEver, lessons.KEPT),
    ]
