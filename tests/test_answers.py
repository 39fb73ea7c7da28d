"""Written answers: which ways of telling them count, and which only look like it."""

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

from graders.engine import ItemFinished, Options, grade
from graders.kinds.answers.checks import is_answered, pool_of
from graders.submission import read_submission
from tests.built_in import built_in_sprints

SPEC = built_in_sprints()["cnn2"].item("conv2d_answers")
PARAMETERS = {a.id: a for a in SPEC.answers if a.facet == "answers"}


def right(text: str) -> list[str]:
    """The numbers of parameters that a text answers."""
    return [name for name, a in PARAMETERS.items() if is_answered(a, pool_of([text], [], []).text)]


@pytest.mark.parametrize(
    "text",
    [
        "168",
        "3 * 3 * 3 * 6 + 6 = 168",
        "162 + 6",
        "6 + 162",
        "(142, 142, 6), (162, 6)",
        "162\n6\n",
        "w: 162\nb: 6",
        "b: 6\nw: 162",
        "パラメータ数(w): 162\nパラメータ数(b): 6",
        "162 weights and 6 biases",
        "重み：１６２個、バイアス：６個",
        "重みは162個で、6個のバイアスがある",
        "W (6, 3, 3, 3) = 162\n   b (6, 1, 1) = 6",
        "- Weight shape: (6, 3, 3, 3) => 162 parameters\n- Bias shape: (6, ) => 6 parameters",
    ],
)
def test_weights_and_biases_may_be_told_in_one_number_or_in_two(text: str) -> None:
    assert right(text) == ["parameters1"]


@pytest.mark.parametrize(
    "text",
    [
        "162",
        "(142, 142, 6)\n162\n(58, 58, 48)\n10368\n(9, 9, 20)\n1800\n",
        "162\n(6, 142, 142)",
        "162, 60x60x24",
        "出力サイズは 142×142×6、パラメータ数は 162\n出力サイズは 58×58×48、パラメータ数は 10368",
        "6 filters of 3x3 over 3 channels: 162 parameters, 48 filters: 10368 parameters",
        "w_shape (6, 3, 3, 3), 162",
        "1162 + 6",
        "162 + 61",
    ],
)
def test_weights_without_biases_are_no_answer(text: str) -> None:
    assert right(text) == []


SIZE3 = next(a for a in SPEC.answers if a.id == "size3")


@pytest.mark.parametrize(
    "text",
    [
        "(9, 9, 20)", "9×9×20", "出力サイズ : 9", "出力サイズ(縦) : 9, (横) : 9", "output size = 9.0",
        "out_h: 9\nout_w: 9", "$N_{h,out} = 9$", "$9.5 \\rightarrow \\textbf{9}$", "9.5 → 9", "高さ 9 幅 9",
    ],
)  # fmt: skip
def test_the_third_size_may_be_told_for_one_side(text: str) -> None:
    assert is_answered(SIZE3, pool_of([text], [], []).text)


@pytest.mark.parametrize(
    "text",
    [
        "【問題9】出力サイズとパラメータ数の計算", "出力サイズ : 9.5", "出力サイズ : 90", "9.5 9.5", "9.5, 9.57",
        "出力サイズは 20×20", "問題9\n出力サイズ", "出力サイズ\n\n問題9", "3×3=9", "output size 19", "filter size 9",
    ],
)  # fmt: skip
def test_other_nines_are_no_size(text: str) -> None:
    assert not is_answered(SIZE3, pool_of([text], [], []).text)


def test_what_stands_between_statements_or_is_printed_as_it_is_was_written() -> None:
    source = "x = 1\n'142x142x6'\nprint('168', x, f'{x}58')\nlog('10416')\ny = '1820'\n"
    pool = pool_of([], [], [], [ast.parse(source), None]).text
    assert pool.split() == ["142x142x6", "168"]


def test_answers_count_though_the_cell_ends_before_they_are_printed(
    write_notebook: Callable[..., Path],
) -> None:
    answers = ["142x142x6", "168", "58x58x48", "10416", "9x9x20", "1820"]
    cell = "undefined\n" + "\n".join(f"print('It is {a}')" for a in answers)
    cells = (cell, cell.replace("10416", "10368"))
    for source, status in zip(cells, ("passed", "partial"), strict=True):
        events = grade(
            read_submission(write_notebook(source)),
            built_in_sprints()["cnn2"],
            Options(items=frozenset([SPEC.id])),
        )
        (result,) = (
            e.result for e in events if isinstance(e, ItemFinished) and e.result.spec.id == SPEC.id
        )
        assert result.status == status
