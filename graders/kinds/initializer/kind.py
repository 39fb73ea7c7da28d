"""The kind as the grader takes it up."""

from graders.kinds.building import Kind, built_in
from graders.kinds.initializer.interfaces import interfaces
from graders.kinds.initializer.judge import InitializerJudge

KIND: Kind = built_in("initializer", InitializerJudge, interfaces)
