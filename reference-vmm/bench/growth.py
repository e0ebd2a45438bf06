#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Tables of cost against size: does a start or a call become dearer as work grows?

usage: growth.py [--hypervisor NAME]... [--only TABLE] [--rounds N] [--json FILE]

Each table varies one thing and keeps the rest. At each size the hypervisors run in turn, so
that a machine that becomes slower does so for all of them. Beside starts and the reads of
several vCPUs runs the floor, the bare KVM program; at starts it has the smallest image
whatever grows. Shown are medians, the ratio to the first size, and the ratio of the first
hypervisor to each other one. Compare ratios; times belong to the machine that is named. A
size that a hypervisor refuses is shown as "refused". Exit status: 0 measured, 3 nothing
could be, 4 wrong usage.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from images import enlarged, relocated
from programs import BENCH, FLOOR, NoFigures, Work, console, cycles, machine, programs, starts
from uhyve_conformance.adapter import Adapter
from uhyve_conformance.errors import UsageError
from uhyve_conformance.pages.figures import in_markdown, write_figures
from uhyve_conformance.paths import shown

EXIT = "guest_exit.elf"
GROW = "guest_grow.elf"
KIB, MIB = 1 << 10, 1 << 20


@dataclass(frozen=True)
class Table:
    """One thing that grows. `work` makes the machine of a size in a directory."""

    name: str
    unit: str
    sizes: Sequence[int]
    work: Callable[[int, Path], Work]
    call: bool = False  # the guest prints cycles; else start to exit is timed
    floor: Callable[[int], list[str]] | None = None  # the bare KVM program's words for a size


def image(name: str) -> bytes:
    """A guest of this folder."""
    return (BENCH / name).read_bytes()


# ---- Start to exit -------------------------------------------------------------------


def many_mappings(count: int, place: Path) -> Work:
    """Directories, each mapped by itself."""
    for i in range(count):
        (place / f"m{i}").mkdir(exist_ok=True)
    return Work(image(EXIT), mappings={f"/m/{i}": f"m{i}" for i in range(count)})


def many_files(count: int, place: Path) -> Work:
    """Files, each mapped by itself."""
    for i in range(count):
        (place / f"f{i}").touch()
    return Work(image(EXIT), mappings={f"/f/{i}": f"f{i}" for i in range(count)})


def memory(mib: int, _: Path) -> Work:
    """RAM; interface 2 cannot have more than 60 GiB."""
    return Work(image(EXIT), memory=mib)


def image_size(mib: int, _: Path) -> Work:
    """An image with a segment that fills it up; RAM has room for it."""
    return Work(enlarged(image(EXIT), mib * MIB), memory=1024)


def relocations(count: int, _: Path) -> Work:
    """An image with further relative relocations."""
    return Work(relocated(image(EXIT), count), memory=256)


def vcpus(count: int, _: Path) -> Work:
    """vCPUs."""
    return Work(image(EXIT), vcpus=count)


def arguments(count: int, _: Path) -> Work:
    """Arguments of the application, and as many variables of its environment."""
    return Work(
        image(EXIT), args=[f"a{i}" for i in range(count)], env={f"V{i}": "x" for i in range(count)}
    )


# ---- Calls ------------------------------------------------------------------------------


def grow(*words: str, **more: object) -> Work:
    """The guest that makes one kind of call."""
    return Work(image(GROW), args=words, **more)  # type: ignore[arg-type]


def open_among_mappings(count: int, place: Path) -> Work:
    """FileOpen and FileClose below the last of so many mappings."""
    work = many_mappings(count, place)
    (place / f"m{count - 1}/f").touch()
    return grow("open", "20", f"/m/{count - 1}/f", mappings={**work.mappings, "/data": "data"})


def open_deep(depth: int, place: Path) -> Work:
    """FileOpen and FileClose of a file so many directories down."""
    deep = place / "data" / "/".join("d" * depth)
    deep.mkdir(parents=True, exist_ok=True)
    (deep / "f").touch()
    return grow("open", "20", "/data/" + "d/" * depth + "f")


def open_among_descriptors(count: int, _: Path) -> Work:
    """FileOpen and FileClose with so many descriptors open."""
    return grow("held", "20", str(count))


def list_directory(entries: int, place: Path) -> Work:
    """All of a directory by Getdents."""
    folder = place / "data" / f"list-{entries}"
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(entries):
        (folder / f"entry-{i:06}").touch()
    return grow("list", "1", f"/data/list-{entries}")


def transfer(name: str) -> Callable[[int, Path], Work]:
    """FileRead or FileWrite of so many bytes."""

    def work(size: int, place: Path) -> Work:
        (place / "data").mkdir(exist_ok=True)
        (place / "data/file").write_bytes(bytes(size))
        return grow(name, "10" if size < MIB else "2", str(size), memory=256)

    return work


def parallel(name: str) -> Callable[[int, Path], Work]:
    """FileRead of 4 KiB by so many vCPUs at once."""

    def work(count: int, place: Path) -> Work:
        (place / "data").mkdir(exist_ok=True)
        (place / "data/file").write_bytes(bytes(MIB * 8))
        return grow(name, "400", "0", vcpus=count)

    return work


def floor_exits(_: int) -> list[str]:
    """The smallest image, whatever grows."""
    return [str(BENCH / EXIT)]


def floor_reads(vcpus: int) -> list[str]:
    """The same reads by so many vCPUs, each with a descriptor."""
    return ["--vcpus", str(vcpus), str(BENCH / GROW), "data/file"]


TABLES = (
    Table("start, mappings", "directories", (1, 10, 100, 500, 1000, 2000), many_mappings, floor=floor_exits),
    Table("start, files mapped singly", "files", (1, 10, 100, 500, 1000), many_files, floor=floor_exits),
    Table("start, memory", "MiB", (64, 512, 4096, 32768, 61440), memory, floor=floor_exits),
    Table("start, image", "MiB", (1, 8, 64, 512), image_size, floor=floor_exits),
    Table("start, relocations", "entries", (100, 1000, 10_000, 100_000, 1_000_000), relocations, floor=floor_exits),
    Table("start, vCPUs", "vCPUs", (1, 2, 4, 8, 16, 32, 64), vcpus, floor=floor_exits),
    Table("start, arguments", "of each", (1, 10, 100, 500), arguments, floor=floor_exits),
    Table("FileOpen, mappings", "directories", (1, 10, 100, 1000), open_among_mappings, call=True),
    Table("FileOpen, depth", "directories", (0, 1, 4, 16, 64), open_deep, call=True),
    Table("FileOpen, descriptors", "open", (0, 64, 400), open_among_descriptors, call=True),
    Table("Getdents, all of", "entries", (10, 100, 1000, 10_000, 100_000), list_directory, call=True),
    Table("FileRead", "bytes", (1, 4 * KIB, 64 * KIB, MIB, 16 * MIB, 64 * MIB), transfer("read"), call=True),
    Table("FileWrite", "bytes", (1, 4 * KIB, 64 * KIB, MIB, 16 * MIB, 64 * MIB), transfer("write"), call=True),
    Table("FileRead by all vCPUs, own descriptors", "vCPUs", (1, 2, 4), parallel("apart"), call=True,
          floor=floor_reads),
    Table("FileRead by all vCPUs, one descriptor", "vCPUs", (1, 2, 4), parallel("together"), call=True),
)  # fmt: skip


@dataclass
class Point:
    """One size: what it costs each hypervisor, or None where it was refused."""

    size: int
    cost: dict[str, float | None] = field(default_factory=dict)


def measure(table: Table, size: int, adapters: dict[str, Adapter], rounds: int) -> Point:
    """Medians: milliseconds from start to exit, or cycles for a call."""
    point = Point(size)
    with tempfile.TemporaryDirectory(prefix="uhyve-growth.") as name:
        place = Path(name)
        work = table.work(size, place)
        work.prepare(place)
        commands = {name: work.command(adapter) for name, adapter in adapters.items()}
        for name, command in list(commands.items()):
            try:
                console(command, place)
            except NoFigures:
                point.cost[name] = None
                del commands[name]
        if commands and table.floor:
            commands[FLOOR.name] = [str(FLOOR), *table.floor(size)]
        if commands and table.call:
            costs = {name: [] for name in commands}
            for _ in range(rounds):
                for name, command in commands.items():
                    costs[name] += [
                        c for cs in cycles(console(command, place)).values() for c in cs
                    ]
        elif commands:
            costs = starts(commands, place, rounds * 4)
        for name in commands:
            point.cost[name] = statistics.median(costs[name])
    return point


def show(table: Table, points: Sequence[Point], names: Sequence[str]) -> None:
    """One table as text."""
    unit = "cycles" if table.call else "ms"
    print(f"\n{table.name}, {unit}")
    head = f"{table.unit:>12}" + "".join(f"{n:>14}{'x first':>9}" for n in names)
    print(head + "".join(f"{names[0] + ' / ' + n:>22}" for n in names[1:]))
    for point in points:
        row = f"{point.size:12}"
        for name in names:
            cost, first = point.cost.get(name), points[0].cost.get(name)
            row += f"{cost:14.2f}" if cost else f"{'refused':>14}"
            row += f"{cost / first:9.2f}" if cost and first else f"{'':9}"
        for name in names[1:]:
            mine, other = point.cost[names[0]], point.cost.get(name)
            row += f"{mine / other:22.2f}" if mine and other else f"{'':22}"
        print(row)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument(
        "--hypervisor", action="append", help="adapter; may be repeated (reference and uhyve)"
    )
    parser.add_argument("--only", action="append", help="only tables whose name contains this")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, default=BENCH / "growth.json")
    options = parser.parse_args()
    wanted = [t for t in TABLES if not options.only or any(o in t.name for o in options.only)]
    if not wanted or options.rounds < 1:
        names = ", ".join(f"'{t.name}'" for t in TABLES)
        print(f"growth: no such table, or no rounds; tables are {names}", file=sys.stderr)
        return 4
    try:
        adapters = programs(options.hypervisor or ["reference", "uhyve"])
        print(machine())
        found = []
        for table in wanted:
            points = [measure(table, size, adapters, options.rounds) for size in table.sizes]
            show(table, points, [*adapters, *([FLOOR.name] if table.floor else [])])
            found.append(
                {"table": table.name, "unit": table.unit, "cost": "cycles" if table.call else "ms",
                 "points": [asdict(p) for p in points]}
            )  # fmt: skip
        options.json.write_text(
            json.dumps({"machine": machine(), "tables": found}, indent=1) + "\n"
        )
        options.json.with_suffix(".md").write_text(in_markdown(found, list(adapters)))
        print(f"\npage: {shown(write_figures(options.json.parent) or options.json)}")
    except (NoFigures, UsageError) as problem:
        print(f"growth: {problem}", file=sys.stderr)
        return 4 if isinstance(problem, UsageError) else 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
