"""Puts every layer of confinement on, in the order that works, and says which are in force.

It runs after NumPy's import and before anything of the student's is in the process.
"""

import base64
import os
import shutil

from . import barred, canary, filters, landlock, limits, privileges


def confine(settings):
    """Confine this process as `settings` says; return what the greeting tells about it.

    Returns {"layers": [...], "missing": {layer: reason}, "acts": [acts that were not refused]}.
    Every layer that fails is reported, not raised: the grader decides whether that is enough.
    """
    layers, missing = limits.apply(settings), {}

    def put_on(name, action, *arguments):
        try:
            detail = action(*arguments)
        except (OSError, AttributeError, KeyError, ImportError) as error:
            missing[name] = _reason(error)
            return
        layers.append(name if detail is None else "%s %s" % (name, detail))

    if settings.get("uid") is not None:
        put_on("uid", privileges.become, settings["uid"])
    _lay_out(settings)
    put_on("pdeathsig", privileges.die_with_parent)
    if settings.get("walls"):
        put_on("capabilities", privileges.drop_capabilities)
        put_on("no_new_privs", privileges.no_new_privileges)
        if len(os.listdir("/proc/self/task") if os.path.isdir("/proc/self/task") else "1") > 1:
            missing["landlock"] = "threads"  # it would hold for one of them only
        else:
            hidden = barred.files(*settings.get("barred", ((), ())))
            read, listed, write = settings["files"]
            put_on("landlock", landlock.restrict, *landlock.around(read, listed, hidden), write)
        if settings.get("filter"):
            program = base64.b64decode(settings["filter"])
            put_on("seccomp", filters.install, program, settings["own_pid_mark"])
        else:
            missing["seccomp"] = "architecture"
    return {"layers": layers, "missing": missing, "acts": canary.observe(settings["canary"])}


def _lay_out(settings):
    """Go to the working folder; in a scratch of its own the files are brought there first."""
    if settings.get("stage"):
        os.mkdir(settings["home"], 0o700)
        shutil.copytree(settings["stage"], settings["work"], copy_function=shutil.copyfile)
    os.chdir(settings["work"])


def _reason(error):
    number = getattr(error, "errno", None)
    return os.strerror(number) if number else type(error).__name__
