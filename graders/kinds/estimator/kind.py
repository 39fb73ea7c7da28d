"""The kind as the grader takes it up."""

from graders.kinds.building import Kind, built_in
from graders.kinds.estimator.interfaces import interfaces
from graders.kinds.estimator.judge import EstimatorJudge

KIND: Kind = built_in("estimator", EstimatorJudge, interfaces)
