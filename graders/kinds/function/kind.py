"""The kind as the grader takes it up."""

from graders.kinds.building import Kind, built_in
from graders.kinds.function.interfaces import formula_interfaces
from graders.kinds.function.judge import FunctionJudge

KIND: Kind = built_in("function", FunctionJudge, formula_interfaces)
