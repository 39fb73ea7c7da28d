"""The kind as the grader takes it up."""

from graders.kinds.building import Kind, built_in
from graders.kinds.optimizer.interfaces import interfaces
from graders.kinds.optimizer.judge import OptimizerJudge

KIND: Kind = built_in("optimizer", OptimizerJudge, interfaces)
