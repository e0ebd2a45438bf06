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
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from archive import ROOT, epoch, sources

NOBODY = 65534
# What is downloaded, and so not fetched a second time.
SYSROOT = "build/machines/aarch64/sysroot"
VENV = "build/venv"


@dataclass(frozen=True)
class Builder:
    """Who builds, and with which interpreter."""

    python: str
    user: dict[str, object]  # for subprocess

    @property
    def text(self) -> str:
        """For a human."""
        return f"{'another' if self.user else 'the same'} user, with {self.python}"


def builder() -> Builder:
    """Another user where this one may become one, and where that user has an interpreter of
    the same version: the one here may lie in a home that is closed to others."""
    here = sys._base_executable
    if os.geteuid():
        return Builder(here, {})
    user: dict[str, object] = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    version = "import sys; print(sys.version_info[:2])"
    for python in (here, "/usr/bin/python3", "/usr/local/bin/python3"):
        try:
            done = subprocess.run(
                [python, "-c", version], capture_output=True, text=True, check=False, **user
            )
        except OSError:
            continue
        if done.stdout.strip() == str(sys.version_info[:2]):
            return Builder(python, user)
    return Builder(here, {})


def copy_tree(place: Path) -> None:
    """The sources, and what they need from the network besides Python's packages."""
    for name in sources():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, place / name)
    shutil.copytree(ROOT / SYSROOT, place / SYSROOT, symlinks=True)


def copy_packages(place: Path, who: Builder) -> None:
    """An environment there, made by its own interpreter, with the packages of the one here."""
    there = place / VENV
    subprocess.run([who.python, "-m", "venv", "--without-pip", there], check=True, **who.user)
    (packages,) = (ROOT / VENV).glob("lib/python*/site-packages")
    (into,) = there.glob("lib/python*/site-packages")
    shutil.copytree(packages, into, symlinks=True, dirs_exist_ok=True)
    for name in ("stamp", "release"):
        (there / name).touch()


def build(place: Path, who: Builder, jobs: str) -> None:
    """`make dist` there; its output ends this program when it fails."""
    _give(place.parent, who)
    copy_packages(place, who)
    _give(place.parent, who)
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(place.parent),
        "LANG": "C",
        "TZ": "Asia/Kathmandu",
        "SOURCE_DATE_EPOCH": str(epoch()),
    }
    done = subprocess.run(
        ["make", f"-j{jobs}", "dist", f"PYTHON={who.python}"],
        cwd=place, env=environment, umask=0o077, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **who.user,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{done.stdout}error: the second build failed")


def _give(top: Path, who: Builder) -> None:
    """All that is there to the user who builds."""
    if who.user:
        for path in (top, *top.rglob("*")):
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)


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


def _times(place: Path) -> set[float]:
    """The times of the files in a release: its commit's."""
    times = set()
    for path in place.glob("*.tar.xz"):
        with tarfile.open(path) as archive:
            times |= {member.mtime for member in archive}
    return times


def main(jobs: str) -> int:
    """Status 1 when a byte differs."""
    with tempfile.TemporaryDirectory(prefix="uhyve-release-") as top:
        place = Path(top) / "in-another-folder" / "tree"
        place.mkdir(parents=True)
        who = builder()
        if who.user:
            os.chown(top, NOBODY, NOBODY)
        copy_tree(place)
        build(place, who, jobs)
        first, second = ROOT / "build/dist", place / "build/dist"
        differ = differences(first, second)
        if _times(first) != _times(second):
            print("error: a commit was made between the two builds, and releases have its time")
        for name in differ:
            kept = ROOT / "build" / "dist-second" / name
            kept.parent.mkdir(exist_ok=True)
            shutil.copyfile(place / "build/dist" / name, kept)
            print(f"differs: {name} ({kept} is the second)")
    print(f"built again in another folder by {who.text}")
    print(f"{0 if differ else 1} passed, {1 if differ else 0} failed")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
