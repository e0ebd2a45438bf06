# SPDX-License-Identifier: MIT OR Apache-2.0
"""What a path names: the bytes, the canonical form, mappings, links, private names (UHY-PATH)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from . import errors
from .call import Name
from .outcome import Alternative, applying, fails, fails_somehow, fails_with
from .state import ROOT, Directory, File, Node, State, Store, Symlink

LONGEST_COMPONENT = 255
LONGEST_PATH = 4095
MOST_LINKS = 40


@dataclass(frozen=True)
class Place:
    """The target of a path, which need not exist."""

    case: str
    quirk: str = ""  # a spelling of its own: when something differs, it is because of that
    errors: tuple[Alternative, ...] = ()  # what is wrong with the path itself
    parent: int = ROOT
    leaf: bytes = b""
    node: int | None = None
    slash: bool = False  # the path ends with one, or the like
    private: bool = False
    implied: tuple[bytes, ...] = ()  # directories that are missing parents of a private name
    ids: tuple[str, ...] = ()  # the rules that gave the path its meaning
    also: tuple[Alternative, ...] = ()  # errors that are allowed although nothing is wrong

    @property
    def is_root(self) -> bool:
        return self.node == ROOT

    @property
    def faults(self) -> tuple[str, ...]:
        return (self.case,) if self.errors else (self.quirk,) if self.quirk else ()


def canonical(text: bytes) -> list[bytes]:
    """From the text alone: no empty components, no `.`, and `..` takes away the one before it."""
    components: list[bytes] = []
    for component in text.split(b"/"):
        if component == b"..":
            del components[-1:]
        elif component not in (b"", b"."):
            components.append(component)
    return components


def _climbs(text: bytes) -> bool:
    """True if a relative path has a `..` with no component before it."""
    depth = 0
    for part in text.split(b"/"):
        depth += -1 if part == b".." else part not in (b"", b".")
        if depth < 0:
            return not text.startswith(b"/")
    return False


@lru_cache(maxsize=1 << 10)
def _rules(text: bytes, mapped: frozenset[tuple[bytes, ...]]) -> tuple[str, ...]:
    """The requirements that say what this spelling means."""
    components, spelled = canonical(text), text.split(b"/")
    at_top = components[0] if components else b""
    beside = [path for path in mapped if at_top != path[0] and at_top.startswith(path[0])]
    return applying(
        {
            "UHY-PATH-024": b"/ld/.." in text,
            "UHY-PATH-026": _climbs(text),
            "UHY-PATH-027": b".." in spelled,
            "UHY-PATH-047": bool(beside),
            "UHY-PATH-020": not text.startswith(b"/") and not _climbs(text),
            "UHY-PATH-021": b"//" in text,
            "UHY-PATH-022": b"." in spelled,
            "UHY-PATH-023": b".." in spelled,
            "UHY-PATH-025": text.startswith(b"/.."),
            "UHY-PATH-028": len(text) > 1 and text.endswith(b"/"),
            "UHY-PATH-011": len(text) > LONGEST_COMPONENT,
            "UHY-PATH-013": any(len(c) == LONGEST_COMPONENT for c in components),
            "UHY-PATH-008": any(byte > 0x7F for byte in text),
        }
    )


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def resolve(state: State, name: Name, follow: bool) -> Place:
    """Finds what a path names; follow: also when its last component is a symbolic link."""
    if not state.ram.holds(name.address, 1):
        return Place("name:outside", errors=tuple(fails(errors.EFAULT, "UHY-PATH-003")))
    if not name.terminated:
        ids = (
            ("UHY-PATH-004", "UHY-PATH-005")
            if len(name.text) <= LONGEST_PATH
            else ("UHY-PATH-005",)
        )
        codes = [errors.EFAULT, errors.EINVAL]
        if len(name.text) > LONGEST_PATH:  # the end of RAM may lie beyond the limit
            codes.append(errors.ENAMETOOLONG)
        return Place("name:no-nul", errors=tuple(fails_with(codes, *ids)))
    text = name.text
    too_long = tuple(fails_somehow("UHY-PATH-012")) if len(text) > LONGEST_PATH else ()
    if not _is_utf8(text):
        return Place("path:not-utf8", errors=(*too_long, *fails(errors.EINVAL, "UHY-PATH-007")))
    if not text:
        return Place(
            "path:empty", errors=tuple(fails(errors.ENOENT, "UHY-PATH-009", "UHY-PATH-010"))
        )
    components = canonical(text)
    ids = _rules(text, state.mapped)
    if name.address + len(text) + 1 == state.ram.end:
        ids = ("UHY-PATH-002", *ids)
    nothing = (
        tuple(a.tolerated("UHY-PATH-026") for a in fails(errors.ENOENT))
        if "UHY-PATH-026" in ids
        else ()
    )
    if not components:
        return Place(
            "path:root",
            "" if text.startswith(b"/") else "path:root,relative",
            node=ROOT,
            ids=ids,
            also=nothing,
        )
    place = _walk(state, components, follow, text.endswith((b"/", b"/.")), ids)
    quirk = (
        "path:leading-dotdot" if text.startswith(b"..") else "path:over-limit" if too_long else ""
    )
    if not quirk and not nothing:
        return place
    return replace(place, quirk=quirk, also=place.also + too_long + nothing)


def _walk(
    state: State, todo: list[bytes], follow: bool, slash: bool, ids: tuple[str, ...]
) -> Place:
    """From the root along components; `..` can come only from a link's target here."""
    trail = [ROOT]  # the directories that we went through
    links = 0
    via = ""
    depth = state.mapping_of(todo)
    private = depth == 0
    while True:
        component, todo = todo[0], todo[1:]
        here = state.nodes[trail[-1]]
        if isinstance(here, File):
            rule = "UHY-PATH-076" if private else "UHY-PATH-046"
            return Place(
                "path:file-as-dir",
                errors=tuple(
                    fails_somehow(rule) if private else fails(errors.ENOTDIR, "UHY-PATH-045", rule)
                ),
            )
        assert isinstance(here, Directory)
        if component == b"..":
            if len(trail) <= depth + 1:  # above the host directory of the mapping
                return _outside()
            del trail[-1:]
            if not todo:
                return Place(
                    "path:dir" + via, "", (), trail[-2], b"", trail[-1], slash, private, (), ids
                )
            continue
        if len(component) > LONGEST_COMPONENT:
            found = fails(errors.ENAMETOOLONG, "UHY-PATH-014", "UHY-PATH-015")
            if private or any(c not in here.entries for c in [component]) and todo:
                found += fails(errors.ENOENT, "UHY-PATH-044")
            return Place("path:long", errors=tuple(found))
        number = here.entries.get(component)
        if number is None:
            if todo and (private or len(trail) == depth):
                return Place(
                    "private:no-parent",
                    "",
                    (),
                    trail[-1],
                    todo[-1],
                    None,
                    slash,
                    True,
                    (component, *todo[:-1]),
                    ids,
                )
            if any(len(c) > LONGEST_COMPONENT for c in todo):
                return Place(
                    "path:long",
                    errors=(
                        *fails(errors.ENAMETOOLONG, "UHY-PATH-014", "UHY-PATH-015"),
                        *fails(errors.ENOENT, "UHY-PATH-044"),
                    ),
                )
            if todo:
                return Place("path:no-parent", errors=tuple(fails(errors.ENOENT, "UHY-PATH-044")))
            case = "private:missing" if private else "path:missing" + via
            if len(trail) == depth:  # a file that was mapped by itself, and unlinked
                return Place(
                    "path:was-mapped",
                    "",
                    (),
                    trail[-1],
                    component,
                    None,
                    slash,
                    True,
                    (),
                    ids,
                    tuple(fails_somehow()),
                )
            return Place(case, "", (), trail[-1], component, None, slash, private, (), ids)
        node = state.nodes[number]
        if isinstance(node, Symlink) and (todo or follow):
            links += 1
            if links > MOST_LINKS:
                return Place(
                    "path:loop", errors=tuple(fails(errors.ELOOP, "UHY-PATH-053", "UHY-PATH-054"))
                )
            if node.target.startswith(b"/"):
                return _outside()
            via = ",via-link"
            ids += ("UHY-PATH-051", "UHY-PATH-052") if todo else ("UHY-PATH-050", "UHY-PATH-052")
            todo = _through(node, trail, todo)
            continue
        if not todo:
            return Place(
                _case(node, len(trail) == depth, private) + via,
                "",
                (),
                trail[-1],
                component,
                number,
                slash,
                private,
                (),
                ids + _reached(node, len(trail) == depth, private),
            )
        trail.append(number)


def _through(link: Symlink, trail: list[int], todo: list[bytes]) -> list[bytes]:
    """What is still to walk after a link, from the directory that it lies in."""
    return link.target.split(b"/") + todo


def _case(node: Node, mapping: bool, private: bool) -> str:
    if isinstance(node, Symlink):
        return "path:link"
    created = node.store is not Store.HOST  # where a file was mapped that is gone
    if mapping and not (created and isinstance(node, Directory)):
        return "path:mapping" if isinstance(node, Directory) else "path:mapped-file"
    if node.store.invented:
        return f"private:{node.store.value}"
    return ("private" if private or created else "path") + (
        ":dir" if isinstance(node, Directory) else ":file"
    )


def _reached(node: Node, mapping: bool, private: bool) -> tuple[str, ...]:
    if private:
        return ("UHY-PATH-072", "UHY-PATH-074") if isinstance(node, File) else ()
    return ("UHY-PATH-041",) if mapping else ("UHY-PATH-040", "UHY-PATH-042")


def _outside() -> Place:
    """A link that leads out of the exported tree is not followed."""
    rules = ("UHY-PATH-056", "UHY-PATH-057", "UHY-PATH-058", "UHY-PATH-059")
    return Place("path:leaves-tree", errors=tuple(fails_somehow(*rules)))
