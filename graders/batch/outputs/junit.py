"""The class as JUnit XML: a suite a submission, a case a check. CI systems show it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple, TextIO
from xml.sax.saxutils import escape, quoteattr

from graders.batch.store import Row, Store
from graders.messages import clean
from graders.report.standing import costs, unverified

# Characters that XML 1.0 has no place for: clean() takes control characters, not these.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _Case(NamedTuple):
    group: str
    name: str
    outcome: str  # "", failure, error or skipped
    message: str


def write_junit(store: Store, file: TextIO) -> None:
    """Write it submission by submission."""
    file.write('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="scratchgrade">\n')
    for row in store.rows():
        _write_suite(row, list(_cases(row, json.loads(store.report(row.id)))), file)
    file.write("</testsuites>\n")


def _write_suite(row: Row, cases: list[_Case], file: TextIO) -> None:
    counts = {
        kind: sum(c.outcome == kind for c in cases) for kind in ("failure", "error", "skipped")
    }
    file.write(
        f'<testsuite name={_attribute(row.id)} tests="{len(cases)}" '
        f'failures="{counts["failure"]}" errors="{counts["error"]}" '
        f'skipped="{counts["skipped"]}" time="{row.seconds:.3f}">\n'
    )
    for case in cases:
        file.write(f" <testcase classname={_attribute(case.group)} name={_attribute(case.name)}")
        if not case.outcome:
            file.write("/>\n")
            continue
        text = _NO_XML.sub("?", clean(case.message, 1_000))
        file.write(f">\n  <{case.outcome} message={_attribute(text)}")
        file.write(f">{escape(text)}</{case.outcome}>\n </testcase>\n")
    file.write("</testsuite>\n")


def _attribute(text: str) -> str:
    return quoteattr(_NO_XML.sub("?", text))


def _cases(row: Row, report: dict[str, Any]) -> Iterator[_Case]:
    if row.status != "graded":
        yield _Case(row.id, "submission", "error", row.reason)
        return
    for item in report["items"]:
        group = f"{row.id}.{row.sprint}.{item['id']}"
        spared = (item["status"] in ("manual", "skipped") and not unverified(item)) or (
            not item["required"] and item["status"] != "passed"
        )
        for check in item["checks"] or [{"id": "item", "status": "", "message": item["message"]}]:
            if check["status"] == "passed" or (not check["status"] and item["status"] == "passed"):
                yield _Case(group, check["id"], "", "")
            elif spared or (check["status"] == "skipped" and not costs(item, check["id"])):
                yield _Case(group, check["id"], "skipped", check["message"])
            else:
                yield _Case(group, check["id"], "failure", check["message"] or item["message"])
