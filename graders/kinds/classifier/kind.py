"""The kind as the grader takes it up."""

from graders.kinds.building import Kind, built_in
from graders.kinds.classifier.judge import ClassifierJudge

KIND: Kind = built_in("classifier", ClassifierJudge)
