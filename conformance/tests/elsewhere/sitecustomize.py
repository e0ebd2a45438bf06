# SPDX-License-Identifier: MIT OR Apache-2.0
"""Makes this Python that of a host which is not Linux: what only Linux has is not there, and what
lies in /proc, /sys and /dev of Linux alone cannot be opened. Python imports it at its start."""

from __future__ import annotations

import errno
import os
import resource
import select
import signal
import socket
import sys

# What neither macOS nor a BSD has; some of it is missing in one of them.
_LACKS = {
    os: (
        "O_PATH", "O_TMPFILE", "pidfd_open", "memfd_create", "eventfd", "getrandom", "setns",
        "unshare", "splice", "copy_file_range", "sched_getaffinity", "sched_setaffinity",
        "posix_fallocate", "posix_fadvise", "getxattr", "setxattr", "pipe2", "P_PIDFD",
    ),
    signal: ("pidfd_send_signal", "sigtimedwait", "sigwaitinfo", "SIGRTMIN", "SIGPWR"),
    select: ("epoll",),
    socket: ("AF_NETLINK", "AF_ALG", "SO_PEERCRED", "AF_VSOCK"),
    resource: ("prlimit",),
}  # fmt: skip
for _module, _names in _LACKS.items():
    for _name in _names:
        if hasattr(_module, _name):
            delattr(_module, _name)

_set = resource.setrlimit


def _setrlimit(limit: int, values: tuple[int, int]) -> None:
    if limit == resource.RLIMIT_AS:
        raise ValueError("current limit exceeds maximum limit")  # as macOS says
    _set(limit, values)


resource.setrlimit = _setrlimit

_ABSENT = ("/proc", "/sys", "/dev/full", "/dev/shm", "/run/")


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if event in ("open", "os.listdir", "os.scandir") and isinstance(arguments[0], str):
        if arguments[0].startswith(_ABSENT):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), arguments[0])
    elif event == "ctypes.dlsym" and arguments[1] == "prctl":
        raise AttributeError("prctl")


sys.addaudithook(_audit)
sys.platform = "freebsd14"
