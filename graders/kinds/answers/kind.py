"""The kind as the grader takes it up."""

from graders.kinds.answers.judge import AnswersJudge
from graders.kinds.building import Kind, built_in

KIND: Kind = built_in("answers", AnswersJudge)
