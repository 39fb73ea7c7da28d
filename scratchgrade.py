"""The way in from outside: `graders` is the package beside this file, whatever is in the current folder.

The name is ours alone; ``graders`` is a word that a course may have a folder of. Both the command and
pytest's plugin (`scratchgrade_pytest`) come through here, before anything else of the project is imported.
"""

from __future__ import annotations

import importlib.util
import os
import sys


def _take() -> None:
    """Make ``graders`` the package beside this file, if another one could come or has come."""
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "graders")
    loaded = sys.modules.get("graders")
    if loaded is not None:
        if os.path.realpath(folder) in [os.path.realpath(p) for p in loaded.__path__]:
            return
        for name in [n for n in sys.modules if n.partition(".")[0] == "graders"]:
            del sys.modules[name]
    spec = importlib.util.spec_from_file_location(
        "graders", os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["graders"] = module
    spec.loader.exec_module(module)


_take()


def main() -> int:
    """The ``scratchgrade`` command."""
    from graders import cli, own

    own.stand_aside()
    return cli.main()


def load_ipython_extension(shell: object) -> None:
    """``%load_ext scratchgrade``: ``%check`` and its like in a notebook."""
    from graders.notebook.extension import load

    load(shell)


def unload_ipython_extension(shell: object) -> None:
    """``%unload_ext scratchgrade``."""
    from graders.notebook.extension import unload

    unload(shell)
