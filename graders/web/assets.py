"""Style sheets and scripts, each one file of an address of its own: no page has any in it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from graders.report.pages import templates


def style(*more: str) -> str:
    """The style of reports, in light and dark, that of all pages, and `more`."""
    report: Any = templates("graders.report").get_template("parts.html.j2").module
    dark = f"@media (prefers-color-scheme: dark) {{ :root {{ {report.dark()} }} }}"
    ours = text_of("graders.web", "pages.css")
    return "\n".join((f":root {{ {report.light()} }}", dark, str(report.style()), ours, *more))


def text_of(package: str, name: str) -> str:
    """A file in the folder `static` of a package."""
    return (resources.files(package) / "static" / name).read_text("utf-8")


def asset(content: Callable[[], str], kind: str) -> Callable[[Request], Response]:
    """What answers with a text of that kind."""

    def answer(request: Request) -> Response:
        return Response(content(), media_type=kind)

    return answer


def report_sections(parts: dict[str, Any]) -> Markup:
    """The items of a report (`graders.report.html.parts_of`) as the student's page has them."""
    module: Any = templates("graders.report").get_template("parts.html.j2").module
    sections = (
        module.item_section(one, parts["label"], parts["status"], parts["facet"], parts["order"])
        for one in parts["items"]
    )
    return Markup("").join(sections)


def report_body(parts: dict[str, Any]) -> Markup:
    """All items of a report, what became of each first, and the cells that did not run through last."""
    module: Any = templates("graders.report").get_template("parts.html.j2").module
    label = parts["label"]
    table = module.overview(parts["items"], label, parts["status"]) if parts["items"] else ""
    cells = module.unfinished_cells(parts["unfinished"], label, parts["reason_of"])
    return Markup("").join((table, report_sections(parts), cells))
