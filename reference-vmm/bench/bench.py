#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Measures hypervisors against a bare KVM program, in one run, as ratios.

usage: bench.py [--hypervisor NAME]... [--rounds N] [--any-noise] [--json FILE]

A hypervisor is the name of a shipped adapter or the path of one; by default they are
the reference VMM and uhyve, where that is built. Rounds are interleaved: each runs the
floor (reference-vmm/bench/floor.c), the hypervisors, and the host's own system calls,
one after the other. What is shown are medians. A session in which
the guest's empty loop spreads by more than 10 % between the quartiles is too
noisy and refused with status 3.

For each call the time of the loop around it is subtracted. "floor" is the bare
program that makes the host's own system call right after the exit; "host" is
that system call in a loop of its own, which is faster, because an exit leaves
the processor's translation buffers empty.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from programs import (
    BENCH,
    FLOOR,
    NoFigures,
    Work,
    console,
    cycles,
    machine,
    programs,
    quartiles,
    starts,
)
from uhyve_conformance.adapter import IMAGE, Adapter
from uhyve_conformance.errors import UsageError
from uhyve_conformance.pages.figures import write_figures
from uhyve_conformance.paths import shown

NOISE = 0.10
RAM_KB = 65536

# A call is compared with a bare exit, or with the same on the floor.
WORKS = {
    "SerialWriteByte": "floor",
    "FileLseek": "exit",
    "FileWrite-4KiB": "floor",
    "FileRead-4KiB": "floor",
    "FileWrite-1MiB": "floor",
    "FileRead-1MiB": "floor",
}


def measure_calls(adapters: dict[str, Adapter], rounds: int) -> dict[str, dict[str, list[float]]]:
    """Cycles for one call by program and kind; "host" are the host's own."""
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    work = Work((BENCH / "guest.elf").read_bytes())
    with tempfile.TemporaryDirectory(prefix="uhyve-bench.") as name:
        place = Path(name)
        work.prepare(place)
        commands = {"floor": [str(FLOOR), IMAGE, "floor.out"]}
        commands |= {name: work.command(adapter) for name, adapter in adapters.items()}
        commands["host"] = [str(FLOOR), "--host", "host.out"]
        for _ in range(rounds):
            for program, command in commands.items():
                for kind, values in cycles(console(command, place)).items():
                    found[program][kind] += values
    return found


def check_noise(calls: dict[str, dict[str, list[float]]]) -> float:
    """The spread of the guest's empty loop over all programs."""
    loops = [value for kinds in calls.values() for value in kinds.get("loop", [])]
    low, middle, high = quartiles(loops)
    return (high - low) / middle


def show_calls(calls: dict[str, dict[str, list[float]]], names: Sequence[str]) -> None:
    """The table of calls: microseconds, and ratios to what they are compared with."""
    per_us = statistics.median(calls["host"]["cycles-per-ms"]) / 1000

    def median(program: str, kind: str) -> float:
        return statistics.median(calls[program][kind]) / per_us

    def net(program: str, kind: str) -> float:
        return median(program, kind) - median(program, "loop")

    bare = net("floor", "exit")
    print(f"a bare exit: {bare:.2f} us\n")
    print(f"{'a call, in us':20}{'host':>9}{'floor':>9}" + "".join(
        f"{name:>12}{'ratio':>7}" for name in names) + "   ratio to")  # fmt: skip
    for kind, baseline in WORKS.items():
        floor = net("floor", kind)
        row = f"{kind:20}{median('host', kind):9.2f}{floor:9.2f}"
        for name in names:
            base = bare if baseline == "exit" else floor
            row += f"{net(name, kind):12.2f}{net(name, kind) / base:7.2f}"
        print(row + f"   {baseline}")


def show_start(adapters: dict[str, Adapter], rounds: int) -> dict[str, list[float]]:
    """From start to exit of a guest that ends at once; milliseconds by program."""
    work = Work((BENCH / "guest_exit.elf").read_bytes())
    with tempfile.TemporaryDirectory(prefix="uhyve-bench.") as name:
        place = Path(name)
        work.prepare(place)
        commands = {"floor": [str(FLOOR), IMAGE]}
        commands |= {name: work.command(adapter) for name, adapter in adapters.items()}
        times = starts(commands, place, rounds)
    base = statistics.median(times["floor"])
    print(f"\n{'start to exit':24}{'ms':>9}{'ratio':>9}{'quartiles':>16}")
    for program, values in times.items():
        low, middle, high = quartiles(values)
        print(f"{program:24}{middle:9.2f}{middle / base:9.2f}{low:9.2f}{high:7.2f}")
    return times


def resident_kb(pid: int) -> int:
    """Resident memory of a process without its guest's RAM."""
    total, skip = 0, False
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        words = line.split()
        if words[0] == "Size:":
            skip = int(words[1]) == RAM_KB
        elif words[0] == "Rss:" and not skip:
            total += int(words[1])
    return total


def show_memory(adapters: dict[str, Adapter]) -> dict[str, float]:
    """Resident memory, MiB by program, while a guest waits for input."""
    found = {}
    work = Work((BENCH / "guest_wait.elf").read_bytes(), memory=RAM_KB >> 10)
    print(f"\n{'resident, without RAM':24}{'MiB':>9}")
    with tempfile.TemporaryDirectory(prefix="uhyve-bench.") as place:
        work.prepare(Path(place))
        for name, adapter in adapters.items():
            with subprocess.Popen(
                work.command(adapter), cwd=place,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            ) as process:  # fmt: skip
                assert process.stdout and process.stdin
                process.stdout.readline()
                found[name] = resident_kb(process.pid) / 1024
                print(f"{name:24}{found[name]:9.2f}")
                process.stdin.close()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument(
        "--hypervisor", action="append", help="adapter; may be repeated (reference and uhyve)"
    )
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--any-noise", action="store_true", help="show figures of noisy sessions")
    parser.add_argument("--json", type=Path, default=BENCH / "figures.json")
    options = parser.parse_args()
    try:
        adapters = programs(options.hypervisor or ["reference", "uhyve"])
        print(machine())
        calls = measure_calls(adapters, options.rounds)
        noise = check_noise(calls)
        print(f"{options.rounds} rounds, medians; the empty loop spreads by {noise:.1%}\n")
        if noise > NOISE and not options.any_noise:
            raise NoFigures(f"too noisy (more than {NOISE:.0%}): nothing is measured this way")
        show_calls(calls, list(adapters))
        figures = {
            "machine": machine(),
            "noise": noise,
            "cycles": calls,
            "start ms": show_start(adapters, 20 * options.rounds),
            "resident MiB": show_memory(adapters),
        }
        options.json.write_text(json.dumps(figures, indent=1) + "\n")
        print(f"\npage: {shown(write_figures(options.json.parent) or options.json)}")
    except (NoFigures, UsageError) as problem:
        print(f"bench: {problem}", file=sys.stderr)
        return 4 if isinstance(problem, UsageError) else 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
