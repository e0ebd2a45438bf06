#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Adds a made-up call, FileSync, to a copy of the project: python3 new_call.py SCRATCH JOBS

A call is six files written by hand (CONTRIBUTING.md). mk/new-call holds three of them whole
and, in edits.toml, what the other three gain. Everything else has to find the call by itself:
dispatch, trace, the matrices of the suite, verdicts, the mutant gate, the explorer and the
specification's page. Exit status: 0 all did, 1 some did not, 3 the copy cannot be built.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

from release.archive import sources

ROOT = Path(__file__).resolve().parents[1]
NEW = Path(__file__).resolve().parent / "new-call"
EDITS = NEW / "edits.toml"
MOST_FILES = 6
# Only the new guest and those whose matrices walk all calls.
GUESTS = ("err/err-descriptor.c", "block/block-outside.c", "ver/ver-probe-3.c")
GUEST_FOLDERS = ("lib", "sdk", "script", "bad", "sync")


class ChangeError(Exception):
    """The call is not seen, or the copy does not build."""


def copied(scratch: Path) -> None:
    """The files that git would commit, but only a few guests."""
    shutil.rmtree(scratch, ignore_errors=True)
    for name in sources():
        source, path = ROOT / name, Path(name)
        guest = path.parts[0] == "guests" and len(path.parts) > 2
        kept = not guest or path.parts[1] in GUEST_FOLDERS or "/".join(path.parts[1:]) in GUESTS
        if kept:
            (scratch / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, scratch / path)


def changed(scratch: Path) -> set[Path]:
    """Adds the call; the files that this took."""
    touched = set()
    for source in filter(Path.is_file, NEW.rglob("*")):
        path = source.relative_to(NEW)
        if source == EDITS:
            continue
        (scratch / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, scratch / path)
        touched.add(path)
    for edit in tomllib.loads(EDITS.read_text(encoding="utf-8"))["edit"]:
        path = scratch / edit["file"]
        before, anchor, after = path.read_text(encoding="utf-8").partition(edit["before"])
        if not anchor:
            raise ChangeError(f"{edit['file']} has no '{edit['before']}'")
        path.write_text(before + edit["text"] + anchor + after, encoding="utf-8")
        touched.add(Path(edit["file"]))
    return touched


class Copy:
    """The changed copy, and its commands."""

    def __init__(self, scratch: Path, jobs: str) -> None:
        self.place, self.jobs = scratch, jobs

    def run(self, *command: str | Path, status: int | None = 0) -> str:
        """A command there: its output, both streams."""
        kept = {
            k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")
        }
        done = subprocess.run(
            command, cwd=self.place, env=kept | {"PYTHONPATH": "conformance"}, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        if status is not None and done.returncode != status:
            words = " ".join(map(str, command))
            raise ChangeError(f"status {done.returncode}: {words}\n{done.stdout[-3000:]}")
        return done.stdout

    def conformance(self, *words: str, status: int | None = 0) -> str:
        python = ROOT / "build/venv/bin/python"
        return self.run(python, "-m", "uhyve_conformance", *words, status=status)

    def build(self) -> None:
        self.run("make", f"-j{self.jobs}", "vmm", "mutants-build", "guests-x86_64",
                 "build/explore/x86_64/script.elf")  # fmt: skip
        self.conformance("lock")


def has(text: str, *words: str) -> None:
    for word in words:
        if word not in text:
            raise ChangeError(f"no '{word}' in:\n{text[-2000:]}")


def verdicts(copy: Copy) -> None:
    """The requirement passes, and so do the cells of the call in the matrices."""
    copy.conformance("run", "--hypervisor", "reference", "--output", "build/judged")
    results = json.loads((copy.place / "build/judged/results.json").read_text())
    checks = {
        check["guest"]: check["verdict"]
        for row in results["requirements"]
        for check in row["checks"]
    }
    for run in ("sync-basic", "err-descriptor[FileSync-closed]", "block-outside[FileSync-zero]"):
        if checks.get(run) != "PASS":
            raise ChangeError(f"{run} is {checks.get(run, 'not there')}")


def dispatch_and_trace(copy: Copy) -> None:
    """The call's name and its fields, decoded."""
    text = copy.run("build/uhyve-ref", "--trace", "build/guests/x86_64/sync-basic.elf", status=None)
    has(text, "FileSync(fd=")


def mutant(copy: Copy) -> None:
    has(copy.conformance("mutants", "--only", "sync-eio"), "1 KILLED")


def explorer(copy: Copy) -> None:
    """Random steps of the call fit its row, and do not where its handler forgets EBADF."""
    words = ("explore", "--only", "FileSync", "--no-corpus", "--sequences", "24",
             "--output", "build/explored")  # fmt: skip
    has(copy.conformance(*words), " 0 differences")
    wrong = copy.place / "build/wrong"
    wrong.write_text(
        f'#!/bin/sh\nexec {copy.place}/build/uhyve-ref-mutants --mutant sync-bad-is-0 "$@"\n'
    )
    wrong.chmod(0o755)
    has(
        copy.conformance(*words, "--findings", "1", "--program", str(wrong), status=1),
        "FileSync(fd=",
    )


def page(copy: Copy) -> None:
    copy.conformance("spec")
    has(
        (copy.place / "build/spec/index.html").read_text(encoding="utf-8"),
        "FileSync",
        "UHY-SYNC-001",
        "0x11a0",
    )


CHECKS: tuple[Callable[[Copy], None], ...] = (verdicts, dispatch_and_trace, mutant, explorer, page)


def main(scratch: str, jobs: str) -> int:
    copy, failed = Copy(Path(scratch).resolve(), jobs), 0
    try:
        copied(copy.place)
        touched = changed(copy.place)
        copy.build()
    except (ChangeError, OSError) as problem:
        print(f"failed: {problem}")
        print("0 passed, 1 failed")
        return 3
    if len(touched) > MOST_FILES:
        failed += 1
        print(f"failed: a call took {len(touched)} files: {', '.join(map(str, sorted(touched)))}")
    for check in CHECKS:
        name = check.__name__.replace("_", " ")
        try:
            check(copy)
        except (ChangeError, OSError, KeyError) as problem:
            failed += 1
            print(f"failed: {name}: {problem}")
        else:
            print(f"seen: {name}")
    print(f"{len(touched)} files written by hand")
    print(f"{1 + len(CHECKS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
