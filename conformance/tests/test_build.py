# SPDX-License-Identifier: MIT OR Apache-2.0
"""The build: in a folder with spaces and umlauts, twice at once, and again when flags change."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tools import ROOT

GUEST = "build/guests/x86_64/close-negative.elf"


def make(place: Path, *words: str) -> subprocess.Popen[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    return subprocess.Popen(
        ["make", "-s", GUEST, *words], cwd=place, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def test_a_guest_is_built_in_any_folder_by_two_at_once_and_anew_with_other_flags(
    tmp_path: Path,
) -> None:
    place = tmp_path / "Büro Nr. 7"
    for part in (
        "Makefile",
        "VERSION",
        *(p.parent.name + "/" + p.name for p in ROOT.glob("*/*.mk")),
    ):
        (place / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / part, place / part)
    for part in ("guests", "include", "mk"):
        shutil.copytree(ROOT / part, place / part, dirs_exist_ok=True)
    both = [make(place), make(place)]
    for one in both:
        text = one.communicate(timeout=300)[0]
        assert one.returncode == 0, text
    guest = place / GUEST
    built = guest.read_bytes()
    assert built == (ROOT / GUEST).read_bytes()  # wherever it was built
    assert {p.suffix for p in guest.parent.rglob("*") if p.is_file()} == {".elf", ".d", ".o"}
    date = guest.stat().st_mtime_ns
    again = make(place)
    assert (again.wait(300), guest.stat().st_mtime_ns) == (0, date)
    moved = place.rename(tmp_path / "moved")
    other = make(moved)
    assert (other.wait(300), (moved / GUEST).stat().st_mtime_ns) == (0, date)
    changed = make(moved, "WARNINGS=-Wall -O1")
    assert changed.wait(300) == 0 and (moved / GUEST).stat().st_mtime_ns > date
