"""The steps of a plan for a layer that is told whether it is a training or a test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from graders.binding.definitions import Callable_
from graders.binding.modes import Mode, Told
from graders.binding.plans import Argument, Call, LayerPlan, Programmer
from graders.cases import LayerCase

_MODE = "mode"  # the kind of an argument that tells it


class Teller(Programmer):
    """Writes the steps of a plan whose layer is told its mode. `tested`: the call in a test, of a class that has
    another forward for it.
    """

    def __init__(
        self, plan: LayerPlan, case: LayerCase, mode: Mode, tested: Call | None = None
    ) -> None:
        super().__init__(plan, case)
        self._mode, self._tested, self.training = mode, tested, True
        self._held: dict[str, str] = {}  # dicts of settings by parameter, and their handles

    def value(self, argument: Argument, upstream: Any = None) -> dict[str, Any]:
        """The described value of an argument."""
        if argument.kind == _MODE:
            return {"v": self._mode.value(self.training)}
        if argument.parameter in self._held and argument.kind == "settings":
            return {"h": self._held[argument.parameter]}
        return super().value(argument, upstream)

    def begin(self) -> None:
        """Make the layer and tell it that it is a training.

        A dict of settings is the same one in every call: what functions keep between calls lies there.
        """
        mode = self._mode
        if mode.told is Told.SHARED:
            of = {"expr": mode.parameter}
            self.optionally({"do": "hold", "out": "shared", "value": of})
            told = {"expr": f"{mode.parameter}.{mode.name}"}
            self.optionally({"do": "hold", "out": "told", "value": told})
        self.make()
        for argument in self.plan.forward.arguments:
            if argument.kind == "settings":
                handle = f"settings_{argument.parameter}"
                self.optionally({"do": "hold", "out": handle, "value": self.value(argument)})
                self._held[argument.parameter] = handle
        self.tell(True)

    def end(self) -> None:
        """What the whole module shares is told what it was."""
        mode = self._mode
        if mode.told is Told.SHARED:
            value = {"h": "told"}
            self.optionally({"do": "set", "on": "shared", "path": [mode.name], "value": value})

    def tell(self, training: bool) -> None:
        """From here on it is a training, or a test."""
        self.training = training
        mode = self._mode
        value = {"v": mode.value(training)}
        match mode.told:
            case Told.ATTRIBUTE:
                self.optionally({"do": "set", "on": "self", "path": [mode.name], "value": value})
            case Told.KEY if mode.parameter in self._held:
                on = self._held[mode.parameter]
                self.optionally({"do": "set", "on": on, "path": [mode.name], "value": value})
            case Told.SHARED:
                self.optionally({"do": "set", "on": "shared", "path": [mode.name], "value": value})
            case Told.GLOBAL:
                self.optionally({"do": "globals", "values": {mode.name: value}})
            case Told.METHODS:
                self.optionally({"do": "call", "on": "self", "method": mode.value(training)})
            case Told.SWITCH:
                call = {"do": "call", "on": "self", "method": mode.name, "args": [value]}
                self.optionally(call)

    def optionally(self, step: dict[str, Any]) -> None:
        """Add a step that may fail."""
        self.wire.steps.append({**step, "optional": True})

    def forward(self, keep: str = "", optional: bool = False) -> Programmer:
        """Call forward, in a test that for tests."""
        tested = self._tested
        if self.training or tested is None:
            return super().forward(keep, optional)
        self.optionally(
            {"do": "call", "on": "self", "method": tested.name, "out": "y", "keep": keep,
             **self._call(tested.arguments)}
        )  # fmt: skip
        return self


def told_in_call(target: Callable_ | None, call: Call, mode: Mode) -> Call:
    """The call with the argument that tells the mode, where it is told by one."""
    if mode.told is not Told.ARGUMENT or target is None:
        return call
    arguments: Sequence[Argument] = call.arguments
    if any(a.parameter == mode.name for a in arguments):
        told = [replace(a, kind=_MODE) if a.parameter == mode.name else a for a in arguments]
        return replace(call, arguments=tuple(told))
    return replace(call, arguments=(*arguments, Argument(mode.name, _MODE, "", True)))
