"""A written answer stands at one place: among many numbers any could be it, and none is."""

from collections.abc import Callable
from pathlib import Path

from graders.kinds.answers.checks import MOST_NUMBERS, pool_of
from tests.one_item import judged, said

Write = Callable[..., Path]
ITEM = "conv2d_answers"
HEADING = "md:## [Problem 9] Output size and number of parameters\n"
HONEST = """md:1. 144x144x3, 6 filters of 3x3: (144 - 3) / 1 + 1 = 142, so 142x142x6; 3*3*3*6+6=168
2. 60x60x24, 48 filters: 58x58x48; 3*3*24*48+48=10416

| layer | size | parameters |
|---|---|---|
| 3 | 9x9x20 | 3*3*10*20 + 20 = 1800 + 20 = 1820 |
"""


def test_sums_and_tables_are_answers(write_notebook: Write) -> None:
    result = judged(write_notebook, "cnn2", ITEM, HEADING, HONEST)
    assert result.status == "passed", said(result)


def test_all_numbers_are_none(write_notebook: Write) -> None:
    every = " ".join(map(str, range(1, 20_001)))
    result = judged(write_notebook, "cnn2", ITEM, HEADING + every)
    assert result.score == 0
    assert "among 20000 different numbers" in said(result)


def test_all_numbers_printed_are_none(write_notebook: Write) -> None:
    loop = "for i in range(1, 11_000):\n    print(i, 'x', i)"
    assert judged(write_notebook, "cnn2", ITEM, HEADING, loop).score == 0


def test_all_numbers_in_small_portions_are_none() -> None:
    portions = [" ".join(map(str, range(n, n + 50))) for n in range(1, 12_000, 50)]
    assert all(len(p.split()) <= MOST_NUMBERS for p in portions)
    pool = pool_of(portions, [], [])
    assert not pool.text
    assert "10416" in pool.crowded


def test_an_answer_beside_a_crowd_counts(write_notebook: Write) -> None:
    loop = "print(np.arange(3000).tolist())"
    result = judged(write_notebook, "cnn2", ITEM, HEADING, HONEST, loop)
    assert result.status == "passed", said(result)


def test_an_answer_among_alternatives_is_none(write_notebook: Write) -> None:
    either = (
        "142x142x6 or 144x144x6; 58x58x48か60x60x48; 9x9x20 または 10x10x20\n"
        "168 or 162; 10368 or 10416 or 10400; 1800 or 1820"
    )
    result = judged(write_notebook, "cnn2", ITEM, HEADING + either)
    assert result.score == 0, said(result)
    assert "142x142x6 or 144x144x6" in said(result)


def test_the_same_answer_written_twice_is_one() -> None:
    pool = pool_of(
        ["142x142x6 or 142 x 142 x 6; bias or not: 168; 3 filters or more, 10416"], [], []
    )
    assert not pool.either
    assert "142x142x6" in pool.text
