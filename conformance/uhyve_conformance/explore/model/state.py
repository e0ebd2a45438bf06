# SPDX-License-Identifier: MIT OR Apache-2.0
"""What a hypervisor has to remember: files, names, open descriptors, where RAM is.

Nodes never change; a call that changes one puts a new one in its place. So a
copy of a state is cheap, and several states share what is equal in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

ROOT = 0  # number of the root directory's node


@dataclass(frozen=True)
class Ram:
    """Guest-physical memory [start, end)."""

    start: int
    end: int

    def holds(self, address: int, length: int) -> bool:
        """The range rule: in unbounded integers, and nothing lies anywhere."""
        return length == 0 or self.start <= address and address + length <= self.end


class Store(Enum):
    """The place of a node; not all promises hold everywhere."""

    HOST = "host"  # in a mapping: what happens to it is seen on the host
    PRIVATE = "private"  # the hypervisor's own storage for names outside the mappings
    IMPLIED = "implied"  # a directory that exists only because a name below it was created
    PARENT = "parent"  # one that exists only because a guest path lies below it

    @property
    def invented(self) -> bool:
        """True where a hypervisor need not know the directory."""
        return self in (Store.IMPLIED, Store.PARENT)


NEAR = 1 << 16  # bytes of a file that are kept as such


@dataclass(frozen=True)
class File:
    """A regular file; bytes that were never written are zero."""

    begin: bytes = b""  # the first ones
    far: Mapping[int, int] = field(default_factory=dict)  # those from NEAR on, by position
    size: int = 0
    mode: int = 0o644
    store: Store = Store.HOST

    @staticmethod
    def of(content: bytes, mode: int = 0o644, store: Store = Store.HOST) -> File:
        return File(mode=mode, store=store).written(0, content)

    def read(self, position: int, length: int) -> bytes:
        end = position + max(0, min(length, self.size - position))
        near = self.begin[position:end].ljust(max(0, min(end, NEAR) - position), b"\0")
        return near + bytes(self.far.get(at, 0) for at in range(max(position, NEAR), end))

    def written(self, position: int, data: bytes) -> File:
        end = position + len(data)
        begin, far = self.begin, self.far
        if position < NEAR:
            before = begin[:position].ljust(position, b"\0")
            begin = (before + data + begin[end:])[:NEAR]
        if end > NEAR:
            far = {**far, **{at: b for at, b in enumerate(data, position) if at >= NEAR}}
        return replace(self, begin=begin, far=far, size=max(self.size, end))

    def emptied(self) -> File:
        return replace(self, begin=b"", far={}, size=0)


@dataclass(frozen=True)
class Directory:
    entries: Mapping[bytes, int] = field(default_factory=dict)
    mode: int = 0o755
    store: Store = Store.HOST
    changes: int = 0  # a scan of a directory that changed in the meantime promises less

    def linked(self, name: bytes, node: int) -> Directory:
        return replace(self, entries={**self.entries, name: node}, changes=self.changes + 1)

    def unlinked(self, name: bytes) -> Directory:
        entries = {n: node for n, node in self.entries.items() if n != name}
        return replace(self, entries=entries, changes=self.changes + 1)


@dataclass(frozen=True)
class Symlink:
    """Made by the host before the start; the interface cannot make one."""

    target: bytes
    store: Store = Store.HOST


Node = File | Directory | Symlink


@dataclass(frozen=True)
class Scan:
    """The entries of a directory delivered since the last rewind."""

    delivered: frozenset[bytes] = frozenset()
    changes: int | None = None  # of the directory when the scan began
    ended: bool = False


@dataclass(frozen=True)
class Descriptor:
    node: int
    flags: int
    position: int = 0
    scan: Scan | None = Scan()  # None: a position was set that means nothing to us


@dataclass(frozen=True)
class Described:
    """FileStat's answer about a file that only the host knows."""

    identity: bytes  # st_dev and st_ino
    modified: tuple[int, int]  # st_mtim


@dataclass
class State:
    ram: Ram
    umask: int = 0o022
    mapped: frozenset[tuple[bytes, ...]] = frozenset()  # guest paths, whatever became of them
    nodes: dict[int, Node] = field(default_factory=lambda: {ROOT: Directory()})
    open: dict[int, Descriptor] = field(default_factory=dict)
    closed: frozenset[int] = frozenset()
    described: dict[int, Described] = field(default_factory=dict)  # by node, as last seen

    def copy(self) -> State:
        return State(
            self.ram,
            self.umask,
            self.mapped,
            dict(self.nodes),
            dict(self.open),
            self.closed,
            dict(self.described),
        )

    # ---- Names ------------------------------------------------------------

    def mapping_of(self, components: Sequence[bytes]) -> int:
        """How many of the components are the guest path of a mapping; 0 for a private name."""
        for depth in range(1, len(components) + 1):
            if tuple(components[:depth]) in self.mapped:
                return depth
        return 0

    def add(self, parent: int, name: bytes, node: Node) -> int:
        """Gives a new node a name; its number."""
        number = len(self.nodes)
        self.nodes[number] = node
        self.nodes[parent] = self.directory(parent).linked(name, number)
        return number

    def remove(self, parent: int, name: bytes) -> None:
        """Takes a name away; the node stays for those who have it open."""
        self.nodes[parent] = self.directory(parent).unlinked(name)

    def directory(self, number: int) -> Directory:
        node = self.nodes[number]
        assert isinstance(node, Directory)
        return node

    def file(self, number: int) -> File:
        node = self.nodes[number]
        assert isinstance(node, File)
        return node

    def find(self, path: Iterable[bytes]) -> int | None:
        """The node of a path from the root, if it is there; no link is followed."""
        number: int | None = ROOT
        for name in path:
            node = self.nodes[number] if number is not None else None
            number = node.entries.get(name) if isinstance(node, Directory) else None
        return number

    def has_name(self, number: int) -> bool:
        """True if a node has still a name; an open one may have none."""
        return any(
            isinstance(node, Directory) and number in node.entries.values()
            for node in self.nodes.values()
        )

    # ---- Descriptors ---------------------------------------------------------

    def give(self, fd: int, node: int, flags: int) -> None:
        self.open[fd] = Descriptor(node, flags)
        self.closed -= {fd}

    def take(self, fd: int) -> None:
        del self.open[fd]
        self.closed |= {fd}

    def move(self, fd: int, position: int) -> None:
        self.open[fd] = replace(self.open[fd], position=position)

    def scanned(self, fd: int, scan: Scan | None) -> None:
        self.open[fd] = replace(self.open[fd], scan=scan)
