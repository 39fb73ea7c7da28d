"""Other code for a function of the student's, within one program.

Programs do so only after every verdict has been come to, and every function has its own code again
when they end. Mixed into `calls.Program`.
"""

import types


def _plain(found):
    """The function inside a static method, a property or what a decorator has put around it."""
    for _ in range(20):
        if isinstance(found, types.FunctionType) and not hasattr(found, "__wrapped__"):
            return found
        inner = getattr(found, "__func__", None) or getattr(found, "fget", None)
        found = inner or getattr(found, "__wrapped__", None)
    raise TypeError("no function of Python's")


def _code_in(code, names):
    """The code of a class or function inside another one, by their names."""
    for name in names:
        inside = [c for c in code.co_consts if isinstance(c, types.CodeType)]
        code = next(c for c in inside if c.co_name == name)
    return code


class RepairingSteps:
    """``edit``: `of` is the name and the cell of a function, or of the class whose `method` it is;
    `source` compiles to the same function under the `names`, in a cell's lines. `alone`: what was
    edited before has its own code again first.
    """

    def _do_edit(self, step):
        if step.get("alone"):
            self.end_edits()
        name, cell = step["of"]
        found = self._find(name, cell)
        if step.get("method"):
            found = vars(found)[step["method"]]
        function = _plain(found)
        remembering = getattr(found, "cache_clear", None)  # answers that the old code has given
        whole = compile(step["source"], "<cell %d>" % cell, "exec", dont_inherit=True)
        code = _code_in(whole, step["names"])
        self._edited.append((function, function.__code__, remembering))
        function.__code__ = code
        if remembering is not None:
            remembering()

    def end_edits(self):
        """Every function as it was."""
        while self._edited:
            function, code, remembering = self._edited.pop()
            function.__code__ = code
            if remembering is not None:
                remembering()
