"""No verdict hangs on the order in which a set is gone through, which is another one in each process."""

import os
import subprocess
import sys
from pathlib import Path

GRADED = """
import sys, tempfile
from pathlib import Path
from tests.test_interfaces import MODULES, judged
from tests.twins import told
name, item, facets = sys.argv[1:]
with tempfile.TemporaryDirectory() as folder:
    for result in judged(Path(folder), MODULES[name].wrong[item, facets], (item,)).values():
        print(told(result).replace(folder, "").split(", seconds=")[0])
"""


def test_two_orders_give_one_verdict() -> None:
    twin = ["conv2d_completed_by_the_network", "conv2d", "forward"]
    said = []
    for seed in ("1", "2"):  # its layers were completed in the wrong order by one of these
        run = subprocess.run(
            [sys.executable, "-c", GRADED, *twin],
            cwd=Path(__file__).parent.parent,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stderr
        said.append(run.stdout)
    assert "initialize(optimizer)" in said[0]
    assert said[0] == said[1]
