# SPDX-License-Identifier: MIT OR Apache-2.0
"""Test guests as files: finds them and takes manifest and patch out of their ELF files."""

from __future__ import annotations

import contextlib
import json
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile

from .architectures import OF_ELF
from .errors import ManifestError, UsageError
from .image import ImageError, interface_of
from .manifest import Guest, Owed, Run, parse_manifest
from .paths import shown
from .spec import ID

_OWED = struct.Struct("<20sI")
_FORM = 3  # of what is remembered


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
    return guest_of(path, *_sections(path))


def read_guests(directory: Path) -> list[Guest]:
    """All test guests of a directory. What their sections hold is remembered beside them,
    because taking ELF files apart is the slowest part of a start."""
    cache = directory / ".sections.json"
    known: dict[str, Any] = {}
    with contextlib.suppress(OSError, ValueError):
        known = json.loads(cache.read_text())
    seen: dict[str, Any] = {}
    guests = []
    for path in find_guests(directory):
        info = path.stat()
        stamp = [_FORM, info.st_mtime_ns, info.st_size, info.st_ino]
        entry = known.get(path.name)
        if not entry or entry["stamp"] != stamp:
            entry = {"stamp": stamp, "sections": _sections(path)}
        seen[path.name] = entry
        guests.append(guest_of(path, *entry["sections"]))
    if seen != known:
        with contextlib.suppress(OSError):
            cache.write_text(json.dumps(seen))
    return guests


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


def _sections(path: Path) -> tuple[str, str, int, int, list[Owed]]:
    try:
        with path.open("rb") as file:
            elf = ELFFile(file)
            manifest = elf.get_section_by_name(".uhyve.manifest")
            patch = elf.get_section_by_name(".uhyve.patch")
            if manifest is None or patch is None:
                raise NotOursError(
                    f"{shown(path)} is not a test guest: no section .uhyve.manifest or .uhyve.patch"
                )
            arch = OF_ELF.get(elf["e_machine"], str(elf["e_machine"]))
            text = manifest.data().rstrip(b"\0").decode("utf-8", "replace")
            owed = elf.get_section_by_name(".uhyve.tests")
            tests = _tests(owed.data()) if owed else []
            return arch, text, patch["sh_offset"], interface_of(path.read_bytes()), tests
    except (ELFError, ImageError, OSError) as problem:
        raise NotOursError(f"{shown(path)} is not a test guest: {problem}") from None
