"""``scratchgrade policy``: a course's policy, begun from a template and looked over."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from typing import TypeAlias

from graders.errors import UsageError
from graders.policy import ItemPolicy, Policy, read_policy
from graders.specs import BUILTIN, ItemSpec, load_sprints
from graders.specs.model import ORDERS, Cost

PASSED = 0
_Actions: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_commands(commands: _Actions) -> None:
    """Add ``policy`` and its sub-commands; `run` of the parsed options does the work."""
    policy = commands.add_parser("policy", help="what counts in a course: new, check")
    actions = policy.add_subparsers(dest="action", required=True)
    new = actions.add_parser("new", help="a commented template, valid from the first line")
    new.add_argument(
        "file", nargs="?", type=Path, default=Path("policy.yaml"), metavar="FILE",
        help="default: policy.yaml",
    )  # fmt: skip
    new.set_defaults(run=_new)
    check = actions.add_parser("check", help="what is wrong with it, or what it changes")
    check.add_argument("file", type=Path, metavar="FILE")
    check.add_argument("--specs", type=Path, metavar="DIR")
    check.set_defaults(run=_check)


def run(options: argparse.Namespace) -> int:
    """The exit status: 0.

    Raises:
        GraderError: the policy is malformed, or the template can't be written.
    """
    action: Callable[[argparse.Namespace], int] = options.run
    return action(options)


def _new(options: argparse.Namespace) -> int:
    file: Path = options.file
    source = resources.files("graders.authoring") / "templates" / "policy.yaml"
    schema = os.path.relpath(BUILTIN / "policy.schema.json", file.parent.resolve())
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(source.read_text(encoding="utf-8").replace("SCHEMA", schema))
    except FileExistsError:
        raise UsageError(f"{file}: is there already") from None
    except OSError as error:
        raise UsageError(f"{file}: can't be written: {error.strerror}") from error
    print(f"wrote {file}")
    return PASSED


def _check(options: argparse.Namespace) -> int:
    sprints = load_sprints(options.specs)
    policy = read_policy(options.file, sprints)
    print(f"{options.file}: nothing is wrong with it")
    for line in _changes(policy, {i.id: i for s in sprints.values() for i in s.items}):
        print(f"    {line}")
    return PASSED


def _changes(policy: Policy, specs: dict[str, ItemSpec]) -> Iterator[str]:
    """What is otherwise under the policy, a line for each thing."""
    if policy.feedback:
        yield f"feedback: {policy.feedback}"
    if policy.hints is not None:
        yield f"hints in the notebook: {policy.hints} of 4 steps"
    if policy.solution != "never":
        when = {"passed": "once the item is right", "always": "whenever it is asked for"}
        yield f"solutions in the notebook: {when[policy.solution]}"
    if policy.strict:
        yield "only the specs' own signatures count"
    if policy.budget:
        yield f"cells in all: {policy.budget:g} s"
    if policy.training_budget:
        yield f"each item that trains: {policy.training_budget:g} s of processor time"
    if policy.forbidden:
        yield f"answers may not use {', '.join(policy.forbidden)}"
    if policy.counts:
        yield "what layers cost is counted"
    for name, item in policy.items.items():
        yield f"{name}: {'; '.join(_of_item(item, specs[name]))}"


def efficient(cost: Cost) -> str:
    """What counts as efficient, in one line."""
    said = [
        f"{what} " + " ".join(f"{axis} {ORDERS[order]}" for axis, order in orders.items())
        for what, orders in (("loops", cost.loops), ("memory", cost.memory))
        if orders
    ]
    if cost.bytes is not None:
        said.append(f"at most {cost.bytes:g} bytes a byte")
    said += [f"calls {name}" for name in cost.required]
    said += [f"never calls {name}" for name in cost.forbidden]
    return ", ".join(said)


def _of_item(item: ItemPolicy, spec: ItemSpec) -> Iterator[str]:
    if item.required is not None:
        yield "required" if item.required else "optional"
    if item.points:
        points = ", ".join(
            f"{f} {p:g} (not {spec.facets.get(f, 0):g})" for f, p in item.points.items()
        )
        yield f"points: {points}"
    if item.cost is not None:
        yield f"efficient: {efficient(item.cost)}"
    if item.tolerance is not None:
        yield f"tolerance {item.tolerance:g} (not {spec.tolerance:g})"
    if item.accept:
        yield f"accepted: {', '.join(sorted(item.accept))}"
