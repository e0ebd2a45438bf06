# SPDX-License-Identifier: MIT OR Apache-2.0
"""The lock file: a digest of each requirement, so that no sentence changes unnoticed.

One line `id digest`; an id that was withdrawn stays as `id withdrawn`, so that it is
never given to another sentence. A freedom is kept in the same way, as `freedom:NAME digest`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from .errors import SuiteError
from .paths import LOCK, shown
from .spec import ID, Specification

WITHDRAWN = "withdrawn"
_KEY = re.compile(rf"{ID.pattern}|freedom:[a-z0-9-]+")
_HEAD = """\
# Digest of each requirement and freedom. Written by `python -m uhyve_conformance lock`; a change
# here means that the guests, mutants and waivers of that id have to be looked at.
"""


@dataclass(frozen=True)
class Drift:
    """The differences between the chapters and the lock."""

    new: list[str]
    changed: list[str]
    withdrawn: list[str]  # in the lock and no longer in the chapters
    revived: list[str]  # withdrawn long ago, and there again: never allowed

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.withdrawn or self.revived)

    def __str__(self) -> str:
        parts = [
            f"{word}: {_short(ids)}"
            for word, ids in (
                ("new", self.new),
                ("changed", self.changed),
                ("withdrawn", self.withdrawn),
                ("given again after being withdrawn", self.revived),
            )
            if ids
        ]
        return "; ".join(parts) or "no difference"


def _short(ids: list[str]) -> str:
    return ", ".join(ids) if len(ids) <= 12 else f"{len(ids)} ids, {ids[0]} to {ids[-1]}"


def read_lock(path: Path = LOCK) -> dict[str, str]:
    """Digest (or `withdrawn`) by id; empty when there is no lock yet."""
    if not path.exists():
        return {}
    entries: dict[str, str] = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        words = line.split()
        if len(words) != 2 or not _KEY.fullmatch(words[0]) or words[0] in entries:
            raise SuiteError(f"{shown(path)}:{number}: not `id digest`, or twice: {line}")
        entries[words[0]] = words[1]
    return entries


def _digests(spec: Specification) -> dict[str, str]:
    return {id_: r.digest for id_, r in spec.requirements.items()} | {
        f"freedom:{name}": freedom.digest for name, freedom in spec.freedoms.items()
    }


def drift(spec: Specification, locked: dict[str, str]) -> Drift:
    """The changes that `write_lock` would make."""
    current = _digests(spec)
    known = {id_: digest for id_, digest in locked.items() if digest != WITHDRAWN}
    return Drift(
        new=[id_ for id_ in current if id_ not in locked],
        changed=[id_ for id_ in current if id_ in known and known[id_] != current[id_]],
        withdrawn=[id_ for id_ in known if id_ not in current],
        revived=[id_ for id_ in current if locked.get(id_) == WITHDRAWN],
    )


def write_lock(spec: Specification, path: Path = LOCK) -> Drift:
    """Brings the lock up to date and says what changed."""
    locked = read_lock(path)
    changes = drift(spec, locked)
    if changes.revived:
        raise SuiteError(
            f"{', '.join(changes.revived)}: withdrawn ids are never given again; take a new number"
        )
    entries = dict.fromkeys(locked, WITHDRAWN)
    entries |= _digests(spec)
    lines = [f"{id_} {digest}\n" for id_, digest in sorted(entries.items())]
    path.write_text(_HEAD + "".join(lines))
    return changes
