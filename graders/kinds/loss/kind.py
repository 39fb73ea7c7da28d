"""The kind as the grader takes it up."""

from graders.kinds.building import Kind, built_in
from graders.kinds.loss.interfaces import interfaces
from graders.kinds.loss.judge import LossJudge

KIND: Kind = built_in("loss", LossJudge, interfaces)
