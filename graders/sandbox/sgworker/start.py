"""``python -s -B .../sgworker/start.py IN OUT``: be the student's process.

IN and OUT are the numbers of the inherited pipe ends; the first frame on IN has the settings.
``start.py --fork CONTROL``: be the process that students' processes are forked from.
"""

import gc
import os
import sys

gc.disable()  # nothing that is imported is garbage; where the student's code runs it is on again


def _main():
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path.insert(0, os.path.dirname(here))
    from sgworker import forkserver, worker

    sys.path.pop(0)
    sys.path[:] = [p for p in sys.path if os.path.abspath(p or ".") != here]
    # An editable installation makes the grader importable; here nothing of it is.
    sys.meta_path[:] = [f for f in sys.meta_path if not _finds_the_grader(f)]
    if sys.argv[1] == "--fork":
        fd_in, fd_out = forkserver.serve(int(sys.argv[2]))
    else:
        fd_in, fd_out = int(sys.argv[1]), int(sys.argv[2])
    gc.enable()
    worker.Worker(fd_in, fd_out).serve()


def _finds_the_grader(finder):
    module = sys.modules.get(getattr(finder, "__module__", None))
    mapping = getattr(module, "MAPPING", None)
    return isinstance(mapping, dict) and "graders" in mapping


_main()
