"""The system calls that a student's process may make, compiled here to BPF and handed to it.

An allow-list: what is not named fails with EPERM. Processes can't be started (clone only makes
threads), programs not executed, sockets not opened (but for a connected pair inside the
process), signals only sent to oneself, by whatever way. Calls that merely adjust (modes of
files, priorities) pretend to succeed; those that libraries probe for are absent (ENOSYS).
Sources: linux/seccomp.h, linux/filter.h, the kernel's tables of system calls.
"""

from __future__ import annotations

import functools
import platform
import struct
import sys

OWN_PID = 0x5EC0_91D5  # stands for the process's number until it is known
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_EPERM, _ENOSYS, _EOPNOTSUPP = 1, 38, 95
_KILL, _ERRNO, _ALLOW = 0x8000_0000, 0x0005_0000, 0x7FFF_0000
_LD, _JEQ, _JSET, _AND, _RET = 0x20, 0x15, 0x45, 0x54, 0x06
_O_TRUNC, _O_ACCMODE, _CLONE_THREAD = 0o1000, 0o3, 0x10000

# name: (number on x86-64, number on arm64); None: the architecture does not have it.
_ALLOWED: dict[str, tuple[int | None, int | None]] = {
    "read": (0, 63), "write": (1, 64), "futex": (202, 98), "mmap": (9, 222), "munmap": (11, 215),
    "madvise": (28, 233), "brk": (12, 214), "mprotect": (10, 226), "lseek": (8, 62),
    "fstat": (5, 80), "newfstatat": (262, 79), "close": (3, 57), "clock_gettime": (228, 113),
    "getpid": (39, 172), "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135),
    "setitimer": (38, 103), "stat": (4, None), "lstat": (6, None), "poll": (7, None),
    "rt_sigreturn": (15, 139), "pread64": (17, 67), "pwrite64": (18, 68), "readv": (19, 65),
    "writev": (20, 66), "access": (21, None), "pipe": (22, None), "select": (23, None),
    "sched_yield": (24, 124), "mremap": (25, 216), "msync": (26, 227), "mincore": (27, 232),
    "dup": (32, 23), "dup2": (33, None), "pause": (34, None), "nanosleep": (35, 101),
    "getitimer": (36, 102), "alarm": (37, None), "sendfile": (40, 71), "sendto": (44, 206),
    "recvfrom": (45, 207), "sendmsg": (46, 211), "recvmsg": (47, 212), "shutdown": (48, 210),
    "getsockopt": (55, 209), "setsockopt": (54, 208), "getsockname": (51, 204),
    "getpeername": (52, 205), "exit": (60, 93), "wait4": (61, 260), "waitid": (247, 95),
    "uname": (63, 160), "flock": (73, 32), "fsync": (74, 82), "fdatasync": (75, 83),
    "ftruncate": (77, 46), "getdents": (78, None), "getcwd": (79, 17), "chdir": (80, 49),
    "fchdir": (81, 50), "rename": (82, None), "mkdir": (83, None), "rmdir": (84, None),
    "creat": (85, None), "link": (86, None), "unlink": (87, None), "symlink": (88, None),
    "readlink": (89, None), "umask": (95, 166), "gettimeofday": (96, 169), "getrlimit": (97, 163),
    "getrusage": (98, 165), "sysinfo": (99, 179), "times": (100, 153), "getuid": (102, 174),
    "getgid": (104, 176), "geteuid": (107, 175), "getegid": (108, 177), "getppid": (110, 173),
    "getpgrp": (111, None), "getpgid": (121, 155), "getsid": (124, 156), "getgroups": (115, 158),
    "getresuid": (118, 148), "getresgid": (120, 150), "capget": (125, 90),
    "rt_sigpending": (127, 136), "rt_sigtimedwait": (128, 137), "rt_sigsuspend": (130, 133),
    "sigaltstack": (131, 132), "statfs": (137, 43), "fstatfs": (138, 44),
    "sched_getparam": (143, 121), "sched_getscheduler": (145, 120),
    "sched_get_priority_max": (146, 125), "sched_get_priority_min": (147, 126),
    "sched_rr_get_interval": (148, 127), "sched_getaffinity": (204, 123),
    "sched_getattr": (315, 275), "getpriority": (140, 141), "ioprio_get": (252, 31),
    "gettid": (186, 178), "time": (201, None), "getdents64": (217, 61),
    "restart_syscall": (219, 128), "fadvise64": (221, 223), "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115), "exit_group": (231, 94), "epoll_wait": (232, None),
    "epoll_ctl": (233, 21), "epoll_create": (213, None), "epoll_create1": (291, 20),
    "epoll_pwait": (281, 22), "epoll_pwait2": (441, 441), "mkdirat": (258, 34),
    "unlinkat": (263, 35), "renameat": (264, 38), "renameat2": (316, 276), "linkat": (265, 37),
    "symlinkat": (266, 36), "readlinkat": (267, 78), "faccessat": (269, 48),
    "faccessat2": (439, 439), "pselect6": (270, 72), "ppoll": (271, 73),
    "set_robust_list": (273, 99), "get_robust_list": (274, 100), "set_tid_address": (218, 96),
    "fallocate": (285, 47), "eventfd": (284, None), "eventfd2": (290, 19),
    "timerfd_create": (283, 85), "timerfd_settime": (286, 86), "timerfd_gettime": (287, 87),
    "timer_create": (222, 107), "timer_settime": (223, 110), "timer_gettime": (224, 108),
    "timer_delete": (226, 111), "timer_getoverrun": (225, 109), "dup3": (292, 24),
    "pipe2": (293, 59), "preadv": (295, 69), "pwritev": (296, 70), "preadv2": (327, 286),
    "pwritev2": (328, 287), "setrlimit": (160, 164), "getrandom": (318, 278),
    "membarrier": (324, 283), "mlock": (149, 228), "munlock": (150, 229), "statx": (332, 291),
    "rseq": (334, 293), "copy_file_range": (326, 285), "close_range": (436, 436),
    "getcpu": (309, 168), "arch_prctl": (158, None), "sync_file_range": (277, 84),
    "splice": (275, 76), "tee": (276, 77),
}  # fmt: skip
_PRETEND: dict[str, tuple[int | None, int | None]] = {
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "utime": (132, None), "utimes": (235, None), "utimensat": (280, 88), "futimesat": (261, None),
    "sched_setaffinity": (203, 122), "sched_setscheduler": (144, 119), "sched_setparam": (142, 118),
    "sched_setattr": (314, 274), "setpriority": (141, 140), "ioprio_set": (251, 30),
}  # fmt: skip
_ABSENT: dict[str, tuple[int | None, int | None]] = {
    "clone3": (435, 435), "openat2": (437, 437), "memfd_create": (319, 279),
    "memfd_secret": (447, 447), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
}  # fmt: skip
# shutil copies extended attributes where there are any, and forgives only this error.
_UNSUPPORTED: dict[str, tuple[int | None, int | None]] = {
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "getxattr": (191, 8),
    "lgetxattr": (192, 9), "fgetxattr": (193, 10), "listxattr": (194, 11),
    "llistxattr": (195, 12), "flistxattr": (196, 13), "removexattr": (197, 14),
    "lremovexattr": (198, 15), "fremovexattr": (199, 16),
}  # fmt: skip

Instruction = tuple[int, int, int, int]
_REFUSE: Instruction = (_RET, 0, 0, _ERRNO | _EPERM)
_PERMIT: Instruction = (_RET, 0, 0, _ALLOW)


def _argument(index: int) -> Instruction:
    """Load the low half of an argument: all that the kernel looks at in these calls."""
    return (_LD, 0, 0, 16 + 8 * index)


def _none_of(index: int, *values: int) -> list[Instruction]:
    """Refuse if an argument is one of the values."""
    code = [_argument(index)]
    for value in values:
        code += [(_JEQ, 0, 1, value), _REFUSE]
    return [*code, _PERMIT]


def _one_of(index: int, *values: int) -> list[Instruction]:
    """Refuse unless an argument is one of the values."""
    code = [_argument(index)]
    for value in values:
        code += [(_JEQ, 0, 1, value), _PERMIT]
    return [*code, _REFUSE]


def _opening(flags: int) -> list[Instruction]:
    """O_TRUNC of a file opened for reading empties it, and old Landlock lets it through."""
    return [
        _argument(flags), (_JSET, 0, 4, _O_TRUNC),
        (_AND, 0, 0, _O_ACCMODE), (_JEQ, 0, 1, 0), _REFUSE, _PERMIT,
        _PERMIT,
    ]  # fmt: skip


_F_SETOWN, _F_SETSIG, _F_SETOWN_EX = 8, 10, 15
_FIOSETOWN, _SIOCSPGRP, _TIOCSTI, _TIOCLINUX = 0x8901, 0x8902, 0x5412, 0x541C
_PR_SET_NAME, _PR_GET_NAME, _PR_SET_VMA = 15, 16, 0x53564D41
_CONDITIONAL: dict[str, tuple[int | None, int | None, list[Instruction]]] = {
    "openat": (257, 56, _opening(2)),
    "open": (2, None, _opening(1)),
    "clone": (56, 220, [_argument(0), (_JSET, 0, 1, _CLONE_THREAD), _PERMIT, _REFUSE]),
    "kill": (62, 129, _one_of(0, OWN_PID)),
    "tgkill": (234, 131, _one_of(0, OWN_PID)),
    "rt_sigqueueinfo": (129, 138, _one_of(0, OWN_PID)),
    "prlimit64": (302, 261, _one_of(0, 0, OWN_PID)),
    # A file that is ready can send a signal to whoever was named its owner.
    "fcntl": (72, 25, _none_of(1, _F_SETOWN, _F_SETSIG, _F_SETOWN_EX)),
    "ioctl": (16, 29, _none_of(1, _FIOSETOWN, _SIOCSPGRP, _TIOCSTI, _TIOCLINUX)),
    "prctl": (157, 167, _one_of(0, _PR_SET_NAME, _PR_GET_NAME, _PR_SET_VMA)),
    # A datagram socket could be pointed elsewhere; a stream pair stays in the process.
    "socketpair": (53, 199, [
        _argument(0), (_JEQ, 1, 0, 1), _REFUSE,
        _argument(1), (_AND, 0, 0, 0xF), (_JEQ, 0, 1, 1), _PERMIT, _REFUSE,
    ]),
}  # fmt: skip


def absent() -> str:
    """Why there is no filter here; "" if there is one."""
    if not sys.platform.startswith("linux"):
        return "Linux only"
    return "" if platform.machine() in _ARCHITECTURES else "architecture"


@functools.cache
def program(machine: str) -> bytes:
    """The filter for a machine (`platform.machine()`), 8 bytes an instruction; b"" if unknown."""
    if machine not in _ARCHITECTURES:
        return b""
    column = list(_ARCHITECTURES).index(machine)
    code: list[Instruction] = [
        (_LD, 0, 0, 4), (_JEQ, 1, 0, _ARCHITECTURES[machine]), (_RET, 0, 0, _KILL), (_LD, 0, 0, 0),
    ]  # fmt: skip

    def add(number: int | None, body: list[Instruction]) -> None:
        if number is not None:
            code.extend([(_JEQ, 0, len(body), number), *body])

    for numbers in _ALLOWED.values():
        add(numbers[column], [_PERMIT])
    for x86, arm, body in _CONDITIONAL.values():
        add((x86, arm)[column], body)
    for table, error in ((_PRETEND, 0), (_ABSENT, _ENOSYS), (_UNSUPPORTED, _EOPNOTSUPP)):
        for numbers in table.values():
            add(numbers[column], [(_RET, 0, 0, _ERRNO | error)])
    code.append(_REFUSE)
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in code)
