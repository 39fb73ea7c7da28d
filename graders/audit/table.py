"""An audit as lines of text, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from graders.audit.audit import total
from graders.audit.model import ItemAudit
from graders.errors import UsageError

_HEAD = ("item", "right", "mistakes", "mutants", "killed", "equivalent", "score")


def lines(audits: Sequence[ItemAudit], explain: bool = False) -> Iterator[str]:
    """A table of all items, then what is wrong, each survivor with its diff.

    With `explain` also the survivors that somebody has explained, and the mistakes that an
    interface leaves no room for.
    """
    done = [a for a in audits if not a.skipped]
    rows = [_HEAD, *(_row(a) for a in done)]
    if len(done) > 1:
        rows.append(_row(total(done)))
    widths = [max(len(row[i]) for row in rows) for i in range(len(_HEAD))]
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(t.rjust(w) for t, w in zip(row[1:], widths[1:], strict=True))]  # fmt: skip
        yield "  ".join(cells).rstrip()
    for audit in audits:
        if audit.skipped:
            yield f"{audit.item}: not audited: {audit.skipped}"
    for audit in audits:
        for failure in audit.failures():
            yield f"{audit.item}: {failure}"
        for wrong in audit.mistaken if explain else ():
            if wrong.unshown:
                yield f"\n{audit.item}: {wrong.misconception} in {wrong.interface}: {wrong.unshown}"
        for survivor in audit.survivors:
            if survivor.why and not explain:
                continue
            kind = "equivalent" if survivor.equivalent else "SURVIVES"
            reason = f": {survivor.why}" if survivor.why else ""
            yield f"\n{audit.item}: {kind} ({survivor.mutant.operator}){reason}"
            yield survivor.mutant.diff()


def _row(audit: ItemAudit) -> tuple[str, ...]:
    right = sum(w.verdict.passed for w in audit.wrapped)
    made = [m for m in audit.mistaken if not m.unshown]
    exact = sum(m.right for m in made)
    return (
        audit.item,
        f"{right}/{len(audit.wrapped)}",
        f"{exact}/{len(made)}",
        str(audit.mutants),
        str(audit.killed),
        str(audit.equivalent),
        f"{audit.score:.1%}",
    )


def write_json(audits: Sequence[ItemAudit], file: Path) -> None:
    """All of it as one JSON object.

    Raises:
        UsageError: the file can't be written.
    """
    whole = {
        "schema_version": 1,
        "passed": not any(a.failures() for a in audits),
        "items": [a.as_dict() for a in audits],
    }
    try:
        file.write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--json {file}: can't be written: {error.strerror}") from error
