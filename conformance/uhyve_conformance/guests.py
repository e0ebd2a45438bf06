# SPDX-License-Identifier: MIT OR Apache-2.0
"""Test guests as files: finds them and takes manifest and patch out of their ELF files."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from pathlib import Path

from .architectures import OF_MACHINE
from .errors import ManifestError, UsageError
from .image import ImageError, interface_of, machine_of, sections
from .manifest import Guest, Owed, Run, parse_manifest
from .paths import shown
from .spec import ID

_OWED = struct.Struct("<20sI")
_MANIFEST, _PATCH, _TESTS = ".uhyve.manifest", ".uhyve.patch", ".uhyve.tests"


class NotOursError(UsageError):
    """A file that is not a test guest at all."""


def find_guests(directory: Path) -> list[Path]:
    """The test guests of a directory; UsageError when there are none."""
    paths = sorted(directory.glob("*.elf"))
    if not paths:
        raise UsageError(f"no test guests (*.elf) in {shown(directory)}; `make guests` builds them")
    return paths


def read_guest(path: Path) -> Guest:
    """Reads one ELF file. NotOursError when it is not a test guest; a bad manifest becomes a fault."""
    try:
        elf = path.read_bytes()
        found = sections(elf)
        missing = [name for name in (_MANIFEST, _PATCH) if name not in found]
        if missing:
            raise ImageError(f"no section {' or '.join(missing)}")
        text = _content(elf, found[_MANIFEST]).rstrip(b"\0").decode("utf-8", "replace")
        tests = _tests(_content(elf, found.get(_TESTS, (0, 0))))
        machine = machine_of(elf)
        arch = OF_MACHINE.get(machine, f"machine {machine}")
        return guest_of(path, arch, text, found[_PATCH][0], interface_of(elf), tests)
    except (ImageError, OSError) as problem:
        raise NotOursError(f"{shown(path)} is not a test guest: {problem}") from None


def read_guests(directory: Path) -> list[Guest]:
    """All test guests of a directory."""
    return [read_guest(path) for path in find_guests(directory)]


def _content(elf: bytes, section: tuple[int, int]) -> bytes:
    offset, size = section
    return elf[offset : offset + size]


def guest_of(
    path: Path, arch: str, text: str, patch_offset: int, interface: int, tests: Iterable[Owed]
) -> Guest:
    """A guest by what its ELF file says; a bad manifest becomes a fault."""
    tests = tuple((id_, variants) for id_, variants in tests)
    runs: tuple[Run, ...] = ()
    fault = None
    try:
        runs = tuple(parse_manifest(path.stem, text, arch, interface, tests))
    except ManifestError as problem:
        fault = str(problem)
    return Guest(path.stem, path, arch, patch_offset, interface, runs, fault, text, tests)


def _tests(section: bytes) -> list[Owed]:
    """The records of `struct test_owed` (guests/lib/test.h)."""
    if len(section) % _OWED.size:
        raise NotOursError(f"{len(section)} bytes of tests")
    found = [(id_.rstrip(b"\0").decode(), n) for id_, n in _OWED.iter_unpack(section)]
    for id_, _ in found:
        if not ID.fullmatch(id_):
            raise NotOursError(f"the test of '{id_}', which is not an id of a requirement")
    return found
