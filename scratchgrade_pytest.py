"""The plugin that pytest loads by its entry point: `graders.pytest_plugin`, ours whatever lies around."""

import scratchgrade  # noqa: F401  (takes the name `graders`, before it is imported)
from graders.pytest_plugin import (
    pytest_addoption,
    pytest_collect_file,
    pytest_configure,
    pytest_ignore_collect,
    pytest_load_initial_conftests,
)

__all__ = [
    "pytest_addoption",
    "pytest_collect_file",
    "pytest_configure",
    "pytest_ignore_collect",
    "pytest_load_initial_conftests",
]
