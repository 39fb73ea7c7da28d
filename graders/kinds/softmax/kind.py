"""The kind as the grader takes it up."""

from graders.kinds.building import Kind, built_in
from graders.kinds.softmax.interfaces import interfaces
from graders.kinds.softmax.judge import SoftmaxJudge

KIND: Kind = built_in("softmax", SoftmaxJudge, interfaces)
