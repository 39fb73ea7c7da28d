"""What the pages' servers have in common."""

from __future__ import annotations

import subprocess
import sys

import pytest

_SERVER = """
import asyncio, os, signal
from graders.web.serving import bound, served

async def nothing(scope, receive, send):
    pass

def told():
    print("the address", flush=True)
    os.kill(os.getpid(), signal.{name})

signal.signal(signal.{name}, signal.SIG_IGN)  # as in a job behind &
with bound("127.0.0.1", 0, 10) as listening:
    asyncio.run(served(nothing, listening, 10, told))
print("ended")
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_who_was_told_the_address_can_end_it(name: str) -> None:
    command = [sys.executable, "-c", _SERVER.format(name=name)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.stdout.split("\n") == ["the address", "ended", ""], done.stderr
