"""The mistakes that the recurrent sprint knows by name, and what is said about each."""

from collections.abc import Sequence

from graders.api import Lesson, Misconception, both, known
from rnn_course import variants

_ALL = "dX dW_x dW_h dB"

_NO_RECURRENCE = Lesson(
    both("The state of the step before is left out", "前のステップの状態が使われていない"),
    both(
        "The result is that of the last step alone, as if the sequence began there.",
        "系列が最後のステップから始まったかのような結果になっている。",
    ),
    both(
        "Which term of the formula ties a step to the one before it?",
        "式のどの項が、あるステップを前のステップと結び付けているか。",
    ),
)
_REVERSED = Lesson(
    both("The steps are taken in the wrong order", "ステップの順番が逆になっている"),
    both(
        "The result is that of the sequence read from its end.",
        "系列を後ろから読んだときの結果になっている。",
    ),
    both(
        "Print t in the loop of forward: which step comes first?",
        "フォワードのループで t を表示し、最初のステップがどれかを確かめる。",
    ),
)
_WITHOUT_TANH = Lesson(
    both("The activation function is missing", "活性化関数が抜けている"),
    both("The state is a_t itself, not tanh(a_t).", "状態が tanh(a_t) ではなく a_t のままである。"),
    both("Can a value of h be above 1?", "h の値が1を超えることはあるか。"),
)
_STATE_KEPT = Lesson(
    both("The state is kept from call to call", "状態が次の呼び出しまで残っている"),
    both(
        "A call begins with the last state of the call before, not with h_0 = 0.",
        "h_0 = 0 ではなく、前回の呼び出しの最後の状態から始まっている。",
    ),
    both(
        "Where is h set to zero: once, or in every call?",
        "h を0にしているのはどこか。一度だけか、呼び出しごとか。",
    ),
)
_LAST_STEP = Lesson(
    both("The gradient stops at the last step", "勾配が最後のステップで止まっている"),
    both(
        "Only the last step has gradients; earlier ones count, too, through the state.",
        "最後のステップにしか勾配がない。それより前のステップも状態を通して結果に影響する。",
    ),
    both(
        "How does h_(t-1) enter into h_t, and so how does its gradient come about?",
        "h_(t-1) は h_t にどう入っているか。したがってその勾配はどう求まるか。",
    ),
)
_NOT_SUMMED = Lesson(
    both(
        "The gradients of the weights are not summed over the steps",
        "重みの勾配がステップについて足し合わされていない",
    ),
    both(
        "They are those of one step alone; every step uses the same weights.",
        "1つのステップの分だけになっている。同じ重みが全てのステップで使われている。",
    ),
    both(
        "Look at the assignments in the loop of backward: = or +=?",
        "バックワードのループの中の代入は = か += か。",
    ),
)
_WRONG_STATE = Lesson(
    both(
        "The state of the wrong step is in the gradient of W_h",
        "W_hの勾配に使う状態のステップがずれている",
    ),
    both(
        "It is made with h_t, and W_h is multiplied with h_(t-1).",
        "h_t で計算されているが、W_h に掛けられているのは h_(t-1) である。",
    ),
    both(
        "Which state does W_h meet in the formula of step t?",
        "ステップ t の式で W_h に掛けられているのはどの状態か。",
    ),
)
_NOT_TRANSPOSED = Lesson(
    both("W_h is not transposed in backward", "バックワードでW_hが転置されていない"),
    both(
        "The gradient that goes to the step before is multiplied with W_h itself.",
        "前のステップに渡す勾配に W_h がそのまま掛けられている。",
    ),
    both(
        "W_h is square: no error tells you. What would the shapes say if it were not?",
        "W_h は正方行列なのでエラーにならない。正方でなければ形状はどうなるか。",
    ),
)
_NO_DERIVATIVE = Lesson(
    both("The derivative of tanh is left out", "tanhの微分が抜けている"),
    both("The gradient passes through tanh unchanged.", "勾配がtanhを素通りしている。"),
    both("What is the derivative of tanh, in terms of h?", "tanhの微分を h で表すとどうなるか。"),
)
_STEPS_REVERSED = Lesson(
    both("The gradients of the steps are in reverse order", "各ステップの勾配の順番が逆になっている"),
    both(
        "dX has those of the last step at the place of the first.",
        "dX の最初のステップの位置に、最後のステップの勾配が入っている。",
    ),
    both(
        "Backward meets the last step first: where does it put what it finds?",
        "バックワードは最後のステップから始まる。求めた値をどこに入れているか。",
    ),
)  # fmt: skip


def scratchgrade_misconceptions() -> Sequence[Misconception]:
    """Each: its id, the items, the facets that fail with it (its own first), who makes it."""
    item = "simple_rnn"
    return [
        known("rnn-no-recurrence", item, f"forward {_ALL}", variants.NoRecurrence, _NO_RECURRENCE),
        known("rnn-reversed-time", item, "forward", variants.ReversedTime, _REVERSED),
        known("rnn-without-tanh", item, f"forward {_ALL}", variants.WithoutTanh, _WITHOUT_TANH),
        known("rnn-state-kept", item, f"forward {_ALL} repeat", variants.StateKept, _STATE_KEPT),
        known("rnn-last-step-only", item, _ALL, variants.LastStepOnly, _LAST_STEP),
        known("rnn-not-summed", item, "dW_x dW_h dB", variants.NotSummedOverTime, _NOT_SUMMED),
        known("rnn-wrong-state", item, "dW_h", variants.WrongState, _WRONG_STATE),
        known("rnn-not-transposed", item, _ALL, variants.NotTransposed, _NOT_TRANSPOSED),
        known("rnn-no-derivative", item, _ALL, variants.NoDerivative, _NO_DERIVATIVE),
        known("rnn-steps-reversed", item, "dX", variants.StepsReversed, _STEPS_REVERSED),
    ]
