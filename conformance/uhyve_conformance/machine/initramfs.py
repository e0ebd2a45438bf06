# SPDX-License-Identifier: MIT OR Apache-2.0
"""A file tree in memory as a Linux initramfs (cpio, "newc"), which needs no root to make."""

import stat
from collections.abc import Iterable
from pathlib import PurePosixPath


class Initramfs:
    """Entries in the order in which the kernel is to make them, each with `owner` as it is then."""

    def __init__(self, time: int, owner: tuple[int, int] = (0, 0)):
        self._time = time
        self.owner = owner
        self._parts: list[bytes] = []
        self._made = {PurePosixPath("."), PurePosixPath("/")}
        self._number = 0

    def directory(self, path: str, mode: int = 0o755) -> None:
        self._parents(path)
        self._made.add(PurePosixPath(path.strip("/")))
        self._entry(path, stat.S_IFDIR | mode, b"")

    def file(self, path: str, content: bytes, mode: int = 0o644) -> None:
        self._parents(path)
        self._entry(path, stat.S_IFREG | mode, content)

    def symlink(self, path: str, target: str) -> None:
        self._parents(path)
        self._entry(path, stat.S_IFLNK | 0o777, target.encode(errors="surrogateescape"))

    def fifo(self, path: str) -> None:
        self._parents(path)
        self._entry(path, stat.S_IFIFO | 0o644, b"")

    def content(self) -> Iterable[bytes]:
        """The archive; nothing can be added to it afterwards."""
        self._entry("TRAILER!!!", 0, b"")
        return self._parts

    @property
    def size(self) -> int:
        return sum(map(len, self._parts))

    def _parents(self, path: str) -> None:
        for parent in reversed(PurePosixPath(path.strip("/")).parents):
            if parent not in self._made:
                self.directory(str(parent))

    def _entry(self, path: str, mode: int, content: bytes) -> None:
        name = path.strip("/").encode(errors="surrogateescape") + b"\0"
        self._number += 1
        fields = (
            self._number,
            mode,
            *self.owner,
            1,
            self._time,
            len(content),
            0,
            0,
            0,
            0,
            len(name),
            0,
        )
        head = b"070701" + b"".join(b"%08X" % field for field in fields)
        self._parts += [
            head + name + bytes(-(len(head) + len(name)) % 4),
            content,
            bytes(-len(content) % 4),
        ]
