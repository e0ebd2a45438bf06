# SPDX-License-Identifier: MIT OR Apache-2.0
"""Can the explorer fail? One function of the model is made wrong at a time, which looks like a
hypervisor that is wrong there: every one has to be noticed on the reference VMM.

    python -m uhyve_conformance.explore.mutants [NAME...]      (make explore-mutants)
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .. import cli, paths
from ..errors import Exit
from . import model
from .model import attributes, console, errors, files, listing, transfer
from .model import paths as names
from .model.call import (
    O_ACCMODE,
    O_APPEND,
    O_CREAT,
    O_DIRECTORY,
    O_EXCL,
    O_RDONLY,
    O_RDWR,
    O_WRONLY,
    SEEK_CUR,
    SEEK_END,
    SEEK_SET,
    Call,
)
from .model.outcome import Alternative, Effect, Kind, Observed, Outcome, fails
from .model.state import NEAR, Descriptor, Directory, File, Ram, State, Store

SEQUENCES = 3000  # and not seconds: how busy the machine is has no say in what is noticed
SEED = 3
EXPLORE = "--explore-with"  # the way in which a mutation explores, in a process of its own

MUTATIONS: dict[str, Callable[[], None]] = {}
Handler = Callable[[State, Call], Outcome]


def mutation(name: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """What follows makes the model wrong, in this process."""

    def add(apply: Callable[[], None]) -> Callable[[], None]:
        assert name not in MUTATIONS, name
        MUTATIONS[name] = apply
        return apply

    return add


def _plain(name: str, apply: Callable[[], None]) -> None:
    mutation(name)(apply)


# ---- Ways to be wrong --------------------------------------------------------------------------


def instead(owner: Any, name: str, wrong: Callable[..., Any]) -> None:
    """`wrong` in place of a function; its first argument is the function itself."""
    right = getattr(owner, name)
    setattr(owner, name, lambda *arguments, **more: wrong(right, *arguments, **more))


def handles(name: str, wrong: Callable[[Handler, State, Call], Outcome]) -> None:
    """`wrong` in place of the model of a call."""
    right = model._CALLS[name]
    model._CALLS[name] = lambda state, call: wrong(right, state, call)


def asks(name: str, other: Callable[[Call], Call]) -> None:
    """The call is taken for another one."""
    handles(name, lambda right, state, call: right(state, other(call)))


def sees(name: str, change: Callable[[State, Call], None]) -> None:
    """The call finds another state."""

    def wrong(right: Handler, state: State, call: Call) -> Outcome:
        other = state.copy()
        change(other, call)
        return right(other, call)

    handles(name, wrong)


def answers(name: str, other: Callable[[Alternative], Alternative]) -> None:
    """Each outcome of the call is another one."""

    def wrong(right: Handler, state: State, call: Call) -> Outcome:
        found = right(state, call)
        return replace(found, alternatives=tuple(map(other, found.alternatives)))

    handles(name, wrong)


def does(name: str, wrong: Callable[[Effect, State, Observed, Call], None]) -> None:
    """The call has another effect where it has one."""

    def handler(right: Handler, state: State, call: Call) -> Outcome:
        def other(found: Alternative) -> Alternative:
            effect = found.effect
            if effect is None:
                return found
            return replace(found, effect=lambda after, seen: wrong(effect, after, seen, call))

        outcome = right(state, call)
        return replace(outcome, alternatives=tuple(map(other, outcome.alternatives)))

    handles(name, handler)


def nothing_happens(name: str) -> None:
    """The call has no effect."""
    answers(name, lambda found: replace(found, effect=None))


def flags_become(change: Callable[[int], int]) -> Callable[[State, Call], None]:
    """The descriptor was opened with other flags."""

    def apply(state: State, call: Call) -> None:
        if descriptor := state.open.get(call.fd):
            state.open[call.fd] = replace(descriptor, flags=change(descriptor.flags))

    return apply


def file_becomes(change: Callable[[State, Call, File], File]) -> Callable[[State, Call], None]:
    """The file of the descriptor is another one."""

    def apply(state: State, call: Call) -> None:
        descriptor = state.open.get(call.fd)
        node = descriptor and state.nodes[descriptor.node]
        if descriptor and isinstance(node, File):
            state.nodes[descriptor.node] = change(state, call, node)

    return apply


_now = threading.local()


def follows(name: str, module: Any) -> None:
    """The call follows a link at the end of its path."""

    def within(right: Handler, state: State, call: Call) -> Outcome:
        _now.follows = True
        try:
            return right(state, call)
        finally:
            _now.follows = False

    handles(name, within)
    instead(
        module,
        "resolve",
        lambda right, state, name, follow: right(
            state, name, follow or getattr(_now, "follows", False)
        ),
    )


# ---- Positions ---------------------------------------------------------------------------------


@mutation("write does not move")
def _() -> None:
    def wrong(effect: Effect, after: State, seen: Observed, call: Call) -> None:
        position = after.open[call.fd].position
        effect(after, seen)
        after.move(call.fd, position)

    does("FileWrite", wrong)


@mutation("write moves from the old position")
def _() -> None:
    def wrong(effect: Effect, after: State, seen: Observed, call: Call) -> None:
        position = after.open[call.fd].position
        effect(after, seen)
        after.move(call.fd, position + seen.result)

    does("FileWrite", wrong)


@mutation("SEEK_CUR counts from 0")
def _() -> None:
    def wrong(state: State, call: Call) -> None:
        if call.whence == SEEK_CUR and call.fd in state.open:
            state.move(call.fd, 0)

    sees("FileLseek", wrong)


@mutation("negative positions stop at 0")
def _() -> None:
    def wrong(right: Handler, state: State, call: Call) -> Outcome:
        found = right(state, call)
        if "pos:negative" not in found.faults:
            return found
        return right(state, replace(call, whence=SEEK_SET, offset=0))

    handles("FileLseek", wrong)


@mutation("one position for all descriptors")
def _() -> None:
    def wrong(right: Callable[..., None], state: State, _: int, position: int) -> None:
        for other in state.open:
            right(state, other, position)

    instead(State, "move", wrong)


@mutation("a new descriptor begins where an old one stands")
def _() -> None:
    def wrong(right: Callable[..., None], state: State, fd: int, node: int, flags: int) -> None:
        position = max((d.position for d in state.open.values()), default=0)
        right(state, fd, node, flags)
        state.open[fd] = Descriptor(node, flags, position)

    instead(State, "give", wrong)


def _size_is_the_position(state: State, call: Call, node: File) -> File:
    at_end = call.whence == SEEK_END
    return replace(node, size=state.open[call.fd].position) if at_end else node


_plain("read does not move", lambda: nothing_happens("FileRead"))
_plain("append is ignored", lambda: sees("FileWrite", flags_become(lambda f: f & ~O_APPEND)))
_plain("append everywhere", lambda: sees("FileWrite", flags_become(lambda f: f | O_APPEND)))
_plain("lseek does not move", lambda: nothing_happens("FileLseek"))
_plain(
    "SEEK_END counts from the position",
    lambda: sees("FileLseek", file_becomes(_size_is_the_position)),
)
_plain(
    "positions end at 4 GiB",
    lambda: asks(
        "FileLseek",
        lambda call: (
            replace(call, offset=call.offset % (1 << 32))
            if call.whence == SEEK_SET and call.offset >> 32 > 0
            else call
        ),
    ),
)


# ---- Content -----------------------------------------------------------------------------------

_plain(
    "one byte less is read",
    lambda: sees(
        "FileRead",
        file_becomes(lambda state, call, node: replace(node, size=max(0, node.size - 1))),
    ),
)
_plain(
    "the first byte is read again",
    lambda: instead(File, "read", lambda right, file, position, length: right(file, 0, length)),
)
_plain("written bytes are lost", lambda: instead(File, "written", lambda right, file, *_: file))
_plain(
    "the size does not grow",
    lambda: instead(
        File,
        "written",
        lambda right, file, position, data: replace(right(file, position, data), size=file.size),
    ),
)
_plain(
    "a write cuts the file",
    lambda: instead(
        File,
        "written",
        lambda right, file, position, data: replace(
            right(file, position, data), size=position + len(data)
        ),
    ),
)
_plain(
    "gaps are not zero",
    lambda: instead(
        File,
        "written",
        lambda right, file, position, data: right(
            right(file, file.size, b"\xff" * (min(position, NEAR) - file.size)), position, data
        ),
    ),
)
_plain(
    "O_TRUNC is ignored",
    lambda: instead(
        files, "_opened", lambda right, number, wish, empties=False: right(number, wish)
    ),
)
_plain(
    "O_TRUNC keeps the content",
    lambda: instead(File, "emptied", lambda right, file: replace(file, size=0)),
)
_plain(
    "every open empties",
    lambda: instead(
        files,
        "_opened",
        lambda right, number, wish, empties=False: right(number, wish, wish.writes),
    ),
)


# ---- Names -------------------------------------------------------------------------------------


@mutation("O_CREAT does not create")
def _() -> None:
    def wrong(right: Callable[..., Any], state: State, place: Any, wish: Any) -> list[Alternative]:
        def opens_parent(after: State, seen: Observed) -> None:
            after.give(seen.result, place.parent, wish.flags)

        return [
            replace(found, effect=opens_parent) if found.effect else found
            for found in right(state, place, wish)
        ]

    instead(files, "_creates", wrong)


@mutation("umask is ignored")
def _() -> None:
    def wrong(state: State, call: Call) -> None:
        state.umask = 0

    sees("FileOpen", wrong)


@mutation("mkdir ignores umask")
def _() -> None:
    def wrong(effect: Effect, after: State, seen: Observed, call: Call) -> None:
        umask, after.umask = after.umask, 0
        effect(after, seen)
        after.umask = umask

    does("Mkdir", wrong)


@mutation("unlink empties the file")
def _() -> None:
    def wrong(right: Callable[..., None], state: State, parent: int, name: bytes) -> None:
        number = state.directory(parent).entries[name]
        node = state.nodes[number]
        right(state, parent, name)
        if isinstance(node, File):
            state.nodes[number] = node.emptied()

    instead(State, "remove", wrong)


@mutation("unlink closes descriptors")
def _() -> None:
    def wrong(right: Callable[..., None], state: State, parent: int, name: bytes) -> None:
        number = state.directory(parent).entries[name]
        right(state, parent, name)
        for fd in [fd for fd, d in state.open.items() if d.node == number]:
            state.take(fd)

    instead(State, "remove", wrong)


@mutation("directories can be unlinked")
def _() -> None:
    def wrong(right: Callable[..., Any], state: State, place: Any, effect: Effect) -> Any:
        if isinstance(state.nodes[place.node], Directory):
            return [Alternative(0, (), effect)]
        return right(state, place, effect)

    instead(files, "_unlinks", wrong)


@mutation("parents of guest paths can be unlinked")
def _() -> None:
    def wrong(right: Callable[..., Any], state: State, place: Any, effect: Effect) -> Any:
        if state.nodes[place.node].store is Store.PARENT:
            return [Alternative(0, (), effect)]
        return right(state, place, effect)

    instead(files, "_unlinks", wrong)


@mutation("directories can be written")
def _() -> None:
    def wrong(right: Callable[..., Any], state: State, place: Any, number: int, wish: Any) -> Any:
        readable = replace(wish, flags=wish.flags & ~(O_ACCMODE | O_CREAT))
        return right(state, place, number, wish if place.private else readable)

    instead(files, "_opens_directory", wrong)


@mutation("O_DIRECTORY is ignored")
def _() -> None:
    def wrong(right: Callable[..., Any], state: State, place: Any, wish: Any) -> Any:
        if place.node is not None and isinstance(state.nodes[place.node], File):
            wish = replace(wish, flags=wish.flags & ~O_DIRECTORY)
        return right(state, place, wish)

    instead(files, "_opens", wrong)


def _without_directory(call: Call) -> Call:
    both = O_CREAT | O_DIRECTORY
    return replace(call, flags=call.flags & ~O_DIRECTORY) if call.flags & both == both else call


_plain("O_EXCL is ignored", lambda: setattr(files._Wish, "exclusive", False))
_plain(
    "O_EXCL without O_CREAT refuses",
    lambda: setattr(files._Wish, "exclusive", property(lambda wish: bool(wish.flags & O_EXCL))),
)
_plain("unlink keeps the name", lambda: nothing_happens("FileUnlink"))
_plain("unlink follows links", lambda: follows("FileUnlink", files))
_plain("mkdir follows links", lambda: follows("Mkdir", files))
_plain("mkdir forgets its directory", lambda: nothing_happens("Mkdir"))
_plain("O_CREAT with O_DIRECTORY is allowed", lambda: asks("FileOpen", _without_directory))


# ---- Paths -------------------------------------------------------------------------------------


@mutation("dot-dot is kept")
def _() -> None:
    def wrong(right: Callable[..., Any], text: bytes) -> list[bytes]:
        return [part for part in text.split(b"/") if part not in (b"", b".")]

    instead(names, "canonical", wrong)


@mutation("dot is a name")
def _() -> None:
    def wrong(right: Callable[..., Any], text: bytes) -> list[bytes]:
        return [b"." if part == b"\0" else part for part in right(text.replace(b"/./", b"/\0/"))]

    instead(names, "canonical", wrong)


@mutation("links are not followed")
def _() -> None:
    for module in (files, attributes):
        instead(module, "resolve", lambda right, state, name, follow: right(state, name, False))


@mutation("links lead from the root")
def _() -> None:
    def wrong(right: Callable[..., Any], link: Any, trail: list[int], todo: list[bytes]) -> Any:
        del trail[1:]
        return right(link, trail, todo)

    instead(names, "_through", wrong)


@mutation("the empty path is invalid")
def _() -> None:
    def wrong(right: Callable[..., Any], state: State, name: Any, follow: bool) -> Any:
        place = right(state, name, follow)
        if place.case != "path:empty":
            return place
        return replace(place, errors=tuple(fails(errors.EINVAL, "UHY-PATH-009")))

    for module in (files, attributes):
        instead(module, "resolve", wrong)


_plain(
    "relative paths are others",
    lambda: instead(
        names,
        "canonical",
        lambda right, text: right(text if text.startswith(b"/") else b"cwd/" + text),
    ),
)
_plain("names end at 254 bytes", lambda: setattr(names, "LONGEST_COMPONENT", 254))
_plain("latin-1 is good enough", lambda: setattr(names, "_is_utf8", lambda text: True))
_plain(
    "guest paths have one component",
    lambda: instead(State, "mapping_of", lambda right, state, path: right(state, path[:1])),
)
_plain(
    "private names cannot be made",
    lambda: instead(
        files,
        "_creates",
        lambda right, state, place, wish: (
            fails(errors.ENOENT) if place.private else right(state, place, wish)
        ),
    ),
)


# ---- Descriptors and memory --------------------------------------------------------------------


def _access(wrong: int) -> Callable[[State, Call], None]:
    return flags_become(lambda f: f & ~O_ACCMODE | O_RDWR if f & O_ACCMODE == wrong else f)


@mutation("closed descriptors stay")
def _() -> None:
    def wrong(right: Callable[..., None], state: State, fd: int) -> None:
        state.closed |= {fd}

    instead(State, "take", wrong)


_plain(
    "close of a negative number",
    lambda: asks("FileClose", lambda call: replace(call, fd=0) if call.fd < 0 else call),
)
_plain("write-only can be read", lambda: sees("FileRead", _access(O_WRONLY)))
_plain("read-only can be written", lambda: sees("FileWrite", _access(O_RDONLY)))
_plain(
    "descriptor 1 prints nothing",
    lambda: answers("FileWrite", lambda found: replace(found, prints=b"")),
)


def _holds(wrong: Callable[[Ram, int, int], bool]) -> None:
    instead(Ram, "holds", lambda right, ram, address, length: wrong(ram, address, length))


_plain(
    "RAM has one byte more",
    lambda: _holds(lambda r, at, n: n == 0 or r.start <= at and at + n <= r.end + 1),
)
_plain(
    "RAM has one byte less",
    lambda: _holds(lambda r, at, n: n == 0 or r.start <= at and at + n <= r.end - 1),
)
_plain(
    "RAM begins one byte later",
    lambda: _holds(lambda r, at, n: n == 0 or r.start < at and at + n <= r.end),
)
_plain(
    "nothing must lie in RAM",
    lambda: _holds(lambda r, at, n: r.start <= at and at + n <= r.end),
)


# ---- Directories and attributes ----------------------------------------------------------------


@mutation("rewinding is ignored")
def _() -> None:
    def wrong(right: Callable[..., Outcome], state: State, call: Call, *more: Any) -> Outcome:
        found = right(state, call, *more)
        if call.whence or call.offset:
            return found
        return replace(
            found, alternatives=tuple(replace(a, effect=None) for a in found.alternatives)
        )

    instead(transfer, "_lseek_directory", wrong)


@mutation("the end never comes")
def _() -> None:
    def wrong(right: Handler, state: State, call: Call) -> Outcome:
        found = right(state, call)
        return replace(found, alternatives=tuple(a for a in found.alternatives if a.result != 0))

    handles("Getdents", wrong)


@mutation("the size is the first one")
def _() -> None:
    def wrong(right: Callable[..., bool], state: State, number: int, attr: bytes) -> bool:
        known = not isinstance(state.nodes[number], File)
        return right(state, number, attr) and (
            known or attributes.ATTR.unpack(attr)[8] in (0, 10, 12, 32)
        )

    instead(attributes, "_describes", wrong)


@mutation("permissions are shown otherwise")
def _() -> None:
    def wrong(right: Callable[..., bool], state: State, number: int, attr: bytes) -> bool:
        other, node = state.copy(), state.nodes[number]
        if isinstance(node, (File, Directory)):
            other.nodes[number] = replace(node, mode=node.mode & 0o770)
        return right(other, number, attr)

    instead(attributes, "_describes", wrong)


_plain(
    "the scan begins again each time",
    lambda: instead(
        listing, "_delivers", lambda right, *arguments: replace(right(*arguments), effect=None)
    ),
)
_plain(
    "records need 64 bytes",
    lambda: asks(
        "Getdents",
        lambda call: replace(call, length=min(call.length, 23)) if call.length < 64 else call,
    ),
)
_plain(
    "types of entries are mixed",
    lambda: instead(
        listing,
        "_type",
        lambda right, node: right(Directory() if isinstance(node, File) else File()),
    ),
)
_plain("stat follows always", lambda: follows("FileStat", attributes))
_plain(
    "every kind is known",
    lambda: asks("FileStat", lambda call: replace(call, kind=1) if call.kind == 2 else call),
)


# ---- Console and end ---------------------------------------------------------------------------


_plain(
    "the status has 7 bits",
    lambda: asks("Exit", lambda call: replace(call, argument=call.argument & ~0x80)),
)
_plain(
    "a byte is sent twice",
    lambda: answers("SerialWriteByte", lambda found: replace(found, prints=2 * found.prints)),
)
_plain(
    "text ends at a NUL",
    lambda: answers(
        "SerialWriteBuffer", lambda found: replace(found, prints=found.prints.split(b"\0")[0])
    ),
)
_plain(
    "unknown numbers end the machine",
    lambda: setattr(
        console, "nothing", lambda state, call: Outcome((Alternative(1, kind=Kind.ENDED),))
    ),
)


# ---- The gate ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Result:
    name: str
    seconds: float | None  # None: not noticed
    finding: str


def run(name: str, build: Path) -> Result:
    """Explores with the mutated model until something differs."""
    out = build / name.replace(" ", "-")
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", __spec__.name, EXPLORE, name, "explore", "--findings", "1"]
    command += ["--no-corpus", "--one-vcpu", "--seconds", "600", "--seed", str(SEED)]
    command += ["--sequences", str(SEQUENCES)]
    done = subprocess.run(
        [*command, "--output", str(out)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode not in (Exit.OK, Exit.FAILURES):
        return Result(name, None, f"BROKEN: {done.stderr.decode(errors='replace').strip()[-300:]}")
    findings = json.loads((out / "results.json").read_text())["findings"]
    if not findings:
        return Result(name, None, "")
    return Result(name, findings[0]["seconds"], findings[0]["name"])


def main(chosen: list[str]) -> int:
    if chosen[:1] == [EXPLORE]:
        MUTATIONS[chosen[1]]()
        return cli.main(chosen[2:])
    if strangers := [name for name in chosen if name not in MUTATIONS]:
        known = ", ".join(MUTATIONS)
        print(f"no such mutation: {', '.join(strangers)}; there are {known}", file=sys.stderr)
        return Exit.USAGE
    build = paths.BUILD / "explore/mutants"
    build.mkdir(parents=True, exist_ok=True)
    missed, times = 0, []
    with ThreadPoolExecutor(2) as pool:
        for result in pool.map(lambda name: run(name, build), chosen or MUTATIONS):
            if result.seconds is None:
                verdict, missed = " MISSED", missed + 1
            else:
                verdict = f"{result.seconds:5.1f} s"
                times.append(result.seconds)
            print(f"{verdict}  {result.name}: {result.finding}", flush=True)
    times.sort()
    if times:
        print(f"noticed after {times[len(times) // 2]:.1f} s (median), {times[-1]:.1f} s (worst)")
    print(f"{len(times)} passed, {missed} failed")
    return Exit.FAILURES if missed else Exit.OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
