# SPDX-License-Identifier: MIT OR Apache-2.0
"""The host files that every sequence starts with, for the host and for the model.

/m is a directory with a few files and links, /s a file that is mapped by itself,
and beside them lies a file that no sequence may reach. No link leads to anything
that a hypervisor which follows it could harm: beside the mapping lies our own
file, and below /proc nothing can be made or removed.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..executor import Node as HostNode
from .layout import own_names
from .model import ROOT, Directory, File, Ram, State, Store, Symlink
from .model.state import Node

MAPPED_DIRECTORY = own_names(b"/m")[1:]
MAPPED_FILE = own_names(b"/s")[1:]

FILES: dict[str, bytes] = {
    "f": b"0123456789",
    "e": b"",
    "d/g": bytes(range(32)),
    "\u00fc": b"umlaut\n",
}
LINKS: dict[str, str] = {
    "lf": "f",
    "ld": "d",
    "loop": "loop",
    "dangling": "nowhere",
    "out": "../secret",
    "abs": "/proc",
    "d/up": "../f",
}
SINGLE = b"single file\n"
SECRET = b"not for guests\n"


def host_files(index: int, links: bool = True) -> dict[str, HostNode]:
    """The files below a sequence's directory."""
    base = directory(index)
    nodes = {f"{base}/m/d": HostNode("dir", mode=0o755), f"{base}/m": HostNode("dir", mode=0o755)}
    for name, content in FILES.items():
        nodes[f"{base}/m/{name}"] = HostNode(content=content, mode=0o644)
    for name, target in LINKS.items() if links else ():
        nodes[f"{base}/m/{name}"] = HostNode("symlink", target=target)
    nodes[f"{base}/s"] = HostNode(content=SINGLE, mode=0o644)
    nodes[f"{base}/secret"] = HostNode(content=SECRET, mode=0o644)
    return nodes


def directory(index: int) -> str:
    return f"t{index:02}"


def mappings(index: int) -> dict[str, str]:
    """Guest path and host path of what a sequence has for itself."""
    base = directory(index)
    return {f"/m{index:02}": f"{base}/m", f"/s{index:02}": f"{base}/s"}


def initial_state(ram: Ram, umask: int, links: bool = True) -> State:
    state = State(ram, umask, frozenset({MAPPED_DIRECTORY, MAPPED_FILE}))
    mapped = state.add(ROOT, MAPPED_DIRECTORY, Directory())
    inner = state.add(mapped, b"d", Directory())
    entries: dict[str, Node] = {name: File.of(content) for name, content in FILES.items()}
    if links:
        entries |= {name: Symlink(target.encode()) for name, target in LINKS.items()}
    for name, node in entries.items():
        parent, _, leaf = name.rpartition("/")
        state.add(inner if parent else mapped, leaf.encode(), node)
    state.add(ROOT, MAPPED_FILE, File.of(SINGLE))
    state.nodes[mapped] = Directory(state.directory(mapped).entries)
    state.nodes[inner] = Directory(state.directory(inner).entries)
    return state


def split(tree: Mapping[str, HostNode]) -> dict[str, dict[str, HostNode]]:
    """The host files by the directory of the sequence that they belong to."""
    parts: dict[str, dict[str, HostNode]] = {}
    for path, node in tree.items():
        parts.setdefault(path.partition("/")[0], {})[path] = node
    return parts


def differs(state: State, tree: Mapping[str, HostNode], index: int) -> str:
    """The difference between a sequence's host files and a state, or ""."""
    base = directory(index)
    expected: dict[str, Node] = {}

    def collect(number: int, where: str) -> None:
        for name, node in state.below(number):
            path = f"{where}/{_host_name(name)}"
            expected[path] = node
            if isinstance(node, Directory):
                collect(state.directory(number).entries[name], path)

    collect(state.directory(ROOT).entries[MAPPED_DIRECTORY], f"{base}/m")
    there = {path: node for path, node in tree.items() if path.startswith(f"{base}/m/")}
    if surprise := sorted(set(there) ^ set(expected)):
        path = surprise[0]
        return f"name: {path} is {'there' if path in there else 'missing'}"
    for path, node in expected.items():
        if problem := _node_differs(node, there[path]):
            return f"{problem[0]}: {path} {problem[1]}"
    secret = tree.get(f"{base}/secret")
    if secret is None or secret.content != SECRET:
        return f"outside: {base}/secret has changed"
    single = state.directory(ROOT).entries.get(MAPPED_FILE)
    if single is not None and state.nodes[single].store is Store.HOST:  # not created again
        found = tree.get(f"{base}/s")
        if found is None:
            return f"name: {base}/s is missing"
        if problem := _node_differs(state.nodes[single], found):
            return f"{problem[0]}: {base}/s {problem[1]}"
    return ""


def _host_name(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


def _node_differs(node: Node, found: HostNode) -> tuple[str, str] | None:
    kind = "file" if isinstance(node, File) else "dir" if isinstance(node, Directory) else "symlink"
    if found.kind != kind:
        return "type", f"is a {found.kind}, expected a {kind}"
    if isinstance(node, Symlink):
        return None if found.target == node.target.decode() else ("target", f"is {found.target}")
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
    return None
