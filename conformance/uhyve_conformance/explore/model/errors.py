# SPDX-License-Identifier: MIT OR Apache-2.0
"""Error numbers of the interface, which are Linux' (UHY-ERR)."""

EPERM = 1
ENOENT = 2
EIO = 5
EBADF = 9
EACCES = 13
EFAULT = 14
EEXIST = 17
EXDEV = 18
ENOTDIR = 20
EISDIR = 21
EINVAL = 22
EFBIG = 27
ENOSPC = 28
ESPIPE = 29
EROFS = 30
ENAMETOOLONG = 36
ELOOP = 40
EOVERFLOW = 75

LAST = 133

# Host errors that must pass unchanged; for every other one EPERM and EIO are tolerated.
UNCHANGED = frozenset({EPERM, ENOENT, EIO, EBADF, EFAULT, EEXIST, EISDIR, EINVAL, EROFS, EOVERFLOW})

_NAMES = {value: name for name, value in globals().items() if name[0] == "E"}


def name_of(result: int) -> str:
    """-EBADF for -9, 7 for 7."""
    return str(result) if result >= 0 else "-" + _NAMES.get(-result, str(-result))
