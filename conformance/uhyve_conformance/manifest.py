# SPDX-License-Identifier: MIT OR Apache-2.0
"""Reads what a test guest says of itself: the manifest in its ELF file.

The section .uhyve.manifest holds the inside of a TOML inline table. The keys are
described in guests/README.md; an unknown key or a wrong type is an error, never
ignored.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile

from . import matrix
from .capabilities import ARCHITECTURES, CAPABILITIES
from .errors import ManifestError, UsageError
from .executor import Node
from .image import EDITS
from .paths import shown
from .spec import ID

_MACHINES = {"EM_X86_64": "x86_64", "EM_AARCH64": "aarch64"}
_VARIANT = re.compile(r"[^\[\]\x00-\x1f]+")


class NotOursError(UsageError):
    """A file that is no test guest at all."""


# ---- What a manifest says --------------------------------------------------------------


@dataclass(frozen=True)
class Expected:
    """Console output, byte for byte: the text, in which `{response}` is the guest's answer,
    then the data. Early: it is there while the guest goes on, which is stopped then."""

    id: str
    text: str = ""
    data: bytes = b""
    early: bool = False

    def due(self, answer: int) -> bytes:
        """What the console has to hold."""
        return self.text.replace("{response}", f"{answer:#x}").encode() + self.data


@dataclass(frozen=True)
class Status:
    """Exit status of the hypervisor: one of some, or any orderly one but 0."""

    id: str
    any_of: tuple[int, ...] = ()
    nonzero: bool = False


@dataclass(frozen=True)
class After:
    """A condition on one host path afterwards."""

    id: str
    path: str
    content: bytes | None = None
    size: int | None = None
    mode: int | None = None
    type: str | None = None
    absent: bool = False


@dataclass(frozen=True)
class Run:
    """One run of a guest: its manifest, for one of its variants."""

    guest: str
    summary: str
    requirements: tuple[str, ...]
    variant: str | None = None
    index: int = 0  # what guest_variant() gives
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
    umask: int = 0o022
    tap: bool = True
    console_full: bool = False
    stdout: Expected | None = None
    status: Status | None = None
    after: tuple[After, ...] = ()
    refused: str | None = None
    image: tuple[str, ...] = ()
    timeout: float = 10.0
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
    runs: tuple[Run, ...]
    fault: str | None = None


# ---- Reading ------------------------------------------------------------------------------


def find_guests(directory: Path) -> list[Path]:
    """The test guests of a directory; UsageError when there are none."""
    paths = sorted(directory.glob("*.elf"))
    if not paths:
        raise UsageError(f"no test guests (*.elf) in {shown(directory)}; `make guests` builds them")
    return paths


def read_guest(path: Path) -> Guest:
    """Reads one ELF file. NotOursError when it is no test guest; a bad manifest becomes a fault."""
    return _guest(path, *_sections(path))


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
        stamp = [info.st_mtime_ns, info.st_size, info.st_ino]
        entry = known.get(path.name)
        if not entry or entry["stamp"] != stamp:
            entry = {"stamp": stamp, "sections": _sections(path)}
        seen[path.name] = entry
        guests.append(_guest(path, *entry["sections"]))
    if seen != known:
        with contextlib.suppress(OSError):
            cache.write_text(json.dumps(seen))
    return guests


def _guest(path: Path, arch: str, text: str, patch_offset: int) -> Guest:
    try:
        runs = tuple(parse_manifest(path.stem, text, arch))
        return Guest(path.stem, path, arch, patch_offset, runs)
    except ManifestError as problem:
        return Guest(path.stem, path, arch, patch_offset, (), fault=str(problem))


def _sections(path: Path) -> tuple[str, str, int]:
    try:
        with path.open("rb") as file:
            elf = ELFFile(file)
            manifest = elf.get_section_by_name(".uhyve.manifest")
            patch = elf.get_section_by_name(".uhyve.patch")
            if manifest is None or patch is None:
                raise NotOursError(
                    f"{shown(path)} is no test guest: no section .uhyve.manifest or .uhyve.patch"
                )
            arch = _MACHINES.get(elf["e_machine"], str(elf["e_machine"]))
            text = manifest.data().rstrip(b"\0").decode("utf-8", "replace")
            return arch, text, patch["sh_offset"]
    except (ELFError, OSError) as problem:
        raise NotOursError(f"{shown(path)} is no test guest: {problem}") from None


def parse_manifest(guest: str, text: str, arch: str) -> list[Run]:
    """The runs on this architecture, none when the guest is for another; ManifestError."""
    try:
        table = tomllib.loads(f"guest = {{{text}}}")["guest"]
    except tomllib.TOMLDecodeError as problem:
        raise ManifestError(f"not TOML: {problem}") from None
    architectures = _strings(table.pop("arch", list(ARCHITECTURES)), "arch")
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
    return [
        _run(guest, variant, index, table | changes)
        for index, (variant, changes) in enumerate(variants)
    ]


def _variants(value: Any) -> list[tuple[str | None, dict[str, Any]]]:
    """Names, or a table from names to the keys in which that run differs."""
    if value is None:
        return [(None, {})]
    table = value if isinstance(value, dict) else dict.fromkeys(_strings(value, "variants"), {})
    if not table or (isinstance(value, list) and len(table) != len(value)):
        raise ManifestError("variants: empty, or a name twice")
    for name, changes in table.items():
        if not _VARIANT.fullmatch(name):
            raise ManifestError(f"variants: '{name}' is empty or has brackets")
        if not isinstance(changes, dict):
            raise ManifestError(f"variants: '{name}' has to be a table of keys")
    return list(table.items())


def _run(guest: str, variant: str | None, index: int, table: dict[str, Any]) -> Run:
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _KEYS:
            raise ManifestError(f"unknown key '{key}'; one of {', '.join(sorted(_KEYS))}")
        values[key] = _KEYS[key](value, key)
    if isinstance(values.get("stdin"), _Held):
        values["stdin"], values["hold_stdin"] = b"", True
    for key in ("summary", "requirements"):
        if not values.get(key):
            raise ManifestError(f"'{key}' is missing")
    if values.get("refused"):
        values["tap"] = False
    run = Run(guest=guest, variant=variant, index=index, **values)
    _check(run)
    return run


def _check(run: Run) -> None:
    """What no key can say alone."""
    strangers = run.host_judged - set(run.requirements)
    if strangers:
        raise ManifestError(f"{', '.join(sorted(strangers))}: judged but not in 'requirements'")
    unjudged = [id_ for id_ in run.requirements if id_ not in run.host_judged]
    if not run.tap and unjudged:
        raise ManifestError(
            f"{', '.join(unjudged)}: no TAP, and no host expectation "
            "(stdout, status, after, refused)"
        )
    if run.tap and (run.stdout or run.console_full):
        raise ManifestError("'stdout' and 'console_full' need tap = false")
    if run.stdout and run.console_full:
        raise ManifestError("'stdout' and 'console_full' exclude each other")
    if run.stdout and run.stdout.early and (run.status or run.after):
        raise ManifestError("'stdout': a guest that is stopped early has no status and no files")


# ---- One function for each kind of value ---------------------------------------------------


class _Held:
    """Standard input that stays open and brings nothing."""


def _table(value: Any, key: str, known: str) -> dict[str, Any]:
    """A table with no other keys than the known ones."""
    if not isinstance(value, dict):
        raise ManifestError(f"'{key}' has to be a table")
    for name in value:
        if name not in known.split():
            raise ManifestError(f"'{key}': unknown key '{name}'; one of {known}")
    return value


def _string(value: Any, key: str) -> str:
    if not isinstance(value, str):
        raise ManifestError(f"'{key}' has to be a string")
    return value


def _strings(value: Any, key: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ManifestError(f"'{key}' has to be a list of strings")
    return tuple(value)


def _string_table(value: Any, key: str) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        raise ManifestError(f"'{key}' has to be a table of strings")
    return value


def _boolean(value: Any, key: str) -> bool:
    if not isinstance(value, bool):
        raise ManifestError(f"'{key}' has to be true or false")
    return value


def _positive(value: Any, key: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise ManifestError(f"'{key}' has to be a positive integer")
    return value


def _count(value: Any, key: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ManifestError(f"'{key}' has to be an integer, 0 or more")
    return value


def _seconds(value: Any, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0:
        raise ManifestError(f"'{key}' has to be a positive number of seconds")
    return float(value)


def _octal(value: Any, key: str) -> int:
    try:
        return int(_string(value, key), 8)
    except ValueError:
        raise ManifestError(f"'{key}' has to be an octal number in a string") from None


def _bytes(table: Mapping[str, Any], key: str, text_key: str) -> bytes | None:
    """The bytes of `text_key` (a string) or of `hex`; None when there is neither."""
    if text_key in table and "hex" in table:
        raise ManifestError(f"'{key}' has both '{text_key}' and 'hex'")
    if text_key in table:
        return _string(table[text_key], f"{key}.{text_key}").encode()
    if "hex" not in table:
        return None
    try:
        return bytes.fromhex(_string(table["hex"], f"{key}.hex"))
    except ValueError as problem:
        raise ManifestError(f"'{key}.hex': {problem}") from None


def _id(value: Any, key: str) -> str:
    if not isinstance(value, str) or not ID.fullmatch(value):
        raise ManifestError(f"'{key}' needs an 'id' of a requirement")
    return value


def _requirements(value: Any, key: str) -> tuple[str, ...]:
    ids = _strings(value, key)
    for id_ in ids:
        if not ID.fullmatch(id_):
            raise ManifestError(f"'{key}': '{id_}' is no id of a requirement")
    if len(set(ids)) != len(ids):
        raise ManifestError(f"'{key}': an id twice")
    return ids


def _capability(value: Any, key: str) -> str:
    if value not in CAPABILITIES:
        raise ManifestError(f"'{key}': unknown capability '{value}'; {', '.join(CAPABILITIES)}")
    return value


def _capabilities(value: Any, key: str) -> tuple[str, ...]:
    return tuple(_capability(name, key) for name in _strings(value, key))


def _stdin(value: Any, key: str) -> bytes | _Held:
    if isinstance(value, str):
        return value.encode()
    table = _table(value, key, "hex hold")
    if table.get("hold") is True and len(table) == 1:
        return _Held()
    data = _bytes(table, key, "content")
    if data is None or len(table) != 1:
        raise ManifestError("'stdin' is a string, { hex = \"…\" } or { hold = true }")
    return data


def _files(value: Any, key: str) -> dict[str, Node]:
    if not isinstance(value, dict):
        raise ManifestError(f"'{key}' has to be a table")
    return {_path(path, key): _node(node, f"{key}.{path}") for path, node in value.items()}


def _path(path: Any, key: str) -> str:
    text = _string(path, key)
    if not text or text.startswith("/") or ".." in text.split("/") or text == "guest.elf":
        raise ManifestError(f"'{key}': '{text}' is no path in the work directory")
    return text


def _node(value: Any, key: str) -> Node:
    if isinstance(value, str):
        return Node(content=value.encode())
    table = _table(value, key, "content hex size mode symlink dir")
    mode = _octal(table["mode"], f"{key}.mode") if "mode" in table else None
    if "symlink" in table:
        if len(table) != 1:
            raise ManifestError(f"'{key}': nothing goes with 'symlink'")
        return Node("symlink", target=_string(table["symlink"], key))
    if _boolean(table.get("dir", False), f"{key}.dir"):
        if set(table) - {"dir", "mode"}:
            raise ManifestError(f"'{key}': only 'mode' goes with 'dir'")
        return Node("dir", mode=mode)
    size = _count(table["size"], f"{key}.size") if "size" in table else None
    return Node(content=_bytes(table, key, "content") or b"", size=size, mode=mode)


def _mappings(value: Any, key: str) -> dict[str, str]:
    return {guest: _path(host, key) for guest, host in _string_table(value, key).items()}


def _stdout(value: Any, key: str) -> Expected:
    table = _table(value, key, "text hex times early id")
    if not {"text", "hex"} & set(table):
        raise ManifestError(f"'{key}' needs 'text' or 'hex'")
    text = _string(table.get("text", ""), f"{key}.text")
    times = _positive(table.get("times", 1), f"{key}.times")
    data = _bytes({"hex": table.get("hex", "")}, key, "") or b""
    early = _boolean(table.get("early", False), f"{key}.early")
    return Expected(_id(table.get("id"), key), text=text, data=data * times, early=early)


def _status(value: Any, key: str) -> Status:
    table = _table(value, key, "code any_of nonzero id")
    id_ = _id(table.get("id"), key)
    given = set(table) - {"id"}
    if given == {"code"}:
        return Status(id_, any_of=(_count(table["code"], key),))
    if given == {"any_of"} and isinstance(table["any_of"], list) and table["any_of"]:
        return Status(id_, any_of=tuple(_count(code, key) for code in table["any_of"]))
    if given == {"nonzero"} and table["nonzero"] is True:
        return Status(id_, nonzero=True)
    raise ManifestError(f"'{key}' needs exactly one of code, any_of = […], nonzero = true")


def _after(value: Any, key: str) -> tuple[After, ...]:
    if not isinstance(value, list):
        raise ManifestError(f"'{key}' has to be a list of tables")
    return tuple(_one_after(item, key) for item in value)


def _one_after(value: Any, key: str) -> After:
    table = _table(value, key, "path content hex size mode type absent id")
    path = _path(table.get("path"), f"{key}.path")
    after = After(
        id=_id(table.get("id"), f"{key}: {path}"),
        path=path,
        content=_bytes(table, key, "content"),
        size=_count(table["size"], f"{key}.size") if "size" in table else None,
        mode=_octal(table["mode"], f"{key}.mode") if "mode" in table else None,
        type=table.get("type"),
        absent=_boolean(table.get("absent", False), f"{key}.absent"),
    )
    if after.type not in (None, "file", "dir", "symlink"):
        raise ManifestError(f"'{key}': type is file, dir or symlink, not '{after.type}'")
    conditions = set(table) - {"path", "id"}
    if not conditions or (after.absent and conditions != {"absent"}):
        raise ManifestError(f"'{key}': {path} needs a condition; 'absent' stands alone")
    return after


def _refused(value: Any, key: str) -> str:
    return _id(_table(value, key, "id").get("id"), key)


def _image(value: Any, key: str) -> tuple[str, ...]:
    edits = _strings(value, key)
    for edit in edits:
        if edit.partition("=")[0] not in EDITS:
            raise ManifestError(f"'{key}': unknown edit '{edit}'; one of {', '.join(EDITS)}")
    return edits


_KEYS: dict[str, Callable[[Any, str], Any]] = {
    "summary": _string,
    "requirements": _requirements,
    "needs": _capabilities,
    "memory": _positive,
    "vcpus": _positive,
    "args": _strings,
    "kernel_args": _strings,
    "env": _string_table,
    "stdin": _stdin,
    "files": _files,
    "mappings": _mappings,
    "umask": _octal,
    "tap": _boolean,
    "console_full": _boolean,
    "stdout": _stdout,
    "status": _status,
    "after": _after,
    "refused": _refused,
    "image": _image,
    "timeout": _seconds,
    "foundation": _boolean,
    "probe": _capability,
}
