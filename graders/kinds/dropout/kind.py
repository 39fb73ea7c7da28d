"""The kind as the grader takes it up."""

from graders.kinds.building import Kind, built_in
from graders.kinds.dropout.interfaces import interfaces
from graders.kinds.dropout.judge import DropoutJudge

KIND: Kind = built_in("dropout", DropoutJudge, interfaces)
