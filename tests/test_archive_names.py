"""Damaged archives: an entry without a name is refused, and the others are read."""

import zipfile
from types import SimpleNamespace
from typing import cast

from graders.submission.archive import members, unread


def test_an_entry_without_a_name_is_no_file() -> None:
    whole, damaged = zipfile.ZipInfo("work.py"), zipfile.ZipInfo("x")
    damaged.filename = ""  # as a directory of the archive with its lengths overwritten gives it
    listed = SimpleNamespace(infolist=lambda: [damaged, whole])
    archive = cast(zipfile.ZipFile, listed)
    found, refused = members(archive)
    assert [m.parts for m in found] == [("work.py",)]
    assert len(refused) == 1
    assert unread(archive) == []
