# SPDX-License-Identifier: MIT OR Apache-2.0
"""A test guest's manifest, as data.

A manifest is the inside of a TOML inline table. The keys are described in
guests/README.md; an unknown key or a wrong type is an error, never ignored.
"""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import matrix
from .architectures import ARCHITECTURES
from .capabilities import BASE, VERSIONS, of_version
from .errors import ManifestError
from .executor import Node
from .limits import RUN
from .manifest_keys import KEYS, After, Expected, Held, Status, strings

_VARIANT = re.compile(r"[^\[\]\x00-\x1f]+")


@dataclass(frozen=True)
class Run:
    """One run of a guest: its manifest, for one of its variants."""

    guest: str
    summary: str
    tests: tuple[str, ...] = ()  # the requirements that its tests owe, each as often as tested
    variant: str | None = None
    index: int = 0  # what guest_variant() gives
    interface: int = BASE  # the version that its image names
    needs: tuple[str, ...] = ()
    memory: int = 64
    vcpus: int = 1
    args: tuple[str, ...] = ()
    kernel_args: tuple[str, ...] = ()
    env: Mapping[str, str] = dataclasses.field(default_factory=dict)
    stdin: bytes = b""
    hold_stdin: bool = False
    files: Mapping[str, Node] = dataclasses.field(default_factory=dict)
    mappings: Mapping[str, str] = dataclasses.field(default_factory=lambda: {"/data": "data"})
    missing: tuple[str, ...] = ()  # host paths of mappings that are not made
    umask: int = 0o022
    descriptors: int = 0  # how many the hypervisor may have; 0: no limit of the suite's
    tap: bool = True
    console_full: bool = False
    inherited: bool = False  # the hypervisor starts with one descriptor more
    tmpdir: str | None = None  # where the hypervisor's temporary files go
    stdout: Expected | None = None
    status: Status | None = None
    after: tuple[After, ...] = ()
    refused: str | None = None
    image: tuple[str, ...] = ()
    timeout: float = RUN
    foundation: bool = False
    probe: str | None = None

    @property
    def name(self) -> str:
        """Its name in reports: guest or guest[variant]."""
        return f"{self.guest}[{self.variant}]" if self.variant else self.guest

    @property
    def slug(self) -> str:
        """Its name as a file name."""
        if not self.variant:
            return self.guest
        return f"{self.guest}.{self.index}-" + re.sub(r"[^A-Za-z0-9_.+-]+", "-", self.variant)

    @property
    def requirements(self) -> tuple[str, ...]:
        """The ids that it answers."""
        return tuple(dict.fromkeys((*self.tests, *sorted(self.host_judged))))

    @property
    def host_judged(self) -> set[str]:
        """The ids that a host expectation belongs to."""
        ids = {a.id for a in self.after}
        ids |= {e.id for e in (self.stdout, self.status) if e}
        return ids | ({self.refused} if self.refused else set())


@dataclass(frozen=True)
class Guest:
    """An ELF file with its runs; without runs and with a fault when its manifest is bad."""

    name: str
    path: Path
    arch: str
    patch_offset: int  # in the file: where the challenge and the variant go
    interface: int  # the version in its interface note
    runs: tuple[Run, ...]
    fault: str | None = None
    text: str = ""  # its manifest, as it stands in the file
    tests: tuple[Owed, ...] = ()


# A test of the image: its requirement, and a bit for each variant that makes it.
Owed = tuple[str, int]
EVERY_VARIANT = 0xFFFFFFFF


# ---- Parsing ------------------------------------------------------------------------------


def parse_manifest(
    guest: str, text: str, arch: str, interface: int = BASE, tests: Iterable[Owed] = ()
) -> list[Run]:
    """The runs on this architecture, none when the guest is for another; ManifestError.

    `interface` is the version that the ELF file names, `tests` those that it holds.
    """
    try:
        table = tomllib.loads(f"guest = {{{text}}}")["guest"]
    except tomllib.TOMLDecodeError as problem:
        raise ManifestError(f"not TOML: {problem}") from None
    architectures = strings(table.pop("arch", list(ARCHITECTURES)), "arch")
    for name in architectures:
        if name not in ARCHITECTURES:
            raise ManifestError(f"arch: unknown architecture '{name}'")
    if arch not in architectures:
        return []
    if "matrix" in table and "variants" in table:
        raise ManifestError("'matrix' and 'variants' exclude each other")
    variants = (
        list(matrix.variants(table.pop("matrix"), table.get("needs", [])).items())
        if "matrix" in table
        else _variants(table.pop("variants", None))
    )
    also = [interface, *_versions(table.pop("also", []), interface)]
    tests = sorted(tests)
    runs = [
        _run(guest, variant, index, table | changes, interface, other, tests)
        for other in also
        for index, (variant, changes) in enumerate(variants)
    ]
    if idle := {id_ for id_, _ in tests} - {id_ for run in runs for id_ in run.tests}:
        raise ManifestError(f"no run makes the test of {', '.join(sorted(idle))}")
    return runs


def _owed(cell: str | None, index: int, tests: list[Owed]) -> tuple[str, ...]:
    """The tests of a run: what its cell of a matrix names, else those of its variant."""
    if cell is None:
        return tuple(
            id_
            for id_, variants in tests
            if variants == EVERY_VARIANT or (index < 32 and variants >> index & 1)
        )
    if cell not in {id_ for id_, _ in tests}:
        raise ManifestError(f"'cells': the image has no test of {cell}")
    return (cell,)


def _versions(value: Any, interface: int) -> list[int]:
    """The other versions as whose images all runs are made once more."""
    if not isinstance(value, list) or not all(n in VERSIONS and n > interface for n in value):
        raise ManifestError(f"'also' has to be a list of versions above {interface}")
    return value


def _variants(value: Any) -> list[tuple[str | None, dict[str, Any]]]:
    """Names, or a table from names to the keys in which that run differs."""
    if value is None:
        return [(None, {})]
    table = value if isinstance(value, dict) else dict.fromkeys(strings(value, "variants"), {})
    if not table or (isinstance(value, list) and len(table) != len(value)):
        raise ManifestError("variants: empty, or a name twice")
    for name, changes in table.items():
        if not _VARIANT.fullmatch(name):
            raise ManifestError(f"variants: '{name}' is empty or has brackets")
        if not isinstance(changes, dict):
            raise ManifestError(f"variants: '{name}' has to be a table of keys")
    return list(table.items())


def _interface(values: Mapping[str, Any], named: int, other: int) -> int:
    """The version that the image of a run names: the lowest that has what it needs."""
    claimed = {*values.get("needs", ()), values.get("probe")}
    wanted = max([other, *(n for n in VERSIONS if of_version(n) in claimed)])
    if wanted != named and named < BASE:
        raise ManifestError(f"an image of version {named} cannot need {of_version(wanted)}")
    return wanted


def _run(
    guest: str,
    variant: str | None,
    index: int,
    table: dict[str, Any],
    named: int,
    other: int,
    tests: list[Owed],
) -> Run:
    values: dict[str, Any] = {"tests": _owed(table.pop("cell", None), index, tests)}
    for key, value in table.items():
        if key not in KEYS:
            raise ManifestError(f"unknown key '{key}'; one of {', '.join(sorted(KEYS))}")
        values[key] = KEYS[key](value, key)
    if isinstance(values.get("stdin"), Held):
        values["stdin"], values["hold_stdin"] = b"", True
    if not values.get("summary"):
        raise ManifestError("'summary' is missing")
    if values.get("refused"):
        values["tap"] = False
    values["interface"] = wanted = _interface(values, named, other)
    if values.get("probe") != of_version(wanted):
        values["needs"] = tuple(dict.fromkeys((of_version(wanted), *values.get("needs", ()))))
    if other != named:
        variant = f"{variant or ''} as {other}".strip()
    run = Run(guest=guest, variant=variant, index=index, **values)
    _check(run)
    return run


def _check(run: Run) -> None:
    """Checks that involve several keys."""
    if run.tap and not run.tests:
        raise ManifestError("a guest without a TEST needs tap = false, or is refused")
    if not run.tap and run.tests:
        raise ManifestError(f"{', '.join(run.tests)}: a TEST of a guest that speaks no TAP")
    if not run.requirements:
        raise ManifestError("it judges nothing: no TEST, stdout, status, after or refused")
    if run.tap and (run.stdout or run.console_full):
        raise ManifestError("'stdout' and 'console_full' need tap = false")
    if run.stdout and run.console_full:
        raise ManifestError("'stdout' and 'console_full' exclude each other")
    early = run.stdout and run.stdout.early
    if early and (run.status or (run.after and not run.stdout.terminate)):
        raise ManifestError("'stdout': a guest that is stopped early has no status and no files")
