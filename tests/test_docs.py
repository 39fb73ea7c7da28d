"""The documentation tells the truth: every page is done as it says, in an empty folder."""

from __future__ import annotations

import argparse
import html.parser
import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from graders import commands
from graders.specs import BUILTIN, ROLES
from tests.pages import Command, PageError, read_page, run_page

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
# Options of other programs that pages mention in passing.
OTHERS = {"--strict", "--privileged", "--network", "--name"}


def _name(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize("file", PAGES, ids=_name)
def test_what_a_page_says_is_what_happens(file: Path, tmp_path: Path) -> None:
    run_page(read_page(file), tmp_path)


def test_there_is_something_to_do_for_every_reader() -> None:
    for reader in ("student", "instructor", "administrator", "contributor"):
        steps = [s for f in (DOCS / reader).glob("*.md") for s in read_page(f).steps]
        assert sum(isinstance(s, Command) for s in steps) >= 3, reader


# -- a page that has drifted ---------------------------------------------------------------------

FENCE = "```"
DRIFTED = {
    "another output": ("$ echo one\ntwo", "writes something else"),
    "less output": ("$ echo one; echo two\none", "writes something else"),
    "more output": ("$ echo one\none\ntwo", "writes something else"),
    "no output": ("$ true\none", "writes something else"),
    "a part of a line": ("$ echo one two\none", "writes something else"),
    "a command that fails": ("$ false", "ends with 1, not 0"),
    "a command that is not there": ("$ scratchgrad grade", "ends with 127, not 0"),
    "output without a command": ("one", "output without a command"),
    "what stands for a part, but does not": ("$ echo one\nt...e", "writes something else"),
}


@pytest.mark.parametrize(("block", "reason"), DRIFTED.values(), ids=DRIFTED)
def test_a_page_that_has_drifted_fails(tmp_path: Path, block: str, reason: str) -> None:
    file = tmp_path / "page.md"
    file.write_text(f"# A page\n\n{FENCE}console\n{block}\n{FENCE}\n")
    with pytest.raises(PageError, match=reason) as caught:
        run_page(read_page(file), tmp_path)
    assert f"{file}, line 4" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"{FENCE}yaml\na: 1\n{FENCE}\n", "neither run nor written"),
        (f"{FENCE}\nls\n{FENCE}\n", "neither run nor written"),
        (f"{FENCE}console\n$ ls\n", "does not end"),
        (f"<!-- not run: so -->\n{FENCE}console\n$ ls\n{FENCE}\n", "say why"),
        (f"<!-- exit: 1 -->\n{FENCE}console\n$ true\n{FENCE}\n", "ends with 0, not 1"),
        (f"<!-- exit: 1 -->\n\ntext\n\n{FENCE}console\n$ false\n{FENCE}\n", "ends with 1, not 0"),
    ],
)
def test_nothing_slips_through(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "page.md"
    file.write_text(text)
    with pytest.raises(PageError, match=reason):
        run_page(read_page(file), tmp_path)


def test_a_page_is_done_in_its_order(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text(
        f'{FENCE}text title="sub/a"\none\ntwo\n{FENCE}\n'
        f"{FENCE}console\n$ cat \\\n  sub/a\n...\ntwo\n$ date; echo three\n... ...\nthree\n{FENCE}\n"
        f'{FENCE}text title="sub/a"\nnew\n{FENCE}\n{FENCE}console\n$ cat sub/a\nn...\n{FENCE}\n'
        f"<!-- not run: because it never ends -->\n{FENCE}console\n$ sleep 1000000\n{FENCE}\n"
    )
    page = read_page(file)
    run_page(page, tmp_path)
    assert page.not_run == {22: "because it never ends"}


# -- what no command shows -----------------------------------------------------------------------


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        yield from action.option_strings
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                yield from _options(inner)


def test_options_that_pages_mention_are_there() -> None:
    known = {*_options(commands._parser()), "--submission", *OTHERS}
    for file in (f for f in PAGES if f.parent != ROOT):
        text = re.sub(r"^ *```.*?^ *```$", "", file.read_text(), flags=re.DOTALL | re.MULTILINE)
        for span in re.findall(r"`([^`\n]+)`", text):
            for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", span):
                assert option in known, f"{_name(file)}: {span}"


def test_all_keys_of_specs_and_policies_are_told() -> None:
    parts = json.loads((BUILTIN / "spec.schema.json").read_text())["$defs"]
    page = (DOCS / "instructor" / "keys-of-a-spec.md").read_text()
    kinds = parts["item"]["properties"]["kind"]["anyOf"][0]["enum"]
    for word in [*parts["item"]["properties"], *parts["sprint"]["properties"], *kinds, *ROLES]:
        assert f"`{word}`" in page, word
    page = (DOCS / "instructor" / "policies.md").read_text()
    policy = parts["policy"]["properties"]
    for word in policy.keys() - {"items"}:
        assert f"| `{word}` |" in page, word
    for word in policy["items"]["additionalProperties"]["properties"]:
        assert f"`items.ITEM.{word}" in page, word


class _Fetched(html.parser.HTMLParser):
    """What a browser would fetch to show a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the addresses of scripts, styles, images and frames."""
        told = dict(attrs)
        address = told.get("src") if tag != "link" else told.get("href")
        if address and told.get("rel") not in ("prev", "next", "canonical"):
            self.found.append(address)


@pytest.mark.skipif(
    importlib.util.find_spec("mkdocs") is None or importlib.util.find_spec("material") is None,
    reason="mkdocs-material is not installed (pip install '.[docs]')",
)
def test_the_site_is_built_and_needs_no_network(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, timeout=120,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    pages = [*tmp_path.rglob("*.html")]
    assert len(pages) >= len(list(DOCS.rglob("*.md")))
    for page in pages:
        fetched = _Fetched()
        fetched.feed(page.read_text(encoding="utf-8"))
        for address in fetched.found:
            assert not re.match(r"[a-z]+:|//", address), f"{page.name} fetches {address}"
            if page.name != "404.html":  # served at any address: its links begin at the root
                assert (page.parent / address.partition("?")[0]).is_file(), (
                    f"{page.name}: {address}"
                )
    for style in tmp_path.rglob("*.css"):
        assert not re.search(r"(@import|url\()\s*['\"]?(https?:)?//", style.read_text()), style
