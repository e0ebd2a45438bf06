#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Branches of the VMM's sources that were taken, and a reason for each that was not.

usage: coverage.py OBJECTS LIST [--show] [--least PERCENT]

Reads what gcov counted beside the OBJECTS. Reachable is what a guest or an image can
bring about: the files of REACHABLE. LIST has a line for each function there with branches
that were not taken: file, function, how many, kind, reason. The kinds host and never say
that neither guest nor image can bring it about: those branches do not count as reachable.
Status 1 if less than --least (95) percent of the reachable branches were taken, if a
function has more untaken branches than its lines say, and if it has fewer, unless they
are left to chance. --show prints the branches, 3 means that nothing was counted.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

KINDS = ("host", "never", "chance", "open")
SOURCES = Path("reference-vmm/src")
# Options, sandbox, signals and the creation of the machine depend on user and host alone.
REACHABLE = [
    "boot.c",
    "bootargs.c",
    "call_dir.c",
    "call_fields.c",
    "call_file.c",
    "call_serial.c",
    "call_v1.c",
    "console.c",
    "descriptors.c",
    "devicetree.c",
    "fault.c",
    "files.c",
    "gmem.c",
    "hypercall.c",
    "image.c",
    "image_file.c",
    "image_notes.c",
    "image_relocate.c",
    "image_symbol.c",
    "lookup.c",
    "names.c",
    "page_tables.c",
    "path.c",
    "run.c",
    "special.c",
    "stop.c",
    "x86_64/exits.c",
    "x86_64/memory.c",
]


@dataclass(frozen=True)
class Branch:
    """One way out of a line: gcov numbers them."""

    file: str
    function: str
    line: int
    number: int


@dataclass(frozen=True)
class Reason:
    """A line of LIST."""

    count: int
    kind: str
    text: str
    where: str


def counted(objects: Path) -> dict[Branch, bool]:
    """Each branch of the sources, and whether it was taken."""
    taken: dict[Branch, bool] = defaultdict(bool)
    notes = sorted(objects.rglob("*.gcno"))
    if not any(note.with_suffix(".gcda").exists() for note in notes):
        print(f"coverage: nothing was counted in {objects}", file=sys.stderr)
        sys.exit(3)
    for note in notes:
        command = ["gcov", "--json-format", "--branch-probabilities", "--stdout", str(note)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            print(f"coverage: {' '.join(command)}: {done.stderr}", file=sys.stderr)
            sys.exit(3)
        for file in json.loads(done.stdout)["files"]:
            path = Path(file["file"])
            if not path.is_relative_to(SOURCES) or path.suffix != ".c":
                continue
            for line in file["lines"]:
                for number, branch in enumerate(line["branches"]):
                    key = Branch(
                        str(path.relative_to(SOURCES)),
                        line.get("function_name", ""),
                        line["line_number"],
                        number,
                    )
                    taken[key] |= branch["count"] > 0
    return taken


def reasons(path: Path) -> dict[tuple[str, str], list[Reason]]:
    found: dict[tuple[str, str], list[Reason]] = defaultdict(list)
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        words = line.split(maxsplit=4)
        where = f"{path}:{number}"
        if len(words) < 5 or not words[2].isdigit() or words[3] not in KINDS:
            print(f"{where}: wanted: FILE FUNCTION NUMBER KIND REASON", file=sys.stderr)
            sys.exit(3)
        found[words[0], words[1]].append(Reason(int(words[2]), words[3], words[4], where))
    return found


def compare(
    untaken: dict[tuple[str, str], list[Branch]], listed: dict[tuple[str, str], list[Reason]]
) -> list[str]:
    """What is wrong with the list."""
    wrong = []
    for key in sorted(untaken.keys() | listed.keys()):
        branches, lines = untaken.get(key, []), listed.get(key, [])
        given = sum(reason.count for reason in lines)
        sure = sum(reason.count for reason in lines if reason.kind != "chance")
        where = ", ".join(str(line) for line in sorted({branch.line for branch in branches}))
        name = f"{SOURCES}/{key[0]}: {key[1]}: {len(branches)} branches not taken"
        if len(branches) > given:
            wrong.append(f"{name} (lines {where}), with a reason for {given}")
        elif len(branches) < sure:
            wrong.append(f"{name}; {lines[0].where} lists {sure}")
    return wrong


def excused(
    untaken: dict[tuple[str, str], list[Branch]], listed: dict[tuple[str, str], list[Reason]]
) -> int:
    """How many untaken branches neither guest nor image can take."""
    return sum(
        min(
            len(untaken.get(key, [])),
            sum(reason.count for reason in lines if reason.kind in ("host", "never")),
        )
        for key, lines in listed.items()
    )


def main() -> int:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("objects", type=Path)
    parser.add_argument("list", type=Path)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--least", type=float, default=95.0)
    options = parser.parse_args()
    taken = counted(options.objects)
    reached = {branch: was for branch, was in taken.items() if branch.file in REACHABLE}
    missing = sorted(set(REACHABLE) - {branch.file for branch in reached} - {"call_fields.c"})
    if missing:
        print(f"coverage: no branches of {', '.join(missing)}", file=sys.stderr)
        return 3
    untaken: dict[tuple[str, str], list[Branch]] = defaultdict(list)
    for branch, was in reached.items():
        if not was:
            untaken[branch.file, branch.function].append(branch)
    if options.show:
        for key, branches in sorted(untaken.items()):
            lines = " ".join(str(line) for line in sorted(branch.line for branch in branches))
            print(f"{key[0]} {key[1]} {len(branches)} lines {lines}")
    listed = reasons(options.list)
    wrong = compare(untaken, listed)
    print(*wrong, sep="\n", end="\n" if wrong else "")
    reachable = len(reached) - excused(untaken, listed)
    share = 100 * sum(reached.values()) / reachable
    whole = 100 * sum(taken.values()) / len(taken)
    print(
        f"branches that a guest or an image can reach: {sum(reached.values())} of {reachable} "
        f"taken, {share:.1f} %; of all of src/: {sum(taken.values())} of {len(taken)}, {whole:.1f} %"
    )
    if share < options.least:
        print(f"coverage: less than {options.least:g} %")
        wrong.append("")
    print(f"{len(reached) - len(wrong)} passed, {len(wrong)} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
