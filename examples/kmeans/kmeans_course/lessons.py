"""What is said about the mistakes of k-means: the name, what it does, where to look."""

from graders.api import Lesson, both


def _lesson(en: tuple[str, str, str], ja: tuple[str, str, str]) -> Lesson:
    title, explanation, hint = (both(e, j) for e, j in zip(en, ja, strict=True))
    return Lesson(title, explanation, hint)


STEPS = _lesson(
    ("The centres stop moving too soon", "They are not yet the means of their points.", "When should the loop end?"),
    ("中心点の移動が途中で終わっている", "まだ所属する点の平均になっていない。", "ループはいつ終わるべきか。"),
)  # fmt: skip
MEAN = _lesson(
    ("A centre is not the mean of its points", "It moves to another place.", "What is summed, and what is it divided by?"),
    ("中心点が所属する点の平均でない", "平均とは別の場所に移動している。", "何を足し、何で割っているか。"),
)  # fmt: skip
LABELS = _lesson(
    ("predict does not look for the nearest centre", "Points get other numbers.", "What is computed for each new point?"),
    ("predictが最も近い中心点を探していない", "点に別の番号が付く。", "新しい点ごとに何を計算しているか。"),
)  # fmt: skip
STARTS = _lesson(
    ("The best start is not kept", "One start often ends in a worse solution.", "What is compared between two starts?"),
    ("最良の初期値の結果が残っていない", "1回の実行では悪い解に終わることが多い。", "2回の実行の間で何を比べているか。"),
)  # fmt: skip
KEPT = _lesson(
    ("The best solution of an earlier fit is kept", "A second fit is compared with the first.", "Where does the best sum start from?"),
    ("前のfitの最良の結果が残っている", "2回目の fit が1回目の結果と比べられている。", "二乗和の最小値はどこで初期化されるか。"),
)  # fmt: skip
