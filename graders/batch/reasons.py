"""Why nothing can be graded of what a student handed in, as a row of the class says it."""

from __future__ import annotations

import re

from graders.batch.layouts import Group, gradable
from graders.batch.listing import Kind
from graders.messages import M, Message

_NAMED = 5
_OTHER_ARCHIVE = re.compile(r".+\.(?:rar|7z|tar|tgz|tbz2?|txz|gz|bz2|xz|zst)", re.IGNORECASE)
_TWO_ENDINGS = re.compile(r"(.+\.(?:ipynb|py))\.\w{1,5}", re.IGNORECASE)


def why_not(group: Group) -> Message | None:
    """None for a group with something in it that can be graded."""
    names = [p.name for p in group.parts]
    if any(map(gradable, names)):
        return None
    if names:
        return _of_files(names)
    if group.typed:
        return M(
            "a text that was typed in, and no file: hand in the notebook (.ipynb) or module (.py)"
        )
    return _of_others(group)


def _of_files(names: list[str]) -> Message:
    for name in names:
        if _OTHER_ARCHIVE.fullmatch(name):
            return M("{name}: an archive of a kind that is not opened; pack it as .zip", name=name)
    for name in names:
        if found := _TWO_ENDINGS.fullmatch(name):
            return M("{name}: rename it to {other} and hand it in again", name=name, other=found[1])
    shown = ", ".join(names[:_NAMED]) + (", ..." if len(names) > _NAMED else "")
    return M("no notebook (.ipynb) and no module (.py) in it, only {names}", names=shown)


def _of_others(group: Group) -> Message:
    seen = {o.kind: o.name for o in group.others}
    hidden = [o.name for o in group.others if o.kind is Kind.HIDDEN]
    if Kind.LINK in seen:
        return M("{name} is a link, and links are not followed: hand in the file itself",
                 name=seen[Kind.LINK])  # fmt: skip
    if any(name.endswith(".ipynb_checkpoints") for name in hidden):
        return M("only a copy that Jupyter keeps (.ipynb_checkpoints): hand in the notebook itself")
    if hidden:
        return M("only hidden files ({name}), which are not read", name=hidden[0])
    for kind in (Kind.CLOSED, Kind.SPECIAL):
        if kind in seen:
            return M("{name} can't be read here", name=seen[kind])
    return M("nothing was handed in: the folder is empty")
