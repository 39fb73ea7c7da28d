"""The kind as the grader takes it up."""

from graders.kinds.building import Kind, built_in
from graders.kinds.procedure.judge import ProcedureJudge

KIND: Kind = built_in("procedure", ProcedureJudge)
