"""Taking plugins into use, once all that they add fits what is there."""

from __future__ import annotations

from graders import plugins
from graders.diagnosis.known import MISCONCEPTIONS
from graders.errors import PluginError


def use_plugins(given: str) -> plugins.Plugins:
    """The plugins of the gradings that follow in this process: the installed ones and those given,
    as names of modules or paths of files, with commas between them.

    Raises:
        PluginError: one can't be used.
    """
    names = plugins.names_of(given)
    found = plugins.loaded(names)
    taken = {m.id for m in MISCONCEPTIONS}
    for one in found.misconceptions:
        if one.id in taken:
            raise PluginError(
                f"plugin {found.owners[one.id]}: misconception {one.id!r} is there twice"
            )
    plugins.use(names)
    return found
