# SPDX-License-Identifier: MIT OR Apache-2.0
"""Archives that depend on nothing but what is in them and the time of the commit."""

from __future__ import annotations

import hashlib
import io
import lzma
import os
import subprocess
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def git(*words: str) -> str | None:
    """The output of git; None without git or without a repository of this project."""
    try:
        done = subprocess.run(
            ["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=False
        )
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def epoch() -> int:
    """The time that everything in a release has, in seconds: SOURCE_DATE_EPOCH, or the commit's."""
    said = os.environ.get("SOURCE_DATE_EPOCH") or git("log", "-1", "--format=%ct")
    if not said or not said.strip().isdigit():
        raise SystemExit("error: no git here: set SOURCE_DATE_EPOCH, the release's time in seconds")
    return int(said)


def sources() -> list[str]:
    """The project's files by name, as git knows them; in an unpacked archive all but build/."""
    listed = git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if listed is not None and Path((git("rev-parse", "--show-toplevel") or "").strip()) == ROOT:
        return sorted(name for name in listed.split("\0") if name and (ROOT / name).is_file())
    names = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
    return sorted(
        str(name)
        for name in names
        if name.parts[0] not in ("build", ".git") and "__pycache__" not in name.parts
    )


def write_tar(path: Path, top: str, members: Mapping[str, Path], time: int) -> None:
    """A tar.xz of these files below `top`: sorted, with one time, owner and mode for all."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name in sorted(members):
            data = members[name].read_bytes()
            info = tarfile.TarInfo(f"{top}/{name}")
            info.size, info.mtime = len(data), time
            info.mode = 0o755 if members[name].stat().st_mode & 0o100 else 0o644
            tar.addfile(info, io.BytesIO(data))
    path.write_bytes(lzma.compress(buffer.getvalue(), preset=6))


def sums(paths: Iterable[Path]) -> str:
    """As sha256sum prints them."""
    return "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in paths
    )
