#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Measures the reference VMM against a bare KVM program, in one run, as ratios.

usage: bench.py [--rounds N] [--any-noise]

Rounds are interleaved: each runs the floor (reference-vmm/bench/floor.c), the
reference VMM, uhyve where build/uhyve/bin/uhyve exists, and the host's own
system calls, one after the other. What is shown are medians. A session in which
the guest's empty loop spreads by more than 10 % between the quartiles is too
noisy and refused with status 3.

For each call the time of the loop around it is subtracted. "floor" is the bare
program that makes the host's own system call right after the exit; "host" is
that system call in a loop of its own, which is faster, because an exit leaves
the processor's translation buffers empty.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

BENCH = Path("build/bench")
FLOOR, INTERLEAVE = BENCH / "floor", BENCH / "interleave"
REFERENCE, UHYVE = Path("build/uhyve-ref"), Path("build/uhyve/bin/uhyve")
NOISE = 0.10
RAM_KB = 65536

# What a call is compared with: an exit with nothing behind it, or the same on the floor.
WORKS = {
    "SerialWriteByte": "floor",
    "FileLseek": "exit",
    "FileWrite-4KiB": "floor",
    "FileRead-4KiB": "floor",
    "FileWrite-1MiB": "floor",
    "FileRead-1MiB": "floor",
}


class NoFigures(Exception):
    """There is nothing to show, and why."""


def machine() -> str:
    """The processor, kernel and kind of KVM that the figures belong to."""
    cpu = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            cpu = line.split(":", 1)[1].strip()
            break
    kvm = [m for m in ("kvm_intel", "kvm_amd", "kvm_pvm") if Path("/sys/module", m).exists()]
    load = os.getloadavg()[0]
    return (
        f"{cpu}, {os.cpu_count()} CPUs, Linux {platform.release()}, "
        f"{' '.join(kvm) or 'kvm'}, load {load:.1f}"
    )


def parse(text: str) -> dict[str, list[float]]:
    """Cycles for one call, by kind of call, from lines "NAME CALLS CYCLES"."""
    cycles = defaultdict(list)
    for line in text.splitlines():
        words = line.split()
        if len(words) == 3 and words[1].isdigit() and words[2].isdigit():
            cycles[words[0]].append(int(words[2]) / int(words[1]))
    return cycles


def output(command: list[str], console: Path | None = None) -> str:
    """Runs a command; its standard output, or what it left in the console file."""
    done = subprocess.run(command, capture_output=True, timeout=120, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise NoFigures(f"{command[0]}: status {done.returncode}: {done.stderr.decode()[:200]}")
    text = console.read_bytes() if console else done.stdout
    # SerialWriteByte leaves bytes of its own between the lines.
    return text.replace(b"\0", b"").decode(errors="replace")


def vmm(program: Path, work: Path, image: str) -> list[str]:
    """The command line of a VMM, with its console in work/console."""
    return [
        str(program), "--output", str(work / "console"),
        "--file-mapping", f"{work}:/data", str(BENCH / image),
    ]  # fmt: skip


def measure_calls(programs: dict[str, Path], rounds: int) -> dict[str, dict[str, list[float]]]:
    """Cycles for one call by program and kind; "host" are the host's own."""
    all_cycles: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    with tempfile.TemporaryDirectory(prefix="uhyve-bench.") as name:
        work = Path(name)
        console = work / "console"
        for _ in range(rounds):
            texts = {"floor": output([str(FLOOR), str(BENCH / "guest.elf"), str(work / "floor")])}
            for program, path in programs.items():
                console.unlink(missing_ok=True)
                texts[program] = output(vmm(path, work, "guest.elf"), console)
            texts["host"] = output([str(FLOOR), "--host", str(work / "host")])
            for program, text in texts.items():
                for kind, values in parse(text).items():
                    all_cycles[program][kind] += values
    return all_cycles


def check_noise(cycles: dict[str, dict[str, list[float]]]) -> float:
    """The spread of the guest's empty loop over all programs."""
    loops = [value for kinds in cycles.values() for value in kinds.get("loop", [])]
    low, middle, high = statistics.quantiles(loops, n=4)
    return (high - low) / middle


def show_calls(cycles: dict[str, dict[str, list[float]]], programs: dict[str, Path]) -> None:
    """The table of calls: microseconds, and ratios to what they are compared with."""
    per_us = statistics.median(cycles["host"]["cycles-per-ms"]) / 1000

    def median(program: str, kind: str) -> float:
        return statistics.median(cycles[program][kind]) / per_us

    def net(program: str, kind: str) -> float:
        return median(program, kind) - median(program, "loop")

    bare = net("floor", "exit")
    print(f"an exit with nothing behind it: {bare:.2f} us\n")
    print(f"{'a call, in us':20}{'host':>9}{'floor':>9}" + "".join(
        f"{name:>12}{'ratio':>7}" for name in programs) + "   ratio to")  # fmt: skip
    for kind, baseline in WORKS.items():
        floor = net("floor", kind)
        row = f"{kind:20}{median('host', kind):9.2f}{floor:9.2f}"
        for name in programs:
            base = bare if baseline == "exit" else floor
            row += f"{net(name, kind):12.2f}{net(name, kind) / base:7.2f}"
        print(row + f"   {baseline}")


def show_start(programs: dict[str, Path], rounds: int) -> None:
    """From start to exit of a guest that ends at once."""
    image = str(BENCH / "guest_exit.elf")
    commands = {"floor": [str(FLOOR), image]}
    commands |= {program: [str(path), image] for program, path in programs.items()}
    line = [str(INTERLEAVE), str(rounds)]
    for command in commands.values():
        line += [*command, "--"]
    times = defaultdict(list)
    for text in output(line[:-1]).splitlines():
        number, nanoseconds, status = map(int, text.split())
        if status:
            raise NoFigures(f"{list(commands)[number]} ended with wait status {status}")
        times[list(commands)[number]].append(nanoseconds / 1e6)
    base = statistics.median(times["floor"])
    print(f"\n{'start to exit':24}{'ms':>9}{'ratio':>9}{'quartiles':>16}")
    for program in commands:
        values = times[program]
        low, middle, high = statistics.quantiles(values, n=4)
        print(f"{program:24}{middle:9.2f}{middle / base:9.2f}{low:9.2f}{high:7.2f}")


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


def show_memory(programs: dict[str, Path]) -> None:
    """Resident memory while a guest waits for input."""
    print(f"\n{'resident, without RAM':24}{'MiB':>9}")
    for program, path in programs.items():
        with subprocess.Popen(
            [str(path), str(BENCH / "guest_wait.elf")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        ) as process:  # fmt: skip
            assert process.stdout and process.stdin
            process.stdout.readline()
            print(f"{program:24}{resident_kb(process.pid) / 1024:9.2f}")
            process.stdin.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--any-noise", action="store_true", help="show figures of noisy sessions")
    options = parser.parse_args()
    programs = {"uhyve-ref": REFERENCE}
    if UHYVE.exists():
        programs["uhyve"] = UHYVE
    print(machine())
    try:
        cycles = measure_calls(programs, options.rounds)
        noise = check_noise(cycles)
        print(f"{options.rounds} rounds, medians; the empty loop spreads by {noise:.1%}\n")
        if noise > NOISE and not options.any_noise:
            raise NoFigures(f"too noisy (more than {NOISE:.0%}): nothing is measured this way")
        show_calls(cycles, programs)
        show_start(programs, 20 * options.rounds)
        show_memory(programs)
    except NoFigures as problem:
        print(f"bench: {problem}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
