# SPDX-License-Identifier: MIT OR Apache-2.0
"""The calls and arguments to try, as a table; the plain ones first and most often."""

from __future__ import annotations

import os
import random
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from . import steps
from .blocks import CALLS
from .layout import ATTR_SIZE, GETDENTS_ROOM, READ_ROOM, SCRIPT, layout
from .model import ROOT, Directory, Kind, Observed, Outcome, State, allowed
from .model.errors import LAST
from .model.listing import SMALLEST, room_for
from .script import NEVER_OPEN
from .steps import Step

HUGE = [1 << 27, 1 << 31, (1 << 32) + 1, (1 << 63) - 1, 1 << 63, (1 << 64) - 1]

PLAIN_PATHS = (
    ["/m/f"] * 4
    + ["/m/n"] * 4
    + ["/m/d/g", "/m/d/n", "/m/e", "/m/d", "/m", "/s", "/p", "/p/x", "/p"]
    + ["/i", "/i/j", "/i/j/f", "/i/d", "/i/d/n"]
)
LISTING_PATHS = ["/m/d"] * 4 + ["/m", "/m/d/n", "/m/d/n", "/m/d/g", "/p", "/p", "/p", "/p/x"]
LISTING_PATHS += ["/i", "/i/j", "/i/j/f", "/i/d"]


def related(path: str) -> list[str]:
    """The names above and below a name, and itself."""
    return [
        other
        for other in dict.fromkeys(PLAIN_PATHS)
        if f"{other}/".startswith(f"{path}/") or f"{path}/".startswith(f"{other}/")
    ]


ODD_PATHS = [
    "m/f",
    "//m//f",
    "/m/./f",
    "/m/d/../f",
    "/m/none/../f",
    "/m/f/",
    "/m/d/",
    "/m/n/",
    "/m/n/.",
    "/m/f/x",
    "/m/none/x",
    "/m/../m/f",
    "../m/f",
    "/../m/n",
    "/",
    "",
    ".",
    "..",
    "/m/..",
    "/m/\xff",
    "/m/\xc3\xbc",
    "/p\xc0\x80",
    "/m/" + "n" * 255,
    "/m/" + "n" * 256,
    "/m/e/../f",
    "/m/" + "./" * 2000 + "f",
    "/m/" + "./" * 3000 + "f",
    "/mx/f",
    "/p/x/y",
    "/p/../m/f",
    "/i/x",
    "/i/j/x/y",
    "/i/j/../d",
    "/i/dx",
    "/i/j/f/x",
    "/i/",
]
LINK_PATHS = [
    "/m/lf",
    "/m/ld/g",
    "/m/ld",
    "/m/ld/n",
    "/m/loop",
    "/m/loop/x",
    "/m/dangling",
    "/m/out",
    "/m/abs/version",
    "/m/d/up",
    "/m/ld/../f",
    "/m/lf/",
    "/m/lf/x",
]
FAMILIES = [PLAIN_PATHS] * 5 + [ODD_PATHS] * 2 + [LINK_PATHS] * 2
PATH_PLACES = [steps.HERE] * 14 + [steps.TAIL] * 2
PATH_PLACES += [steps.NULL, steps.END, steps.NO_NUL, steps.WRAP]
FLAGS = [
    0,
    2,
    2,
    2,
    1,
    0o102,
    0o102,
    0o102,
    0o101,
    0o302,
    0o301,
    0o1002,
    0o1001,
    0o2001,
    0o2002,
    0o2102,
    0o1102,
    0o200000,
    0o100,
    0o300,
    0o1000,
    3,
    0o200100,
    0o200002,
    0o2004002,
    0o200,
    0o1300,
    0o201000,
    0o40000,
    0o4010000,
]
PLAIN_FLAGS = [
    2,
    2,
    2,
    2,
    1,
    0,
    0o102,
    0o102,
    0o102,
    0o2002,
    0o2002,
    0o2102,
    0o1002,
    0o1002,
    0o1102,
    0o302,
    0o200000,
]
# Root opens any file again; others, only one that was made with rights for its owner.
MODES = [0o644, 0o644, 0o600, 0o777, 0 if os.geteuid() == 0 else 0o600, 0o4755, 0o666]
OFFSETS = [
    0,
    0,
    1,
    4,
    9,
    10,
    11,
    32,
    -1,
    -4,
    -10,
    -11,
    1 << 31,
    (1 << 32) + 5,
    (1 << 63) - 1,
    -(1 << 63),
]
OUTSIDE = [steps.NULL, steps.END, steps.WRAP, steps.BELOW]
BUFFER_PLACES = [steps.HERE] * 10 + [steps.TAIL] * 3 + [steps.HEAD, steps.BLOCK, *OUTSIDE]
BLOCK_PLACES = [steps.HERE] * 30 + [steps.TAIL] * 2 + [steps.HEAD, steps.STRADDLE, ""]
ROOMS = [0] * 6 + [1, -1, -5, 4096, 1 << 32, (1 << 63) - 300]
PRESETS = [-77777] * 8 + [0, 5]
NEAR = [0, 0, 0, 1, 4, 9, 10, 11, 20, 32, -1, -4]
DESCRIPTORS = ["last"] * 12 + ["last2"] * 5 + ["last3"] * 2
OTHER_DESCRIPTORS = [NEVER_OPEN, 1, 2, 0, -1, -(1 << 31)]
# Weights: the six file calls first, then directories and attributes, then the rest; a call
# that is not named here has a middling one.
_WEIGHTS = {
    "FileOpen": 20,
    "FileRead": 16,
    "FileWrite": 16,
    "FileClose": 7,
    "FileLseek": 13,
    "FileUnlink": 7,
    "Getdents": 9,
    "FileStat": 6,
    "FileFstat": 5,
    "Mkdir": 5,
    "SerialWriteBuffer": 2,
    "SerialWriteByte": 1,
    "SerialReadBuffer": 1,
    "SerialReadByte": 1,
    "SharedMemOpen": 1,
    "SharedMemClose": 1,
    "Unknown": 1,
    "Exit": 1,
}
WEIGHTS = _WEIGHTS | {call: 5 for call in steps.RELEVANT if call not in _WEIGHTS}
UNKNOWN_NUMBERS = [0x1000, 0x1014, 0x1031, 0x10F0, 0x1100 + 1, 0x111F, 0x1158, 0x1300, 0x1FFF]


@dataclass
class Generator:
    """Draws sequences; the same random numbers give the same sequences."""

    rnd: random.Random
    calls: frozenset[str] = frozenset(steps.RELEVANT)
    links: bool = True
    longest: int = 12
    only_path: str = ""  # all calls are about this name
    _names: list[str] = field(default_factory=list)  # the sequence makes and removes these
    _weighted: list[str] = field(default_factory=list)
    _plain: bool = False
    _listing: bool = False  # the sequence is about directories
    _opened: bool = False

    def __post_init__(self) -> None:
        self._weighted = [
            call for call, weight in WEIGHTS.items() if call in self.calls for _ in range(weight)
        ]
        by_name = [call for call in self._weighted if "path" in steps.RELEVANT[call]]
        self._naming = sorted(set(by_name)) or self._weighted

    def sequence(self) -> list[Step]:
        """In a plain sequence little is wrong with a call by itself: what counts is their order."""
        self._plain = self.rnd.randrange(5) < 3
        self._listing = self._plain and self.rnd.randrange(4) == 0
        self._names = []
        if self._plain and not self._listing and self.rnd.randrange(4) == 0:
            self._names = related(self.rnd.choice(PLAIN_PATHS))
        self._opened = False
        return [self.step() for _ in range(self.rnd.randint(1, self.longest))]

    def ending_step(self) -> Step:
        """A call that ends the machine, or after which a hypervisor may end it."""
        pick = self.rnd.choice
        blocks = [call for call in self._weighted if call in CALLS and CALLS[call].fields]
        if "Exit" in self.calls and (self.rnd.randrange(2) or not blocks):
            return self._exit()
        if not blocks:
            return self.step()
        place = pick([steps.STRADDLE, *OUTSIDE])
        call = pick(blocks)
        return Step(
            call,
            fd=NEVER_OPEN,
            block=place,
            k=pick([1, CALLS[call].size // 2, CALLS[call].size - 1]),
        )

    def _exit(self) -> Step:
        pick = self.rnd.choice
        return Step(
            "Exit",
            code=pick([0, 1, 42, 100, 200, 255, 256, -1, -(1 << 31), (1 << 31) - 1]),
            high=pick([0, 0, 0, 1, 1 << 20]),
        )

    def plain_sequence(self) -> list[Step]:
        self._plain, self._listing, self._opened = True, False, True
        return [self.step() for _ in range(self.rnd.randint(1, self.longest))]

    def step(self) -> Step:
        pick = self.rnd.choice
        call = pick(self._weighted)
        if (
            self._listing
            and call in ("FileRead", "FileWrite", "FileFstat")
            and "Getdents" in self.calls
        ):
            call = pick(["Getdents", "Getdents", "FileLseek"])
        if self._names and self.rnd.randrange(2):
            call = pick(self._naming)
        if (
            not self._opened
            and "fd" in steps.RELEVANT[call]
            and "FileOpen" in self.calls
            and self.rnd.randrange(8)
        ):
            call = "FileOpen"
        self._opened |= call == "FileOpen"
        relevant = steps.RELEVANT[call]
        values: dict[str, object] = {}
        if "path" in relevant:
            values["path"] = self.only_path or pick(self._paths())
            if not self._plain:
                values["at"] = pick(PATH_PLACES)
        if "flags" in relevant:
            values.update(flags=self._flags(str(values["path"])), mode=pick(MODES))
        if "fd" in relevant:
            values["fd"] = pick(OTHER_DESCRIPTORS if self.rnd.randrange(10) == 9 else DESCRIPTORS)
        if "buf" in relevant:
            values.update(self._buffer(call))
        if call == "FileLseek":
            near = self._plain and self.rnd.randrange(8)
            if self._listing and self.rnd.randrange(4):
                return Step(call, fd=pick(DESCRIPTORS), off=0, whence=0)
            values.update(
                off=pick(NEAR if near else OFFSETS),
                whence=pick(
                    [0, 0, 0, 1, 1, 2, 2] if near else [0, 0, 0, 1, 1, 2, 2, 3, 4, 5, 1 << 31]
                ),
            )
        if call == "FileStat":
            values["kind"] = pick([0, 0, 0, 1, 1, 2, 1 << 31])
        if call == "Mkdir":
            values["room"] = pick(ROOMS)
        if call == "Exit":
            return self._exit()
        if call == "SerialWriteByte":
            values.update(code=pick([0x41, 0, 0xFF, 0x0A, 0x80]), high=pick([0, 0, 0, 1, 1 << 44]))
        if call in ("Unknown", "SharedMemOpen", "SharedMemClose"):
            values["high"] = pick([0, 0, 0, 1])
        if call == "Unknown":
            values["number"] = pick(UNKNOWN_NUMBERS)
        if "data" in relevant:
            values["data"] = pick([0, 0, 1, 2])
        if "preset" in relevant:
            values["preset"] = pick(PRESETS)
        values.update(self._block(call))
        return Step(call, **values)  # type: ignore[arg-type]

    def _paths(self) -> list[str]:
        if self._names or self._plain:
            return self._names or (LISTING_PATHS if self._listing else PLAIN_PATHS)
        return self.rnd.choice(FAMILIES if self.links else FAMILIES[:-2])

    def _flags(self, path: str) -> int:
        """In a plain sequence most opens succeed."""
        pick = self.rnd.choice
        if not self._plain:
            return pick(FLAGS)
        flags = pick(PLAIN_FLAGS)
        if self.rnd.randrange(6):
            if path.endswith(("/n", "/x")) or path == "/p":
                flags |= 0o100
            elif path in ("/m", "/m/d"):
                flags = pick([0, 0o200000])
        return flags

    def _buffer(self, call: str) -> dict[str, object]:
        pick = self.rnd.choice
        plain = self._plain and self.rnd.randrange(8)
        where = steps.HERE if plain else pick(BUFFER_PLACES)
        if call in ("FileStat", "FileFstat"):
            return {
                "buf": where,
                "k": pick([ATTR_SIZE, ATTR_SIZE, ATTR_SIZE - 1, 1, ATTR_SIZE + 1]),
            }
        k = pick([1, 8, 32, 64])
        if call == "Getdents":
            length = pick([GETDENTS_ROOM] * 4 + [256, 64, 48, 32, 25, 24, 23, 0, *HUGE])
            if where == steps.TAIL:
                k = pick([32, 64, 100])
                length = pick([k, k, k + 1, 24, 0])
        elif where == steps.TAIL:
            length = pick([k] * 3 + [1, 0, k + 1, 33, *HUGE])
        elif where == steps.BLOCK:
            length = pick([8, 4, 1])
        else:
            length = (
                pick(HUGE)
                if self.rnd.randrange(30 if self._plain else 8) == 0
                else pick([1, 0, 4, 10, 11, 32, 33, 64])
            )
        return {"buf": where, "k": k, "len": length}

    def _block(self, call: str) -> dict[str, object]:
        if not CALLS[call].fields if call in CALLS else True:
            return {}
        if self._plain and self.rnd.randrange(8):
            return {}
        pick = self.rnd.choice
        place = pick(BLOCK_PLACES) or pick(OUTSIDE)
        size = CALLS[call].size
        values: dict[str, object] = {"block": place, "shift": pick([0] * 12 + [1, 4, 7])}
        if place == steps.STRADDLE and "k" not in steps.RELEVANT[call]:
            values["k"] = pick([1, size // 2, size - 1])
        return values


# ---- What is left out ----------------------------------------------------------

BASES = (0, (1 << 32) + 0x80000, 1 << 32, (1 << 32) + (64 << 20))
Features = frozenset[str]


def features(call: str, label: str) -> Features:
    """The words of a label with the call, by which a known difference is recognised."""
    return frozenset([call, *label.replace("+", ",").split(",")])


@dataclass
class Screen:
    """Leaves out steps that a known difference would answer, and those that would harm the script."""

    fresh: State
    avoid: dict[Features, str] = field(default_factory=dict)  # what, and which difference it is
    most_faults: int = 1
    suppressed: dict[str, int] = field(default_factory=dict)
    _asked: int = 0

    def sequence(self, drawn: Iterable[Step], may_end: bool = False) -> list[Step]:
        """The steps that may be run. The model's first alternative is followed."""
        state, kept, opens, next_fd = self.fresh.copy(), [], [], 3
        for step in drawn:
            step, fd = self._with_descriptor(step, opens)
            if fd < 0 and isinstance(step.fd, str) and self._odd():
                continue  # the descriptor of an open that failed
            call = layout(step).call(BASES, BASES[SCRIPT], fd)
            outcome = allowed(state, call)
            ends = any(a.kind is Kind.ENDED for a in outcome.alternatives)
            if (
                ends
                and not may_end
                or self._harmful(state, step, fd)
                or self._unwanted(step, outcome)
            ):
                continue
            kept.append(step)
            if ends:
                break
            result = self._follow(state, outcome, next_fd)
            if step.call == "FileOpen":
                opens.append(result)
                next_fd += result >= 0
        return kept

    def _odd(self) -> bool:
        """True but for every eighth time."""
        self._asked += 1
        return self._asked % 8 != 0

    @staticmethod
    def _with_descriptor(step: Step, opens: list[int]) -> tuple[Step, int]:
        """The step and its descriptor: the result of an open that succeeds, where there is one."""
        if isinstance(step.fd, int) or not opens or "fd" not in steps.RELEVANT[step.call]:
            return step, step.fd if isinstance(step.fd, int) else NEVER_OPEN
        first = (int(step.fd[4:] or 1) - 1) % len(opens)
        if opens[-1 - first] < 0:
            good = [back for back in range(len(opens)) if opens[-1 - back] >= 0]
            if good:
                first = good[first % len(good)]
                step = replace(step, fd=f"last{first + 1}" if first else "last")
        return step, opens[-1 - first]

    def _unwanted(self, step: Step, outcome: Outcome) -> bool:
        if len(outcome.faults) > self.most_faults:
            return True
        found = features(step.call, outcome.label)
        for known, name in self.avoid.items():
            if known <= found:
                self.suppressed[name] = self.suppressed.get(name, 0) + 1
                return True
        return False

    @staticmethod
    def _follow(state: State, outcome: Outcome, next_fd: int) -> int:
        first = outcome.alternatives[0]
        if callable(first.result):
            result = next((r for r in (next_fd, 0, 1, 24, -22, -LAST) if first.result(r)), 0)
        else:
            result = first.result
        if first.effect:
            stored = first.stores if isinstance(first.stores, bytes) else b""
            first.effect(state, Observed(result=result, stored=stored))
        return result

    @staticmethod
    def _harmful(state: State, step: Step, fd: int) -> bool:
        """True if a hypervisor that is right, or one that only forgets a check, overwrites more than is shown."""
        descriptor = state.open.get(fd)
        if step.call not in ("FileRead", "Getdents") or descriptor is None:
            return False
        node = state.nodes[descriptor.node]
        inside = step.buf in (steps.HERE, steps.HEAD, steps.BLOCK)
        if isinstance(node, Directory):
            others = descriptor.node == ROOT  # the names of a whole batch
            need = (
                step.len if others else sum(room_for(name) for name in node.entries) + 2 * SMALLEST
            )
            room = (
                GETDENTS_ROOM
                if step.buf == steps.HERE
                else step.k
                if step.buf == steps.TAIL
                else 128
            )
            return (
                step.call == "Getdents"
                and (inside or step.buf == steps.TAIL)
                and min(need, step.len) > room
            )
        left = node.size - descriptor.position if hasattr(node, "size") else 0
        room = READ_ROOM if step.buf == steps.HERE else 8 if step.buf == steps.BLOCK else 128
        return (
            step.call == "FileRead"
            and (inside or step.buf == steps.TAIL)
            and min(left, step.len) > room
        )
