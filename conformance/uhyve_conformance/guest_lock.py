# SPDX-License-Identifier: MIT OR Apache-2.0
"""The lock of the guests: which there are, and a digest of what each says of itself.

A folder with a guest fewer, another one more, or one under another's name would otherwise
be judged by, and a hypervisor conform to less than the suite. One line a guest, `name
digest`; a guest for one architecture ends in its name, as its source does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from .architectures import ARCHITECTURES
from .errors import SuiteError
from .manifest import Guest
from .paths import shown

_HEAD = """\
# Digest of what each guest says of itself. Written by `make lock`.
"""


def _expected(name: str, arch: str) -> bool:
    """True if a guest of this name is built for the architecture."""
    elsewhere = tuple(f"-{other}" for other in ARCHITECTURES if other != arch)
    return not (name.endswith(elsewhere) or name.startswith(ARCHITECTURES[arch].lacks))


def _digest(guest: Guest) -> str:
    tests = [f"{id_} {variants:#x}" for id_, variants in sorted(guest.tests)]
    return hashlib.sha256(" ".join([*guest.text.split(), *tests]).encode()).hexdigest()[:12]


def read_guest_lock(path: Path, lenient: bool = False) -> dict[str, str]:
    """Digest by name. Lenient: as a merge may have left it."""
    entries: dict[str, str] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as problem:
        raise SuiteError(f"{shown(path)}: {problem}") from None
    for number, line in enumerate(lines, 1):
        words = line.split()
        if not words or line.startswith("#"):
            continue
        if len(words) == 2 and (lenient or words[0] not in entries):
            entries[words[0]] = words[1]
        elif not lenient:
            raise SuiteError(f"{shown(path)}:{number}: not `name digest`, or twice: {line}")
    return entries


def guest_faults(guests: Iterable[Guest], arch: str, path: Path) -> list[str]:
    """The differences between guests and lock, a sentence each."""
    locked = read_guest_lock(path)
    if not locked:
        return [f"no guests are listed in {shown(path)}; `make lock` writes it"]
    there = {guest.name: guest for guest in guests}
    faults = [
        f"the guest {name} is missing"
        for name in locked
        if name not in there and _expected(name, arch)
    ]
    for name, guest in there.items():
        if name not in locked:
            faults.append(
                f"the guest {name} is none of the suite's: {shown(path)} has no such name"
            )
        elif locked[name] != _digest(guest):
            faults.append(f"{guest.path.name} is not the guest {name} that {shown(path)} has")
    return faults


def write_guest_lock(guests: Iterable[Guest], path: Path, sources: Iterable[str]) -> str:
    """Writes the digests of these guests, keeps those of other architectures whose source is
    still there, and says what changed."""
    old = read_guest_lock(path, lenient=True)
    new = {guest.name: _digest(guest) for guest in guests}
    kept = set(sources)
    entries = {name: digest for name, digest in old.items() if name in kept} | new
    lines = [f"{name} {digest}\n" for name, digest in sorted(entries.items())]
    path.write_text(_HEAD + "".join(lines), encoding="utf-8")
    changed = sorted(
        name for name in entries.keys() | old.keys() if entries.get(name) != old.get(name)
    )
    return ", ".join(changed) if len(changed) <= 12 else f"{len(changed)} guests"
