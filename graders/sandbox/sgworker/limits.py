"""Resource limits of the student's process, set before any of its code runs."""

import resource


def _lower(which, value):
    _, hard = resource.getrlimit(which)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(which, (value, value))


def apply(settings):
    """Set the limits that the platform has; return the names of those in force."""
    wanted = [
        ("RLIMIT_CORE", 0),
        ("RLIMIT_AS", settings.get("memory_bytes")),
        ("RLIMIT_FSIZE", settings.get("file_bytes")),
        ("RLIMIT_NOFILE", settings.get("open_files")),
        ("RLIMIT_CPU", settings.get("cpu_seconds")),
        ("RLIMIT_NPROC", settings.get("processes")),
    ]
    done = []
    for name, value in wanted:
        which = getattr(resource, name, None)
        if which is None or value is None:
            continue
        try:
            _lower(which, int(value))
        except (ValueError, OSError):
            continue
        done.append(name)
    return done
