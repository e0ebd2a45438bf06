#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Counts what a call costs, exactly: host system calls, and instructions of the VMM.

usage: counts.py check | record

Times on a shared machine are noise; counts are not, so that a call which became
dearer is seen at once. System calls are counted on the real VMM with strace, between
two marks that the guest (guest_counts.c) prints around each call; entering the guest
(KVM_RUN) is not counted. Instructions are those of the VMM's own functions, counted by
callgrind on a machine without a processor (instructions.c); the C library's are left
out, for they depend on the processor.

`check` compares with the record (counts.json) and fails when a call makes other system
calls than recorded, or takes more than 2 % more instructions; it names the functions
that grew. Instructions depend on the compiler: with another than the recorded one they
are skipped, which is said. It also sees that the two slowdowns of planted.c are found.
Exit status: 0 as recorded, 1 dearer, 3 nothing could be counted.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

BUILD = Path("build/bench").absolute()
PLANTED = BUILD / "planted"
VMM = Path("build/uhyve-ref").absolute()
GUEST = BUILD / "guest_counts.elf"
RECORD = Path("reference-vmm/bench/counts.json")
GROWTH = 0.02
ROUNDS = 10  # calls of a case in instructions.c
TIMEOUT = 120  # seconds for a program that takes about one
STDIN = b"0123456789abcdef" * 8  # more than the guest reads

# The system call that enters the guest, as strace prints it.
_ENTRY = re.compile(r"\bioctl\(\d+, KVM_RUN")
_CALL = re.compile(r"^(?:\d+ +)?(\w+)\(")
# Bytes in front of it are of a hypervisor that keeps them back until the line ends.
_MARK = re.compile(r'"[^"]*([<>])(\w+)\\n"')


class NoCount(Exception):
    """Something could not be counted, and why."""


@dataclass
class Instructions:
    """The instructions of one case, for one call: in total, and by function."""

    total: int = 0
    functions: dict[str, int] = field(default_factory=dict)


def run(command: list[str], directory: Path) -> None:
    """Runs a program that has to succeed."""
    try:
        done = subprocess.run(
            command, cwd=directory, input=STDIN, capture_output=True, timeout=TIMEOUT, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise NoCount(f"{command[0]}: {problem}") from None
    if done.returncode:
        text = (done.stderr or done.stdout).decode(errors="replace")
        raise NoCount(f"{' '.join(command)}: status {done.returncode}: {text[-400:]}")


# ---- System calls ------------------------------------------------------------------


def places() -> dict[str, str]:
    """Directories by what FileOpen has to look for there (src/special.h), as many as exist."""
    found: dict[str, str] = {}
    for place in (tempfile.gettempdir(), "/dev/shm", "/run", str(BUILD)):
        if not os.access(place, os.W_OK):
            continue
        told = subprocess.run(
            ["stat", "-f", "-c", "%T", place], capture_output=True, text=True, check=True
        ).stdout.strip()
        if os.statvfs(place).f_flag & os.ST_NODEV:
            found.setdefault("nodev", place)
        else:
            found.setdefault("memory" if told in {"tmpfs", "ramfs"} else "disk", place)
    return found


def system_calls(program: Path) -> dict[str, list[str]]:
    """The host's system calls for each call of the interface, in their order.

    FileOpen is counted for each kind of place, "FileOpen (disk)" and so on.
    """
    calls: dict[str, list[str]] = {}
    for kind, place in places().items():
        found = system_calls_in(place, program)
        calls[f"FileOpen ({kind})"] = found.pop("FileOpen", [])
        calls |= found
    return calls


def system_calls_in(parent: str, program: Path) -> dict[str, list[str]]:
    with tempfile.TemporaryDirectory(prefix="uhyve-counts.", dir=parent) as name:
        place = Path(name)
        (place / "data").mkdir()
        (place / "data/in").write_bytes(b"0123456789abcdef")
        strace = ["strace", "-f", "-qq", "-s", "64", "-o", str(place / "trace")]
        run([*strace, str(program), "--file-mapping", "data:/data", str(GUEST)], place)
        return between_marks((place / "trace").read_text(errors="replace"))


def between_marks(trace: str) -> dict[str, list[str]]:
    """The system calls of each call's last round, which has to equal the one before."""
    rounds: dict[str, list[list[str]]] = defaultdict(list)
    seen: list[str] | None = None
    for line in trace.splitlines():
        mark = _MARK.search(line)
        if mark and mark[1] == "<":
            seen = []
        elif mark and seen is not None:
            rounds[mark[2]].append(seen)
            seen = None
        elif seen is not None and not _ENTRY.search(line) and (call := _CALL.match(line)):
            seen.append(call[1])
    if not rounds:
        raise NoCount("the trace shows no mark of the guest")
    for name, calls in rounds.items():
        if len(calls) < 2 or calls[-1] != calls[-2]:
            raise NoCount(f"{name}: the rounds differ: {calls}")
    return {name: calls[-1] for name, calls in rounds.items()}


# ---- Instructions ---------------------------------------------------------------------


def instructions(program: Path) -> dict[str, Instructions]:
    """The instructions of the program's own functions in each case, for one call."""
    with tempfile.TemporaryDirectory(prefix="uhyve-counts.") as name:
        place = Path(name)
        valgrind = ["valgrind", "-q", "--tool=callgrind", "--collect-atstart=no"]
        run([*valgrind, "--callgrind-out-file=out", str(program)], place)
        dumps = sorted(place.glob("out.*"), key=lambda path: int(path.suffix[1:]))
        cases = dict(read_dump(path.read_text(), str(program)) for path in dumps)
    if not cases:
        raise NoCount(f"{program}: callgrind wrote no dump")
    return cases


def read_dump(text: str, program: str) -> tuple[str, Instructions]:
    """One dump of callgrind: the case's name and its costs.

    Lines "ob=(2) FILE" and "fn=(7) NAME" begin the costs of a function; later both names
    may be left out. The line after "calls=" is what a function called cost, not itself.
    """
    case = ""
    names: dict[str, str] = {}
    cost: Counter[str] = Counter()
    objects: dict[str, str] = {}
    where = function = ""
    skip = False
    for line in text.splitlines():
        if match := re.match(r"(c?ob|c?fn)=(\(\d+\))(?: (.*))?", line):
            table = objects if match[1].endswith("ob") else names
            if match[3]:
                table[match[2]] = match[3]
            if match[1] == "ob":
                where = table[match[2]]
            elif match[1] == "fn":
                function = table[match[2]]
        elif line.startswith("desc: Trigger: Client Request: "):
            case = line.rpartition(": ")[2]
        elif line.startswith("calls="):
            skip = True
        elif re.match(r"[+\-*\d]", line):
            if not skip and where == program and function not in {"count", "fake_call"}:
                cost[function] += int(line.split()[1])
            skip = False
    if not case:
        raise NoCount("a dump of callgrind has no name")
    # "case'2" and the like are the same function, called from itself.
    functions = {name: count // ROUNDS for name, count in sorted(cost.items()) if count >= ROUNDS}
    return case, Instructions(sum(cost.values()) // ROUNDS, functions)


def compiler() -> str:
    """The first line of `gcc --version`: other releases make other instructions."""
    answer = subprocess.run(["gcc", "--version"], capture_output=True, text=True, check=True)
    return answer.stdout.splitlines()[0]


# ---- Record and comparison -----------------------------------------------------------------


@dataclass
class Findings:
    """Counts that rose above the record, a line each, and the number of comparisons."""

    lines: list[str] = field(default_factory=list)
    compared: int = 0


def compare_system_calls(record: dict[str, list[str]], now: dict[str, list[str]]) -> Findings:
    """Any difference counts, also one for the better: then the record is out of date."""
    found = Findings()
    elsewhere = {f"FileOpen ({kind})" for kind in ("nodev", "memory", "disk")} - now.keys()
    for name in sorted((record.keys() | now.keys()) - elsewhere):
        found.compared += 1
        before, after = record.get(name), now.get(name)
        if before != after:
            found.lines.append(
                f"{name}: host system calls {_words(after)}; recorded: {_words(before)}"
            )
    return found


def _words(calls: list[str] | None) -> str:
    return "not counted" if calls is None else f"{len(calls)} ({', '.join(calls) or 'none'})"


def compare_instructions(
    record: dict[str, dict[str, object]], now: dict[str, Instructions]
) -> Findings:
    """Growth above the limit, with the functions that grew most."""
    found = Findings()
    for name in sorted(record.keys() | now.keys()):
        found.compared += 1
        if name not in record or name not in now:
            where = "the record" if name not in record else "this run"
            found.lines.append(f"{name}: missing in {where}")
            continue
        before = Instructions(**record[name])  # type: ignore[arg-type]
        growth = now[name].total / before.total - 1
        if growth > GROWTH:
            found.lines.append(
                f"{name}: {now[name].total} instructions, recorded {before.total} "
                f"(+{growth:.0%}); {_grown(before.functions, now[name].functions)}"
            )
    return found


def _grown(before: dict[str, int], after: dict[str, int]) -> str:
    """The functions that grew most, "find 90 -> 4200"."""
    growth = {name: count - before.get(name, 0) for name, count in after.items()}
    worst = sorted(growth, key=lambda name: -growth[name])[:3]
    return ", ".join(f"{n} {before.get(n, 0)} -> {after[n]}" for n in worst if growth[n] > 0)


def show(calls: dict[str, list[str]], cases: dict[str, Instructions]) -> None:
    """Both tables."""
    print(f"{'host system calls for each call':40}  besides KVM_RUN")
    for name, words in calls.items():
        print(f"  {name:38}{len(words):4}  {', '.join(words)}")
    print(f"\n{'instructions of the VMM for each call':40}  most in")
    for name, case in cases.items():
        most = sorted(case.functions, key=lambda n: -case.functions[n])[:3]
        share = ", ".join(f"{n} {case.functions[n]}" for n in most)
        print(f"  {name:38}{case.total:8}  {share}")


def record() -> int:
    """Replaces the record."""
    calls, cases = system_calls(VMM), instructions(BUILD / "instructions")
    show(calls, cases)
    # Kinds of places that this machine does not have stay as they were.
    before = json.loads(RECORD.read_text())["system calls"]
    elsewhere = {n: c for n, c in before.items() if n.startswith("FileOpen (")}
    text = {
        "compiler": compiler(),
        "system calls": elsewhere | calls,
        "instructions": {n: {"total": c.total, "functions": c.functions} for n, c in cases.items()},
    }
    RECORD.write_text(json.dumps(text, indent=1) + "\n")
    return 0


def check() -> int:
    """Compares with the record, and sees that planted slowdowns are found."""
    recorded = json.loads(RECORD.read_text())
    calls, cases = system_calls(VMM), instructions(BUILD / "instructions")
    show(calls, cases)
    found = [compare_system_calls(recorded["system calls"], calls)]
    same_compiler = recorded["compiler"] == compiler()
    if same_compiler:
        found.append(compare_instructions(recorded["instructions"], cases))
    failed = [line for findings in found for line in findings.lines]
    failed += unnoticed(calls, cases)
    for line in failed:
        print(f"counts: {line}", file=sys.stderr)
    skipped = 0 if same_compiler else len(cases)
    if skipped:
        print(f"counts: instructions were recorded with {recorded['compiler']}: not compared")
    if failed:
        print("counts: `make counts-record` records them, if this is intended", file=sys.stderr)
    passed = sum(findings.compared for findings in found) - len(failed)
    print(f"\n{passed} passed, {len(failed)} failed, {skipped} skipped")
    return 1 if failed else 0


def unnoticed(calls: dict[str, list[str]], cases: dict[str, Instructions]) -> list[str]:
    """The planted slowdowns that a comparison with the unharmed VMM does not name."""
    slow = compare_system_calls(calls, system_calls(PLANTED / "uhyve-ref")).lines
    unharmed = {n: {"total": c.total, "functions": c.functions} for n, c in cases.items()}
    slow += compare_instructions(unharmed, instructions(PLANTED / "instructions")).lines
    wanted = {
        "a system call in FileRead": r"^FileRead: .*getppid",
        "a search in FileOpen": r"^FileOpen among 1,000 mappings: .*__wrap_files_open",
    }
    return [
        f"the planted slowdown is not noticed: {what}"
        for what, pattern in wanted.items()
        if not any(re.search(pattern, line) for line in slow)
    ]


def main() -> int:
    verbs = {"check": check, "record": record}
    if len(sys.argv) != 2 or sys.argv[1] not in verbs:
        print("usage: counts.py check | record", file=sys.stderr)
        return 4
    try:
        return verbs[sys.argv[1]]()
    except NoCount as problem:
        print(f"counts: {problem}", file=sys.stderr)
        return 3


if __name__ == "__main__":
    sys.exit(main())
