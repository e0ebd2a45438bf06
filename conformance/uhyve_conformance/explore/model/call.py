# SPDX-License-Identifier: MIT OR Apache-2.0
"""A call as the model sees it: the fields of its block, and the memory they point to."""

from __future__ import annotations

from dataclasses import dataclass

O_RDONLY, O_WRONLY, O_RDWR, O_ACCMODE = 0, 1, 2, 3
O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_DIRECTORY = 0o100, 0o200, 0o1000, 0o2000, 0o200000
O_ALLOWED = 0o203303  # every other flag is ignored

SEEK_SET, SEEK_CUR, SEEK_END, SEEK_DATA, SEEK_HOLE = range(5)

S_IFMT, S_IFCHR, S_IFDIR, S_IFREG, S_IFLNK = 0o170000, 0o020000, 0o040000, 0o100000, 0o120000
DT_UNKNOWN, DT_DIR, DT_REG, DT_LNK = 0, 4, 8, 10

NO_BYTE = 0xFFFFFFFF  # a read of SerialReadByte without input


@dataclass(frozen=True)
class Name:
    """The place of a path, and its bytes there; terminated: a NUL follows them in RAM."""

    address: int
    text: bytes
    terminated: bool = True


@dataclass(frozen=True)
class Call:
    """The fields that a call has are set; the others keep their defaults."""

    name: str
    argument: int = 0  # what the call instruction carries
    block: int = 0  # bytes of the parameter block at the argument; 0: the argument is a value
    path: Name = Name(0, b"")
    fd: int = -1
    flags: int = 0
    mode: int = 0
    buffer: int = 0  # address of the buffer, and how much of it
    length: int = 0
    data: bytes = b""  # what lies there when it is read
    offset: int = 0
    whence: int = 0
    kind: int = 0

    def overlaps_block(self, length: int) -> bool:
        """True if the first bytes of the buffer lie in the parameter block."""
        return (
            self.buffer < self.argument + self.block
            and self.argument < self.buffer + length
            and length > 0
        )
