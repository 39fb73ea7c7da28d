"""What a process may do beyond files: its user, its capabilities, its end with the grader."""

import ctypes
import os
import signal

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_CAPABILITY_VERSION = 0x20080522


def _prctl(*arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    plain = [ctypes.c_ulong(a) for a in arguments] + [ctypes.c_ulong(0)] * (5 - len(arguments))
    if libc.prctl(*plain) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def become(uid):
    """Change to a user that nobody else is (as root): no groups, no way back."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    _prctl(_PR_SET_DUMPABLE, 1)  # else its own /proc entries are closed to it


def drop_capabilities():
    """Keep no capability, not even as root."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    if libc.capset(header, (ctypes.c_uint32 * 6)()) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def no_new_privileges():
    """No program that is started gains rights; Landlock and seccomp ask for this first."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def die_with_parent():
    """Be killed when the grader is. Elsewhere than on Linux the closed pipe ends the process.

    A change of user takes it back, so it comes after that.
    """
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
