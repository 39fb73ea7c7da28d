"""``python -s -B .../sgworker/start.py IN OUT SETTINGS``: be the student's process.

IN and OUT are the numbers of the inherited pipe ends, SETTINGS is a JSON object (limits).
"""

import os
import sys


def _main():
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path.insert(0, os.path.dirname(here))
    import json

    from sgworker.worker import Worker

    sys.path.pop(0)
    sys.path[:] = [p for p in sys.path if os.path.abspath(p or ".") != here]
    Worker(int(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3])).serve()


_main()
