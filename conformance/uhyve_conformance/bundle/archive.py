# SPDX-License-Identifier: MIT OR Apache-2.0
"""The file: a tar.xz whose first member, bundle.json, has the digest of each of the others.

Nothing in a bundle is trusted before it was looked at: it comes from a stranger.
"""

from __future__ import annotations

import hashlib
import io
import json
import lzma
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import SuiteError
from ..paths import shown

FORMAT = "uhyve-conformance-bundle/2"
SUFFIX = ".uhyve.tar.xz"
HEAD = "bundle.json"
# No bundle comes near this: what is larger is not unpacked.
MOST_BYTES, MOST_MEMBERS = 1 << 30, 50_000


@dataclass(frozen=True)
class Bundle:
    """Its head, and its members by name; the digests hold."""

    path: Path
    head: Mapping[str, Any]
    members: Mapping[str, bytes]

    def member(self, name: str) -> bytes:
        """SuiteError when it is not there."""
        if name not in self.members:
            raise SuiteError(f"{shown(self.path)}: {name} is missing")
        return self.members[name]

    def json(self, name: str) -> Any:
        """A member that is JSON."""
        try:
            return json.loads(self.member(name))
        except ValueError as problem:
            raise SuiteError(f"{shown(self.path)}: {name}: not JSON: {problem}") from None

    def below(self, folder: str) -> dict[str, bytes]:
        """The members in a folder, by the rest of their names."""
        start = f"{folder}/"
        return {n.removeprefix(start): b for n, b in self.members.items() if n.startswith(start)}


def digest(data: bytes) -> str:
    """The digest of a member."""
    return hashlib.sha256(data).hexdigest()


def write_bundle(path: Path, head: Mapping[str, Any], members: Mapping[str, bytes]) -> None:
    """Writes it whole or not at all; the same content gives the same bytes."""
    table = {name: digest(data) for name, data in sorted(members.items())}
    first = json.dumps({"format": FORMAT, **head, "members": table}, indent=1) + "\n"
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, data in [(HEAD, first.encode()), *sorted(members.items())]:
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), 0o755 if name.endswith(".sh") else 0o644
            tar.addfile(info, io.BytesIO(data))
    temporary = path.with_suffix(".tmp")
    # The usual preset takes seconds for a hypervisor that fails much, for a quarter fewer bytes.
    temporary.write_bytes(lzma.compress(buffer.getvalue(), preset=1))
    temporary.replace(path)


def read_bundle(path: Path) -> Bundle:
    """SuiteError names what is damaged, changed, missing or added."""
    members = _unpacked(path)
    try:
        head = json.loads(members.pop(HEAD))
        if head["format"] != FORMAT:
            raise SuiteError(
                f"{shown(path)}: of format {head['format']}, not {FORMAT}; "
                "judge the hypervisor again to get one"
            )
        table = dict(head["members"])
    except (KeyError, ValueError, TypeError) as problem:
        raise SuiteError(f"{shown(path)}: no bundle: {HEAD}: {problem!r}") from None
    faults = [f"{name} is missing" for name in table if name not in members]
    faults += [f"{name} was added" for name in members if name not in table]
    faults += [
        f"{name} was changed"
        for name in table
        if name in members and digest(members[name]) != table[name]
    ]
    if faults:
        raise SuiteError(f"{shown(path)}: refused: {'; '.join(faults[:10])}")
    return Bundle(path, head, members)


def _unpacked(path: Path) -> dict[str, bytes]:
    members: dict[str, bytes] = {}
    total = 0
    try:
        with tarfile.open(path, "r|xz") as tar:
            for info in tar:
                total += info.size
                if total > MOST_BYTES or len(members) >= MOST_MEMBERS:
                    raise SuiteError(f"{shown(path)}: refused: too large for a bundle")
                if not info.isfile() or info.name in members or not _fit(info.name):
                    raise SuiteError(f"{shown(path)}: refused: the member {info.name!r}")
                file = tar.extractfile(info)
                members[info.name] = file.read() if file else b""
    except OSError as problem:
        raise SuiteError(f"{shown(path)}: {problem.strerror or problem}") from None
    except (tarfile.TarError, lzma.LZMAError, EOFError, ValueError) as problem:
        raise SuiteError(f"{shown(path)}: damaged, or no bundle: {problem}") from None
    return members


def _fit(name: str) -> bool:
    return not name.startswith("/") and ".." not in name.split("/")
