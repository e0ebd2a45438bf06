# SPDX-License-Identifier: MIT OR Apache-2.0
"""FileOpen, FileClose, FileUnlink, Mkdir: names and descriptors."""

from __future__ import annotations

from dataclasses import dataclass

from . import errors
from .call import (
    O_ACCMODE,
    O_ALLOWED,
    O_CREAT,
    O_DIRECTORY,
    O_EXCL,
    O_RDONLY,
    O_RDWR,
    O_TRUNC,
    O_WRONLY,
    Call,
)
from .descriptors import bad_descriptor, not_open
from .outcome import (
    Alternative,
    Effect,
    Observed,
    Outcome,
    applying,
    fails,
    fails_somehow,
    fails_with,
)
from .paths import Place, resolve
from .state import ROOT, Directory, File, State, Store, Symlink

FIRST = 3  # 0, 1 and 2 are the standard streams


# ---- FileOpen ----------------------------------------------------------------


@dataclass(frozen=True)
class _Wish:
    """The meaning of FileOpen's flags."""

    flags: int
    mode: int
    unknown: bool = False  # bits that have no meaning were set

    @property
    def access(self) -> int:
        return self.flags & O_ACCMODE

    @property
    def writes(self) -> bool:
        return self.access in (O_WRONLY, O_RDWR)

    @property
    def creates(self) -> bool:
        return bool(self.flags & O_CREAT)

    @property
    def exclusive(self) -> bool:
        return self.creates and bool(self.flags & O_EXCL)

    @property
    def truncates(self) -> bool:
        return bool(self.flags & O_TRUNC)

    @property
    def directory(self) -> bool:
        return bool(self.flags & O_DIRECTORY)


def open_(state: State, call: Call) -> Outcome:
    wish = _Wish(call.flags & O_ALLOWED, call.mode, call.flags & ~O_ALLOWED != 0)
    place = resolve(state, call.path, follow=not wish.exclusive)
    faults = place.faults
    found = [*place.errors, *place.also]

    if wish.creates and wish.directory:
        faults += ("creat+dir",)
        found += fails(errors.EINVAL, "UHY-OPEN-023", "UHY-OPEN-024")
    elif wish.creates and place.is_root:
        faults = faults or (place.case,)
        found += fails_somehow("UHY-PATH-078", "UHY-PATH-029")
    elif not place.errors:
        found += _opens(state, place, wish)
    if wish.access == O_ACCMODE:
        faults += ("acc3",)
        found = [
            *fails(errors.EINVAL, "UHY-OPEN-041"),
            *(a.tolerated("UHY-OPEN-041") for a in [*found, *fails(errors.EISDIR)]),
        ]
    if place.node is None and wish.creates and call.mode & ~0o777:
        faults += ("mode:special",)
    return Outcome(tuple(found), faults, place.case + _used(state, place, wish))


def _used(state: State, place: Place, wish: _Wish) -> str:
    """The flags that matter for what is there, for the name of a case."""
    is_file = place.node is not None and isinstance(state.nodes[place.node], File)
    matters = {
        "creat": wish.creates and (is_file or place.node is None),
        "excl": wish.exclusive and is_file,
        "trunc": wish.truncates and is_file,
        "dir": wish.directory and place.node is not None,
        "w": wish.writes,
    }
    return "".join("," + word for word, applies in matters.items() if applies)


def _opens(state: State, place: Place, wish: _Wish) -> list[Alternative]:
    """The target of a path that has no error of its own."""
    number = place.node
    if number is None:
        if wish.creates:
            return _creates(state, place, wish)
        return fails(
            errors.ENOENT,
            "UHY-PATH-070" if place.private else "UHY-OPEN-004",
            "UHY-OPEN-026",
            *place.ids,
            *applying({"UHY-PATH-055": "via-link" in place.case, "UHY-PATH-073": place.private}),
        )
    node = state.nodes[number]
    if isinstance(node, Symlink):  # only O_EXCL does not follow it
        return fails(errors.EEXIST, "UHY-OPEN-016")
    if isinstance(node, Directory):
        return _opens_directory(state, place, number, wish)
    if wish.exclusive:
        return fails(errors.EEXIST, "UHY-OPEN-008", "UHY-OPEN-026")
    if wish.directory:
        return fails(errors.ENOTDIR, "UHY-OPEN-053", "UHY-OPEN-054")

    rules = {
        "UHY-OPEN-001": wish.access == O_RDONLY,
        "UHY-OPEN-007": wish.creates,
        "UHY-OPEN-019": wish.creates,
        "UHY-OPEN-040": wish.unknown,
        "UHY-OPEN-017": bool(wish.flags & O_EXCL),
        "UHY-OPEN-030": wish.truncates,
    }
    empties = wish.truncates and wish.writes
    found = [_descriptor(state, _opened(number, wish, empties), *applying(rules), *place.ids)]
    if wish.truncates and not wish.writes:
        found = [
            _descriptor(state, _opened(number, wish, empties), "UHY-OPEN-031", *place.ids)
            for empties in (False, True)
        ]
    if place.slash and wish.creates:
        found += fails_with((errors.ENOTDIR, errors.EISDIR, errors.EINVAL), "UHY-PATH-028")
    return found


def _creates(state: State, place: Place, wish: _Wish) -> list[Alternative]:
    store = Store.PRIVATE if place.private else Store.HOST

    def created(mode: int) -> Effect:
        def effect(after: State, seen: Observed) -> None:
            parent = _implied_parents(after, place)
            after.give(
                seen.result, after.add(parent, place.leaf, File(mode=mode, store=store)), wish.flags
            )

        return effect

    rules = {
        "UHY-PATH-071": place.private and place.parent == ROOT and not place.implied,
        "UHY-OPEN-005": not place.private,
        "UHY-OPEN-006": not place.private,
        "UHY-OPEN-018": wish.exclusive,
        "UHY-OPEN-021": not wish.mode & 0o200,
        "UHY-OPEN-022": not wish.writes,
        "UHY-PATH-075": bool(place.implied),
        "UHY-UNLINK-017": True,
        "UHY-UNLINK-020": bool(state.open),
    }
    asked = wish.mode & 0o777 & ~state.umask
    found = [_descriptor(state, created(asked), *applying(rules), *place.ids)]
    if wish.mode & 0o7000:
        found.append(
            _descriptor(state, created(wish.mode & 0o7777 & ~state.umask)).tolerated("UHY-OPEN-020")
        )
    found += _no_such_parent(state, place)
    if place.slash:
        found += fails_with(
            (errors.EISDIR, errors.ENOENT, errors.ENOTDIR, errors.EINVAL), "UHY-PATH-028"
        )
    return found


def _opens_directory(state: State, place: Place, number: int, wish: _Wish) -> list[Alternative]:
    rules = {
        "UHY-OPEN-050": wish.directory,
        "UHY-OPEN-052": not wish.directory,
        "UHY-OPEN-055": wish.directory and place.case == "path:mapping",
        "UHY-PATH-077": place.is_root,
    }
    opens = _descriptor(state, _opened(number, wish), *applying(rules), *place.ids)
    if place.private and (wish.creates or wish.writes):  # only mapped ones must give EISDIR
        return [*fails_somehow("UHY-OPEN-026"), opens]
    if wish.creates or wish.writes:
        found = fails(
            errors.EISDIR, "UHY-OPEN-025" if wish.creates else "UHY-OPEN-051", "UHY-OPEN-026"
        )
        if place.is_root:
            return found + [a.tolerated() for a in fails(errors.ENOENT, "UHY-PATH-077")]
        return found + (fails(errors.EEXIST, "UHY-OPEN-008") if wish.exclusive else [])
    if wish.truncates:
        return [
            *fails(errors.EISDIR, "UHY-OPEN-031"),
            opens,
            *(fails(errors.ENOENT) if place.is_root else []),
            *(fails_somehow() if place.case == "private:parent" else []),
        ]
    if place.is_root:
        return [opens, *(a.tolerated("UHY-PATH-077") for a in fails_somehow())]
    if place.case == "private:parent":  # up to the hypervisor: see UHY-PATH-073
        return [opens, *fails_somehow()]
    if place.private:
        may = [errors.EINVAL, errors.EISDIR] + [errors.ENOENT] * (place.case == "private:implied")
        return [opens, *(a.tolerated("UHY-OPEN-052") for a in fails_with(may))]
    if not wish.directory:
        return [
            opens,
            *(a.tolerated("UHY-OPEN-052") for a in fails_with((errors.EISDIR, errors.EINVAL))),
        ]
    return [opens]


def _descriptor(state: State, effect: Effect, *ids: str) -> Alternative:
    """A new descriptor: none of the standard streams, and none that is open; its position is 0."""
    return Alternative(
        lambda result: result >= FIRST and result not in state.open,
        ("UHY-OPEN-002", "UHY-OPEN-003", "UHY-OPEN-009", "UHY-OPEN-010", *ids),
        effect,
    )


def _opened(number: int, wish: _Wish, empties: bool = False) -> Effect:
    def effect(after: State, seen: Observed) -> None:
        if empties:
            after.nodes[number] = after.file(number).emptied()
        after.give(seen.result, number, wish.flags)

    return effect


def _no_such_parent(state: State, place: Place) -> list[Alternative]:
    """The freedoms about the parent of a private name that is to be created."""
    if state.nodes[place.parent].store is Store.PARENT:
        return fails_somehow()
    return fails(errors.ENOENT, "UHY-PATH-075") if place.implied else []


def _implied_parents(after: State, place: Place) -> int:
    """Makes the missing directories of a private name; the last one's number."""
    parent = place.parent
    for name in place.implied:
        parent = after.add(parent, name, Directory(store=Store.IMPLIED))
    return parent


# ---- FileClose ----------------------------------------------------------------


def close(state: State, call: Call) -> Outcome:
    def closed(after: State, seen: Observed) -> None:
        after.take(call.fd)

    faults, case = bad_descriptor(state, call.fd)
    if call.fd in state.open:
        node = state.nodes[state.open[call.fd].node]
        rules = {
            "UHY-CLOSE-008": isinstance(node, Directory),
            "UHY-CLOSE-010": node.store is Store.PRIVATE,
            "UHY-CLOSE-013": isinstance(node, File),
            "UHY-CLOSE-009": not state.has_name(state.open[call.fd].node),
        }
        found = [Alternative(0, ("UHY-CLOSE-001", "UHY-CLOSE-007", *applying(rules)), closed)]
    elif 0 <= call.fd < FIRST:
        found = [Alternative(0, ("UHY-CLOSE-005", "UHY-CLOSE-006"))]
    else:
        own = applying({"UHY-CLOSE-004": call.fd < 0})
        found = fails(errors.EBADF, *own, not_open(call.fd), "UHY-CLOSE-012")
    return Outcome(tuple(found), faults, case)


# ---- FileUnlink -----------------------------------------------------------------


def unlink(state: State, call: Call) -> Outcome:
    place = resolve(state, call.path, follow=False)

    def unlinked(after: State, seen: Observed) -> None:
        after.remove(place.parent, place.leaf)

    found = [*place.errors, *place.also]
    if place.is_root:
        found += fails_somehow("UHY-UNLINK-015")
    elif place.node is not None:
        found += _unlinks(state, place, unlinked)
    elif not place.errors:
        rule = "UHY-UNLINK-005" if place.private else "UHY-UNLINK-004"
        found += fails(
            errors.ENOENT, rule, "UHY-UNLINK-002", "UHY-UNLINK-011", "UHY-UNLINK-014", *place.ids
        )
    made_up = place.node is not None and state.nodes[place.node].store.invented
    return Outcome(tuple(found), place.faults, "private:dir" if made_up else place.case)


def _unlinks(state: State, place: Place, effect: Effect) -> list[Alternative]:
    """The effect of a call on an existing name."""
    assert place.node is not None
    node = state.nodes[place.node]
    if isinstance(node, Directory):
        ids = ("UHY-UNLINK-008", "UHY-UNLINK-007", "UHY-UNLINK-011")
        if place.case == "path:mapping":
            ids = ("UHY-UNLINK-010", "UHY-UNLINK-009", *ids)
        found = fails_with((errors.EISDIR, errors.EPERM), *ids)
        return found + (fails(errors.ENOENT) if node.store.invented else [])
    link, private = isinstance(node, Symlink), place.private
    alone = place.case == "path:mapped-file"  # removed or refused: up to the hypervisor
    refused = fails_somehow("UHY-UNLINK-041") if alone else []
    opened = any(descriptor.node == place.node for descriptor in state.open.values())
    rules = {
        "UHY-UNLINK-001": not link and not private and not alone,
        "UHY-UNLINK-041": alone,
        "UHY-UNLINK-003": not private,
        "UHY-UNLINK-012": link,
        "UHY-UNLINK-013": link,
        "UHY-UNLINK-016": private,
        "UHY-UNLINK-019": True,
        "UHY-UNLINK-006": opened,
    }
    found = [Alternative(0, applying(rules) + place.ids, effect), *refused]
    return found + (
        fails_with((errors.ENOTDIR, errors.EINVAL), "UHY-PATH-028") if place.slash else []
    )


# ---- Mkdir ------------------------------------------------------------------------


_MKDIR_PATHS = {
    "path:no-parent": ("UHY-MKDIR-003",),
    "path:file-as-dir": ("UHY-MKDIR-011", "UHY-MKDIR-012"),
    "path:empty": ("UHY-MKDIR-015",),
    "path:not-utf8": ("UHY-MKDIR-016",),
    "name:outside": ("UHY-MKDIR-017",),
    "name:no-nul": ("UHY-MKDIR-018",),
    "path:leaves-tree": ("UHY-MKDIR-022",),
}


def mkdir(state: State, call: Call) -> Outcome:
    place = resolve(state, call.path, follow=False)
    store = Store.PRIVATE if place.private else Store.HOST

    def made(after: State, seen: Observed) -> None:
        after.add(
            _implied_parents(after, place),
            place.leaf,
            Directory(mode=0o777 & ~after.umask, store=store),
        )

    found = [*(a.because(*_MKDIR_PATHS.get(place.case, ())) for a in place.errors), *place.also]
    if place.is_root:
        found += fails(errors.EEXIST, "UHY-MKDIR-013", "UHY-MKDIR-014", "UHY-MKDIR-020")
        found += [
            a.tolerated("UHY-MKDIR-014") for a in fails_somehow("UHY-MKDIR-013", "UHY-MKDIR-020")
        ]
    elif place.node is not None:
        found += _mkdir_of_existing(state, place)
    elif not place.errors:
        rules = {
            "UHY-MKDIR-001": not place.private,
            "UHY-MKDIR-004": not place.private,
            "UHY-MKDIR-007": place.private and place.parent == ROOT and not place.implied,
            "UHY-MKDIR-008": True,
            "UHY-MKDIR-021": True,
            "UHY-MKDIR-023": True,
            "UHY-PATH-075": bool(place.implied),
            "UHY-MKDIR-005": call.length != len(call.path.text) + 1,
        }
        found.append(Alternative(0, applying(rules) + place.ids, made))
        found += _no_such_parent(state, place)
    exact = call.length == len(call.path.text) + 1
    return Outcome(tuple(found), place.faults, place.case + ("" if exact else ",len"))


def _mkdir_of_existing(state: State, place: Place) -> list[Alternative]:
    if not place.private:
        link = place.node is not None and isinstance(state.nodes[place.node], Symlink)
        rule = "UHY-MKDIR-010" if link else "UHY-MKDIR-002"
        return fails(errors.EEXIST, rule, "UHY-MKDIR-009", *place.ids)
    found = fails(errors.EEXIST, "UHY-MKDIR-014", "UHY-MKDIR-009")
    found += [a.tolerated("UHY-MKDIR-014") for a in fails_somehow("UHY-MKDIR-009")]
    invented = place.node is not None and state.nodes[place.node].store.invented
    return found + ([Alternative(0)] if invented else [])
