"""An IPython shell without a kernel: magics, display and forgiving indentation, no sockets."""

import collections
import contextlib
import functools
import io
import os
import sys

from IPython.core import interactiveshell
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Any, Type
from traitlets.config import Config

from . import compat


class _Display(DisplayHook):
    """The value of a cell's last line: its text, nothing richer (pictures cost, text tells)."""

    def write_output_prompt(self):
        pass

    def write_format_data(self, format_dict, md_dict=None):
        text = format_dict.get("text/plain")
        if isinstance(text, str):
            self.shell.sg_display("execute_result", text, self.shell.execution_count)

    def finish_displayhook(self):
        pass


class _Publisher(DisplayPublisher):
    def publish(self, data, metadata=None, source=None, transient=None, update=False, **kwargs):
        text = data.get("text/plain") if isinstance(data, dict) else None
        if isinstance(text, str):
            self.shell.sg_display("display_data", text, None)

    def clear_output(self, wait=False):
        pass


class Shell(InteractiveShell):
    """Runs cells; shell commands and terminal features do nothing and say so once."""

    displayhook_class = Type(_Display)
    display_pub_class = Type(_Publisher)
    sg_display = Any(lambda kind, text, count: None)

    def enable_gui(self, gui=None):
        """Notebooks ask for windows that don't exist here."""

    def enable_matplotlib(self, gui=None):
        """``%matplotlib inline``: figures are drawn with Agg and not shown."""
        return gui, "agg"

    def system(self, cmd):
        """``!command`` is not run: a notebook must not install or download anything here."""
        compat.note("shell command")
        print("[not run] !%s" % str(cmd)[:200])

    system_piped = system
    system_raw = system

    def run_line_magic(self, magic_name, line, _stack_depth=1):
        """``%name``: one that is not known here does nothing, and the cell goes on below it."""
        if self.find_line_magic(magic_name) is None:
            compat.note("no such magic: %%%s" % str(magic_name)[:60])
            return None
        return super().run_line_magic(magic_name, line, _stack_depth + 1)

    def ask_exit(self):
        """``quit()`` and ``exit()`` in a cell."""
        raise SystemExit

    def getoutput(self, cmd, split=True, depth=0):
        """``x = !command`` gives nothing."""
        self.system(cmd)
        return [] if split else ""


_OWN_MAGICS = ("check", "hint", "problem", "solution")  # of the grader's own extension
_EXTENSION = "scratchgrade"


class _Unchecked:
    """What ``%check`` gives where nothing is checked: cells that go on with a verdict run on."""

    item, status, passed, score, max_score = None, "skipped", False, 0.0, 0.0

    def __init__(self):
        self.facets, self.report = {}, {}

    @property
    def items(self):
        return collections.defaultdict(_Unchecked)


def _load_others(load):
    """``%load_ext``, which takes the grader's own extension for what it is: nothing to be graded."""

    def load_ext(line):
        return None if line.strip() == _EXTENSION else load(line)

    return load_ext


def _change_folder(line):
    """``%cd FOLDER``, as far as there is one here."""
    folder = os.path.expanduser(line.strip().strip("'\""))
    if os.path.isdir(folder):
        os.chdir(folder)
    else:
        compat.note("no such folder: %s" % folder[:100])


class _EmptyLines:
    """The empty lines that a cell begins with: IPython drops them, and would count lines from the
    first other, while students see them.
    """

    def __init__(self):
        self._many = 0

    def counted(self, lines):
        self._many = next((n for n, line in enumerate(lines) if line.strip()), 0)
        return lines

    def restored(self, lines):
        return ["\n"] * self._many + lines


def use_open():
    """Notebooks get IPython's own `open`, which goes by what io.open was at IPython's import."""
    if hasattr(interactiveshell, "io_open"):
        interactiveshell.io_open = io.open


@functools.lru_cache(maxsize=None)
def the_shell():
    """The shell of this process, or of the one that it is forked from.

    Its `sg_display(kind, text, execution_count)` is told what cells display.
    """
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "NoColor"
    config.InteractiveShell.xmode = "Plain"
    config.InteractiveShell.cache_size = 0
    config.InteractiveShell.automagic = False
    with contextlib.suppress(Exception):
        shell = Shell.instance(config=config)
    empty, transforms = _EmptyLines(), shell.input_transformer_manager
    transforms.cleanup_transforms.insert(0, empty.counted)
    transforms.line_transforms.append(empty.restored)
    shell.showtraceback = lambda *a, **k: None  # errors are reported as data
    shell.showsyntaxerror = lambda *a, **k: None
    for kind, names in (
        ("line", ["pip", "conda", "mamba", "uv", "matplotlib", *_OWN_MAGICS]),
        ("cell", ["bash", "sh", "script"]),
    ):
        for name in names:
            shell.magics_manager.magics[kind][name] = lambda *a, **k: None
    lines = shell.magics_manager.magics["line"]
    lines["cd"] = _change_folder
    lines["check"] = lambda *a, **k: _Unchecked()
    for name in ("load_ext", "reload_ext", "unload_ext"):
        lines[name] = _load_others(lines[name])
    sys.modules["__main__"] = shell.user_module
    return shell
