"""Load and validate specs: YAML files -> frozen dataclasses, every mistake with its line."""

from graders.specs.courses import (
    catalogue,
    course_files,
    everything,
    load_course,
    offered,
    signs_of_courses,
)
from graders.specs.document import BUILTIN
from graders.specs.loading import load_sprints
from graders.specs.model import (
    PARTS,
    ROLES,
    Answer,
    Form,
    Hyperparameter,
    ItemSpec,
    Keeping,
    Meaning,
    Network,
    Pair,
    Result,
    Slip,
    SprintSpec,
    Testing,
    Text,
    Training,
)
from graders.specs.naming import sprint_named

__all__ = [
    "BUILTIN",
    "PARTS",
    "ROLES",
    "Answer",
    "Form",
    "Hyperparameter",
    "ItemSpec",
    "Keeping",
    "Meaning",
    "Network",
    "Pair",
    "Result",
    "Slip",
    "SprintSpec",
    "Testing",
    "Text",
    "Training",
    "catalogue",
    "course_files",
    "everything",
    "load_course",
    "load_sprints",
    "offered",
    "signs_of_courses",
    "sprint_named",
]
