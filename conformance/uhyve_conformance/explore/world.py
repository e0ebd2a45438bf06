# SPDX-License-Identifier: MIT OR Apache-2.0
"""The host files that every sequence starts with, for the host and for the model.

/m is a directory with a few files and links, /s a file that is mapped by itself; /i/d
is an empty directory and /i/j/f another file, so that a hypervisor has to invent /i and
/i/j. Beside them lies a file that no sequence may reach. No link leads to anything
that a hypervisor which follows it could harm: beside the mapping lies our own
file, and below /proc nothing can be made or removed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache, lru_cache

from ..executor import Node as HostNode
from .layout import ANYBODY, own_names
from .model import ROOT, Directory, File, Ram, State, Store, Symlink
from .model.state import Node
from .steps import RELEVANT, Step

# Guest paths, and what they name on the host; files are mapped by themselves.
MAPPINGS = {"/m": "m", "/s": "s", "/i/d": "i", "/i/j/f": "j"}
GUEST_PATHS = {
    host: tuple(own_names(path.encode())[1:].split(b"/")) for path, host in MAPPINGS.items()
}

DIRECTORIES = ("m", "m/d", "i")
FILES: dict[str, bytes] = {
    "m/f": b"0123456789",
    "m/e": b"",
    "m/d/g": bytes(range(32)),
    "m/\u00fc": b"umlaut\n",
    "s": b"single file\n",
    "j": b"another single file\n",
    "secret": b"not for guests\n",
}
LINKS: dict[str, str] = {
    "m/lf": "f",
    "m/ld": "d",
    "m/loop": "loop",
    "m/dangling": "nowhere",
    "m/out": "../secret",
    "m/abs": "/proc",
    "m/d/up": "../f",
}


# What of all this there is: mappings by their place on the host, and "links".
Parts = frozenset[str]
EVERYTHING = Parts({*MAPPINGS.values(), "links"})
_LINK_NAMES = {name.rpartition("/")[2] for name in LINKS}


def parts_of(sequence: Iterable[Step], links: bool) -> Parts:
    """What a sequence can come upon by the names in it; making files costs most of a run."""
    parts = {"m"}
    for step in sequence:
        names = set(step.path.split("/")) if "path" in RELEVANT[step.call] else set()
        parts |= {host for path, host in MAPPINGS.items() if path.split("/")[1] in names}
        if links and (step.call == "Getdents" or names & _LINK_NAMES):
            parts.add("links")
    return Parts(parts)


def _made(name: str, parts: Parts) -> bool:
    return name == "secret" or name.partition("/")[0] in parts


@cache
def host_files(index: int, parts: Parts = EVERYTHING) -> dict[str, HostNode]:
    """The files below a sequence's directory."""
    nodes = {name: HostNode("dir", mode=0o755) for name in DIRECTORIES}
    nodes |= {name: HostNode(content=content, mode=0o644) for name, content in FILES.items()}
    if "links" in parts:
        nodes |= {name: HostNode("symlink", target=target) for name, target in LINKS.items()}
    base = directory(index)
    return {f"{base}/{name}": node for name, node in nodes.items() if _made(name, parts)}


def directory(index: int) -> str:
    return f"t{index:02}"


@cache
def mappings(index: int, parts: Parts = EVERYTHING) -> dict[str, str]:
    """Guest path and host path of what a sequence has for itself."""
    return {
        own_names(path.encode())
        .replace(ANYBODY, b"%02d" % index)
        .decode(): f"{directory(index)}/{host}"
        for path, host in MAPPINGS.items()
        if host in parts
    }


def initial_state(ram: Ram, umask: int, parts: Parts = EVERYTHING) -> State:
    return _initial_state(ram, umask, parts).copy()


@lru_cache
def _initial_state(ram: Ram, umask: int, parts: Parts) -> State:
    mapped = frozenset(path for host, path in GUEST_PATHS.items() if host in parts)
    state = State(ram, umask, mapped)
    numbers: dict[str, int] = {}
    entries: dict[str, Node] = {name: Directory() for name in DIRECTORIES}
    entries |= {name: File.of(content) for name, content in FILES.items() if name != "secret"}
    if "links" in parts:
        entries |= {name: Symlink(target.encode()) for name, target in LINKS.items()}
    for name, node in entries.items():
        if not _made(name, parts):
            continue
        above, _, leaf = name.rpartition("/")
        if above:
            numbers[name] = state.add(numbers[above], leaf.encode(), node)
            continue
        parent = ROOT
        for component in GUEST_PATHS[name][:-1]:
            there = state.directory(parent).entries.get(component)
            parent = there or state.add(parent, component, Directory(store=Store.PARENT))
        numbers[name] = state.add(parent, GUEST_PATHS[name][-1], node)
    for number, node in state.nodes.items():
        if isinstance(node, Directory):
            state.nodes[number] = replace(node, changes=0)
    return state


def split(tree: Mapping[str, HostNode]) -> dict[str, dict[str, HostNode]]:
    """The host files of each sequence, below its directory."""
    parts: dict[str, dict[str, HostNode]] = {}
    for path, node in tree.items():
        top, _, below = path.partition("/")
        if below:
            parts.setdefault(top, {})[below] = node
    return parts


def differs(state: State, tree: Mapping[str, HostNode]) -> str:
    """The difference between a sequence's host files and a state, or ""."""
    expected: dict[str, Node] = {"secret": File.of(FILES["secret"])}
    unknown = set()
    for host, path in GUEST_PATHS.items():
        number = state.find(path)
        if number is not None and state.nodes[number].store is Store.HOST:
            expected |= _below(state, number, host)
        elif number is not None:  # created again, and where is up to the hypervisor
            unknown.add(host)
    there = {path: node for path, node in tree.items() if path.partition("/")[0] not in unknown}
    for path in sorted(there.keys() ^ expected.keys()) or expected:
        what, words = _node_differs(expected.get(path), there.get(path))
        if what:
            inside = path.partition("/")[0] in GUEST_PATHS
            return f"{what if inside else 'outside'}: {path} {words}"
    return ""


def _below(state: State, number: int, path: str) -> Iterator[tuple[str, Node]]:
    """A node and all that is below it on the host, by path."""
    node = state.nodes[number]
    if node.store is not Store.HOST:
        return
    yield path, node
    if isinstance(node, Directory):
        for name, child in node.entries.items():
            yield from _below(state, child, f"{path}/{_host_name(name)}")


def _host_name(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


def _node_differs(node: Node | None, found: HostNode | None) -> tuple[str, str]:
    """(what differs, how), or two empty texts."""
    if node is None or found is None:
        return "name", "is missing" if found is None else "is there"
    kind = "file" if isinstance(node, File) else "dir" if isinstance(node, Directory) else "symlink"
    if found.kind != kind:
        return "type", f"is a {found.kind}, expected a {kind}"
    if isinstance(node, Symlink):
        return (
            ("", "") if found.target == node.target.decode() else ("target", f"is {found.target}")
        )
    if found.mode is not None and found.mode & 0o7777 != node.mode:
        return "mode", f"is {found.mode:o}, expected {node.mode:o}"
    if isinstance(node, File):
        if found.size != node.size:
            return "size", f"is {found.size}, expected {node.size}"
        if (
            found.content is not None
            and node.size < 1 << 16
            and found.content != node.read(0, node.size)
        ):
            return (
                "content",
                f"is {found.content[:80]!r}, expected {node.read(0, min(80, node.size))!r}",
            )
    return "", ""
