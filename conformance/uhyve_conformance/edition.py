# SPDX-License-Identifier: MIT OR Apache-2.0
"""The version of the specification, and what changed since the last one.

spec/edition.toml says which version the chapters are. spec/last-version.toml records the
requirements of the version before, head and sentence, when it is released; the chapters'
digests are compared with it.
"""

from __future__ import annotations

import datetime
import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import SuiteError
from .paths import SPEC, shown
from .spec import Requirement, Specification

STATUSES = ("draft", "released")
_VERSION = re.compile(r"\d+\.\d+\.\d+")
_LAST_HEAD = """\
# The requirements of the last released version, for "changes since the last version".
# Written by `conformance/uhyve-conformance lock --release`.
"""


@dataclass(frozen=True)
class Edition:
    """The contents of edition.toml."""

    version: str
    status: str
    date: datetime.date


@dataclass(frozen=True)
class Recorded:
    """A requirement as it was in the last version."""

    id: str
    digest: str
    head: str
    sentence: str


@dataclass(frozen=True)
class LastVersion:
    """The contents of last-version.toml."""

    version: str
    date: datetime.date
    requirements: dict[str, Recorded]


@dataclass(frozen=True)
class Changes:
    """The differences between the chapters and the last version."""

    last: LastVersion
    new: list[Requirement]
    changed: list[tuple[Recorded, Requirement]]
    withdrawn: list[Recorded]

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.withdrawn)


def read_edition(directory: Path = SPEC) -> Edition:
    """The edition of these chapters; SuiteError when the file is missing or wrong."""
    path = directory / "edition.toml"
    table = _table(path)
    version, status, date = (table.pop(key, None) for key in ("version", "status", "date"))
    if table:
        raise SuiteError(f"{shown(path)}: unknown key '{next(iter(table))}'")
    if status not in STATUSES:
        raise SuiteError(f"{shown(path)}: status is one of {', '.join(STATUSES)}")
    return Edition(_version(path, version), status, _date(path, date))


def read_last_version(directory: Path = SPEC) -> LastVersion | None:
    """The version before; None when there was none."""
    path = directory / "last-version.toml"
    if not path.exists():
        return None
    table = _table(path)
    try:
        rows = {
            id_: Recorded(id_, row["digest"], row["head"], row["sentence"])
            for id_, row in table["requirements"].items()
        }
    except (KeyError, TypeError, AttributeError) as problem:
        raise SuiteError(f"{shown(path)}: a requirement is not in order: {problem}") from None
    return LastVersion(_version(path, table.get("version")), _date(path, table.get("date")), rows)


def changes(spec: Specification, last: LastVersion | None) -> Changes | None:
    """The differences; None without a last version."""
    if last is None:
        return None
    now, before = spec.requirements, last.requirements
    return Changes(
        last,
        new=[r for id_, r in now.items() if id_ not in before],
        changed=[
            (before[id_], r)
            for id_, r in now.items()
            if id_ in before and before[id_].digest != r.digest
        ],
        withdrawn=[old for id_, old in before.items() if id_ not in now],
    )


def edition_fault(spec: Specification, directory: Path = SPEC) -> str | None:
    """Another text under the version of the last one."""
    found = changes(spec, read_last_version(directory))
    if found and found.last.version == (edition := read_edition(directory)).version:
        path = shown(directory / "edition.toml")
        return f"{path}: the requirements differ from version {edition.version}, which is out: raise it"
    return None


def write_last_version(spec: Specification, directory: Path = SPEC) -> Path:
    """Records the chapters as the last version; only a released edition can be."""
    edition = read_edition(directory)
    if edition.status != "released":
        path = shown(directory / "edition.toml")
        raise SuiteError(f'{path}: only an edition with status "released" can be recorded')
    path = directory / "last-version.toml"
    lines = [_LAST_HEAD, f'version = "{edition.version}"\n', f"date = {edition.date}\n"]
    for id_, r in sorted(spec.requirements.items()):
        lines.append(f"\n[requirements.{id_}]\n")
        values = (("digest", r.digest), ("head", r.head), ("sentence", r.sentence))
        # A JSON string is a TOML string, too.
        lines += [f"{key} = {json.dumps(text, ensure_ascii=False)}\n" for key, text in values]
    path.write_text("".join(lines), encoding="utf-8")
    return path


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise SuiteError(f"{shown(path)}: {problem.strerror}") from None
    except ValueError as problem:
        raise SuiteError(f"{shown(path)}: {problem}") from None


def _version(path: Path, value: object) -> str:
    if not isinstance(value, str) or not _VERSION.fullmatch(value):
        raise SuiteError(f'{shown(path)}: version has to be three numbers, for example "1.2.0"')
    return value


def _date(path: Path, value: object) -> datetime.date:
    if type(value) is not datetime.date:
        raise SuiteError(f"{shown(path)}: date has to be a day, for example 2026-01-31")
    return value
