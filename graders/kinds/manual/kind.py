"""The kind as the grader takes it up."""

from graders.kinds.building import Kind, built_in
from graders.kinds.manual.judge import ManualJudge

KIND: Kind = built_in("manual", ManualJudge)
