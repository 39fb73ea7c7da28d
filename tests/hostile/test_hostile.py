"""Submissions that attack: nothing gained, nothing harmed, nobody left, and the next one graded.

Each file of `submissions/hostile/` is graded by `driver.py`, in a process of its own under a
guard: a process namespace where there is one, limits on memory, files and time in any case.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import json
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from graders.sandbox.isolation import LEVELS, bubblewrap, interpreter, spare_uid
from graders.specs import BUILTIN

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = ROOT / "submissions" / "hostile"
DRIVER = Path(__file__).parent / "driver.py"
ATTACKS = sorted([*HOSTILE.glob("*.py"), *HOSTILE.glob("*.ipynb"), HOSTILE / "planted"])
# What may stop a grader's whole machine is tried behind every kind of wall.
EVERYWHERE = ("memory_bomb", "thread_bomb", "forged_frames", "stops_itself")
FORGERIES = (
    "array_equal_to_everything", "equal_to_everything", "forged_dtype_and_shape", "forged_frames",
    "patch_comparisons", "patches_the_worker", "pickle_in_the_reply", "reply_with_the_nonce",
    "garbage_on_the_wire", "exits", "hostile_text",
)  # fmt: skip
AS_ORDINARY_USER = ["unshare", "--user", "--map-user=1000"]
OWN_PROCESSES = ["--pid", "--fork", "--mount-proc", "--kill-child"]


def described(path: Path) -> str:
    """An attack's docstring and all that follows."""
    return (path / "answer.ipynb" if path.is_dir() else path).read_text(encoding="utf-8")


def stopped_from(path: Path) -> str:
    """The weakest level that stops the attack."""
    found = re.search(r"Stopped from level: (\w+)\.", described(path))
    assert found is not None, path
    assert found.group(1) in LEVELS
    return found.group(1)


def may_gain(path: Path) -> float:
    """Points that an honest implementation in the file earns."""
    found = re.search(r"May gain: (\d+) points", described(path))
    return float(found.group(1)) if found else 0.0


WALLS = [p for p in ATTACKS if stopped_from(p) != "limits" or p.stem in EVERYWHERE]
SETTINGS: dict[str, tuple[str, list[Path], int]] = {
    "kernel": ("kernel", ATTACKS, 4),
    "full": ("full", WALLS, 2),
    "uid": ("uid", WALLS, 1),
    "ordinary user": ("kernel", WALLS, 2),
    "limits": ("limits", [p for p in ATTACKS if p.stem in FORGERIES], 1),
}
CHUNKS = [(s, i) for s, (_, _, count) in SETTINGS.items() for i in range(count)]


@functools.cache
def works(*command: str) -> bool:
    """True if a command that does nothing runs behind that one."""
    with contextlib.suppress(OSError):
        return subprocess.run([*command, "true"], capture_output=True).returncode == 0
    return False


def guard(setting: str) -> list[str]:
    """What stands in front of the driver; skips where the setting can't be had."""
    if setting == "full" and (why := bubblewrap.absent()):
        pytest.skip(f"no bubblewrap here: {why}")
    if setting == "uid" and (why := spare_uid.absent(interpreter.files_of(sys.executable).roots)):
        pytest.skip(f"no spare user here: {why}")
    if setting == "ordinary user":
        if os.geteuid() != 0:
            pytest.skip("the other settings are run by an ordinary user already")
        if not works(*AS_ORDINARY_USER):
            pytest.skip("no user namespaces here to be an ordinary user in")
        return [*AS_ORDINARY_USER, *OWN_PROCESSES]
    alone = ["unshare", *OWN_PROCESSES]
    return alone if works(*alone) else []


def _limit() -> None:
    for which, most in ((resource.RLIMIT_FSIZE, 2**31), (resource.RLIMIT_AS, 12 * 2**30)):
        _, hard = resource.getrlimit(which)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(which, (most, hard))


def run(setting: str, attacks: list[Path], folder: Path) -> list[dict[str, Any]]:
    """What became of each attack."""
    folder.chmod(0o777)
    place = folder / "place"
    place.mkdir()
    with _ports(alone=setting == "limits"):
        return _run(setting, attacks, place, folder / "said")


@contextlib.contextmanager
def _ports(alone: bool) -> Iterator[None]:
    """Attacks that reach the network must not be heard by another worker's services."""
    with (Path(tempfile.gettempdir()) / "scratchgrade-hostile.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield


def _run(setting: str, attacks: list[Path], place: Path, log: Path) -> list[dict[str, Any]]:
    level = SETTINGS[setting][0]
    line = [*guard(setting), sys.executable, str(DRIVER), str(place), level, *map(str, attacks)]
    with log.open("w+") as said:
        process = subprocess.Popen(
            line, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True,
            preexec_fn=_limit,
        )  # fmt: skip
        try:
            process.wait(60 + 15 * len(attacks))
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        said.seek(0)
        text = said.read()[-3000:]
    records: list[dict[str, Any]] = json.loads((place / "results.json").read_text())
    assert len(records) == len(attacks), (
        f"the grader did not survive {attacks[len(records)]}: {text}"
    )
    assert process.returncode == 0, text
    return records


@functools.cache
def validator() -> jsonschema.Draft202012Validator:
    """The report's schema."""
    text = (BUILTIN / "report.schema.json").read_text(encoding="utf-8")
    return jsonschema.Draft202012Validator(json.loads(text))


def faults(record: dict[str, Any], attack: Path, level: str) -> list[str]:
    """Everything that an attack achieved."""
    wrong = []
    if record["error"]:
        return [f"no grading: {record['error']}"]
    report = record["report"]
    wrong += [f"report: {e.message}" for e in validator().iter_errors(report)]
    if report["score"] > may_gain(attack):
        wrong.append(f"it gained {report['score']} points")
    if report["isolation"]["level"] != level or not report["complete"]:
        wrong.append(f"level {report['isolation']['level']}, complete: {report['complete']}")
    wrong += [f"changed: {what}" for what in record["changed"]]
    wrong += [f"still runs: {what}" for what in record["left"]]
    wrong += [f"connected to {what}" for what in record["heard"]]
    if record.get("next", 2.0) != 2.0:
        wrong.append(f"the next submission got {record['next']} of 2 points")
    shown = [*record["lines"], *_texts(report)]
    wrong += [f"shown: {text!r}" for text in shown if not harmless(text)]
    return wrong


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [t for v in value.values() for t in _texts(v)]
    if isinstance(value, list):
        return [t for v in value for t in _texts(v)]
    return [value] if isinstance(value, str) else []


def harmless(text: str) -> bool:
    """No control or format character, no half character, no command to a CI runner."""
    plain = all(unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in text)
    return plain and not text.lstrip().startswith(("::", "##["))


@pytest.fixture
def open_path() -> Iterator[Path]:
    """A folder that a spare user can get to; pytest's own are closed to others."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def test_there_are_enough_attacks_and_each_says_what_it_tries() -> None:
    assert len(ATTACKS) >= 40
    for attack in ATTACKS:
        stopped_from(attack)
        assert '"""' in described(attack) or attack.suffix == ".ipynb" or attack.is_dir()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="walls are for Linux only")
@pytest.mark.parametrize(("setting", "chunk"), CHUNKS, ids=[f"{s} {i}" for s, i in CHUNKS])
def test_no_attack_gains_or_harms_anything(setting: str, chunk: int, open_path: Path) -> None:
    level, attacks, count = SETTINGS[setting]
    mine = attacks[chunk::count]
    records = run(setting, mine, open_path)
    achieved = {
        record["name"]: wrong
        for record, attack in zip(records, mine, strict=True)
        if (wrong := faults(record, attack, level))
    }
    assert achieved == {}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a process namespace guards it")
def test_without_walls_these_attacks_do_work(open_path: Path) -> None:
    """Else the tests above would prove nothing; and what a weak level can't stop is known."""
    if not works("unshare", *OWN_PROCESSES):
        pytest.skip("no process namespace here to let attacks loose in")
    names = ["reads_the_specs", "reads_its_neighbours", "network", "changes_modes"]
    records = run("limits", [HOSTILE / f"{name}.py" for name in names], open_path)
    assert [r["report"]["score"] for r in records[:2]] == [2.0, 2.0]
    assert records[2]["heard"]
    assert records[3]["changed"]
    for record in records:
        assert record["report"]["isolation"]["level"] == "limits"
        assert any("network" in text for text in record["report"]["isolation"]["missing"])
        assert any("NOT ISOLATED" in line for line in record["lines"])
