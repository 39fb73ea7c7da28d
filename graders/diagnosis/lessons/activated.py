"""Activations inside layers that have none: what is said about each."""

from graders.messages import M
from graders.misconceptions import Lesson

# fmt: off

_WHERE = M("The activation is a layer of its own, called after this one.")
_HINT = M("What does forward do to the output before it returns it?")

RELU = Lesson(M("An activation (ReLU) is inside the layer"), _WHERE, _HINT)
SIGMOID = Lesson(M("An activation (sigmoid) is inside the layer"), _WHERE, _HINT)
TANH = Lesson(M("An activation (tanh) is inside the layer"), _WHERE, _HINT)
SOFTMAX = Lesson(M("An activation (softmax) is inside the layer"), _WHERE, _HINT)
ANY = Lesson(
    M("An activation is inside the layer"),
    M("Each output is the right one, put through a function. An activation is a layer of its own."),
    _HINT,
)

DERIVATIVE = Lesson(
    M("The derivative of an activation is inside the layer's backward"),
    M("The gradient from behind is multiplied by it, though forward has no activation."),
    M("Which part of backward belongs to another layer?"),
)
