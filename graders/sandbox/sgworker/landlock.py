"""Landlock by ctypes: the process reads what it is given, writes in its scratch, nothing else.

Source: linux/landlock.h and the kernel's userspace-api documentation. A rule holds for a folder
and all below it; what no rule names is refused with EACCES, however the path was reached.
"""

import ctypes
import os
import stat

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same numbers on every architecture
_VERSION_FLAG = 1
_PATH_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _REMOVE_FILE, _MAKE_CHAR, _MAKE_DIR = 1 << 4, 1 << 5, 1 << 6, 1 << 7
_MAKE_REG, _MAKE_SOCK, _MAKE_FIFO, _MAKE_BLOCK = 1 << 8, 1 << 9, 1 << 10, 1 << 11
_MAKE_SYM, _REFER, _TRUNCATE, _IOCTL_DEV = 1 << 12, 1 << 13, 1 << 14, 1 << 15
_FILE_RIGHTS = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_READ = _READ_FILE | _READ_DIR
_SCRATCH = (
    _READ | _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _MAKE_FIFO
    | _MAKE_SYM | _REFER | _TRUNCATE
)  # fmt: skip
_NET = 0b11  # bind and connect TCP
_SCOPES = 0b11  # abstract sockets and signals


class _Ruleset(ctypes.Structure):
    _fields_ = [
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    ]


class _Path(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32)]


_LIBC = ctypes.CDLL(None, use_errno=True)
_LIBC.syscall.restype = ctypes.c_long


def _syscall(*arguments):
    plain = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    result = _LIBC.syscall(*plain)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def abi():
    """The version that the kernel offers, 1 or more. Raises OSError where there is none."""
    return _syscall(_CREATE, None, 0, _VERSION_FLAG)


def restrict(read, listed, write):
    """Confine this thread and all that come from it; return the ABI.

    `read`: files and folders to read, with all below. `listed`: folders whose names alone may
    be read. `write`: scratch folders. What does not exist is passed over.

    Raises:
        OSError: the kernel has no Landlock, or refused.
    """
    version = abi()
    handled = (1 << 13) - 1
    for needed, right in ((2, _REFER), (3, _TRUNCATE), (5, _IOCTL_DEV)):
        if version >= needed:
            handled |= right
    attributes = _Ruleset(handled, _NET if version >= 4 else 0, _SCOPES if version >= 6 else 0)
    size = 8 if version < 4 else (16 if version < 6 else 24)
    ruleset = _syscall(_CREATE, ctypes.byref(attributes), size, 0)
    try:
        for rights, paths in (
            (_READ, read),
            (_READ_DIR, listed),
            (_SCRATCH, write),
            (_READ_FILE | _WRITE_FILE, [os.devnull]),
        ):
            for path in paths:
                _add(ruleset, path, rights & handled)
        _syscall(_RESTRICT, ruleset, 0)
    finally:
        os.close(ruleset)
    return version


def around(read, listed, hidden):
    """(read, listed) without what is hidden: rules only ever allow, so all that lies beside it is named.

    Folders on the way to what is hidden can still be listed. A folder is known by its inode: the
    same one may be there by several paths, and a rule for one of them is a rule for all.
    """
    away = {_identity(path) for path in hidden} - {None}
    above = {_identity(parent) for path in hidden for parent in _parents(path)} - {None}
    left, seen = [], list(listed)

    def take(path):
        identity = _identity(path)
        if identity in away:
            return
        if identity not in above:
            left.append(path)
            return
        seen.append(path)
        for name in os.listdir(path):
            take(os.path.join(path, name))

    for path in read:
        take(path)
    return left, seen


def _identity(path):
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _parents(path):
    path = os.path.realpath(path)
    while path != os.path.dirname(path):
        path = os.path.dirname(path)
        yield path


def _add(ruleset, path, rights):
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(fd).st_mode):
            rights &= _FILE_RIGHTS
        if rights:
            _syscall(_ADD, ruleset, _PATH_BENEATH, ctypes.byref(_Path(rights, fd)), 0)
    finally:
        os.close(fd)
