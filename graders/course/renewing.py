"""Tables and pages written anew after people decided something; what was decided is kept whatever comes of it."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from graders.batch.outputs import write_outputs
from graders.batch.outputs.summary import Summary
from graders.batch.run import Busy, Class, alone_in, noted_request
from graders.batch.store import Store
from graders.errors import GraderError
from graders.messages import M, Message


def renewed(folder: Path, store: Store) -> list[Message]:
    """Write what decisions have changed; what there is to tell of it.

    Raises:
        GraderError: it could not be written.
    """
    try:
        with ExitStack() as alone:
            try:
                alone.enter_context(alone_in(folder))
            except Busy:
                return [M("kept; a run is at work in this folder and renews the tables and pages when "
                          "it ends")]  # fmt: skip
            return put_aside(folder, written(folder, store, decided=True))
    except (GraderError, OSError) as error:
        said = M("kept, but the tables and pages could not be renewed: {why}", why=str(error))
        raise GraderError(said) from error


def written(folder: Path, store: Store, decided: bool = False) -> Summary:
    """Write all that a class leaves in its folder, alone there. `decided`: nothing was graded since.

    Raises:
        GraderError: it could not be written.
    """
    graded = Class(folder, store, {}, noted_request(store))
    starter = store.noted("starter")
    return write_outputs(
        graded, store.noted("assignment"), Path(starter) if starter else None, decided
    )


def put_aside(folder: Path, whole: Summary) -> list[Message]:
    """Which tables somebody had edited, and where they are now."""
    return [_aside(folder, name) for name in whole.put_aside]


def _aside(folder: Path, name: str) -> Message:
    if not name.startswith("gradebook"):
        return M("a table was not as it had been written (edited, or by an earlier version); it is kept "
                 "as {name}", name=name)  # fmt: skip
    return M("a gradebook was not as it had been written (edited, or by an earlier version); it is kept "
             "as {name}: scratchgrade mark {folder} --from {folder}/{name} shows what it changes",
             name=name, folder=str(folder))  # fmt: skip
