# SPDX-License-Identifier: MIT OR Apache-2.0
"""Builds the release once more and compares it with build/dist byte for byte: in a folder with
another name, from nothing, now, with another umask, language, time zone and home, and as another
user where that is possible.

usage: twice.py JOBS
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from archive import ROOT, epoch, sources

NOBODY = 65534
# What is downloaded, and so not built a second time.
BROUGHT = ("build/venv", "build/machines/aarch64/sysroot")


def copy_tree(place: Path) -> None:
    """The sources, and what they need from the network."""
    for name in sources():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, place / name)
    for name in BROUGHT:
        shutil.copytree(ROOT / name, place / name, symlinks=True)
    for link in place.glob("build/venv/lib/python*/site-packages/uhyve_conformance.pth"):
        link.write_text(f"{place}/conformance\n")


def build(place: Path, jobs: str) -> None:
    """`make dist` there; its output ends this program when it fails."""
    user: dict[str, object] = {}
    if os.geteuid() == 0:
        for path in (place.parent, *place.parent.rglob("*")):
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
        user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(place.parent),
        "LANG": "C",
        "TZ": "Asia/Kathmandu",
        "SOURCE_DATE_EPOCH": str(epoch()),
    }
    done = subprocess.run(
        ["make", f"-j{jobs}", "dist"],
        cwd=place, env=environment, umask=0o077, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **user,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{done.stdout}error: the second build failed")


def differences(first: Path, second: Path) -> list[str]:
    """The files of the release that are not the same in both."""
    names = {path.name for place in (first, second) for path in place.iterdir() if path.is_file()}
    if "SHA256SUMS" not in names or len(names) < 4:
        raise SystemExit(f"error: {first} holds no release")
    return sorted(
        name
        for name in names
        if not ((first / name).exists() and (second / name).exists())
        or (first / name).read_bytes() != (second / name).read_bytes()
    )


def main(jobs: str) -> int:
    """Status 1 when a byte differs."""
    with tempfile.TemporaryDirectory(prefix="uhyve-release-") as top:
        place = Path(top) / "in-another-folder" / "tree"
        place.mkdir(parents=True)
        copy_tree(place)
        build(place, jobs)
        differ = differences(ROOT / "build/dist", place / "build/dist")
        for name in differ:
            kept = ROOT / "build" / "dist-second" / name
            kept.parent.mkdir(exist_ok=True)
            shutil.copyfile(place / "build/dist" / name, kept)
            print(f"differs: {name} ({kept} is the second)")
    print(f"{0 if differ else 1} passed, {1 if differ else 0} failed")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
