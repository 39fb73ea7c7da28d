"""The kind as the grader takes it up."""

from graders.kinds.building import Kind, built_in
from graders.kinds.iterator.interfaces import interfaces
from graders.kinds.iterator.judge import IteratorJudge

KIND: Kind = built_in("iterator", IteratorJudge, interfaces)
