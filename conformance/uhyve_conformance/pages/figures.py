# SPDX-License-Identifier: MIT OR Apache-2.0
"""The page of `make bench` and `make growth`: ratios with quartiles, and a curve for each table.

It reads what the two leave, figures.json and growth.json; one of them is enough.
"""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import SuiteError
from ..paths import shown
from .environment import write_page

FLOOR = "floor"  # the bare KVM program
WIDTH, HEIGHT = 560, 240
LEFT, RIGHT, TOP, BOTTOM = 62, 12, 12, 30  # room around a plot
WIDE = 20  # from this ratio of the dearest to the cheapest on, the cost axis is logarithmic


@dataclass(frozen=True)
class Curve:
    """One hypervisor in one table: its points in the drawing, and the names of its style."""

    name: str
    style: int
    points: tuple[tuple[float, float], ...]

    @property
    def path(self) -> str:
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in self.points)


@dataclass(frozen=True)
class Plot:
    """A table of growth as numbers and as a drawing."""

    title: str
    unit: str  # of the size
    cost: str  # ms or cycles
    names: tuple[str, ...]
    rows: tuple[tuple[int, tuple[float | None, ...], tuple[float | None, ...]], ...]
    curves: tuple[Curve, ...]
    across: tuple[tuple[float, str], ...]  # labels of the axes
    up: tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class Ratio:
    """What a hypervisor takes, in terms of the floor."""

    what: str
    name: str
    low: float
    middle: float
    high: float


def write_figures(directory: Path, home: str | None = None, to: Path | None = None) -> Path | None:
    """Writes index.html in the directory of the figures, or `to`; None where there are none."""
    bench, growth = (_read(directory / name) for name in ("figures.json", "growth.json"))
    if not bench and not growth:
        return None
    page = to or directory / "index.html"
    try:
        write_page(
            page, "figures.html.j2", home=home, bench=bench,
            ratios=list(_ratios(bench)) if bench else [],
            growth=growth, plots=[plot(table) for table in growth["tables"]] if growth else [],
            size=(WIDTH, HEIGHT), frame=(LEFT, TOP, WIDTH - RIGHT, HEIGHT - BOTTOM),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, statistics.StatisticsError) as problem:
        raise SuiteError(f"{shown(directory)}: not figures of this version: {problem!r}") from None
    return page


def _read(path: Path) -> dict[str, Any] | None:
    if not path.exists():
        return None
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as problem:
        raise SuiteError(f"{shown(path)}: {problem}") from None


def _ratios(bench: Mapping[str, Any]) -> Iterable[Ratio]:
    """Each call and the start to exit against the medians of the floor."""
    for what, of in _works(bench):
        if FLOOR not in of:
            continue
        base = statistics.median(of[FLOOR])
        for name, values in of.items():
            low, middle, high = statistics.quantiles(values, n=4)
            yield Ratio(what, name, low / base, middle / base, high / base)


def _works(bench: Mapping[str, Any]) -> Iterable[tuple[str, dict[str, list[float]]]]:
    """What was measured: by program, the values without the guest's empty loop."""
    cycles: dict[str, dict[str, list[float]]] = bench["cycles"]
    loops = {
        name: statistics.median(kinds["loop"]) for name, kinds in cycles.items() if "loop" in kinds
    }
    kinds = [kind for kind in cycles[FLOOR] if kind != "loop"]
    for kind in kinds:
        yield kind, {
            name: [value - loops[name] for value in cycles[name][kind]]
            for name in loops
            if kind in cycles[name]
        }  # fmt: skip
    yield "start to exit", dict(bench["start ms"])


# ---- Growth ------------------------------------------------------------------------------------


def plot(table: Mapping[str, Any]) -> Plot:
    """Sizes stand at equal distances; costs begin at 0 unless they differ widely."""
    points = table["points"]
    names = tuple(dict.fromkeys(name for point in points for name in point["cost"]))
    costs = [c for point in points for c in point["cost"].values() if c]
    scale = _Scale(costs)
    step = (WIDTH - LEFT - RIGHT) / max(len(points) - 1, 1)
    curves = tuple(
        Curve(
            name, style,
            tuple(
                (LEFT + index * step, scale(point["cost"][name]))
                for index, point in enumerate(points)
                if point["cost"].get(name)
            ),
        )
        for style, name in enumerate(names)
    )  # fmt: skip
    rows = []
    for point in points:
        cost = tuple(point["cost"].get(name) for name in names)
        first = tuple(points[0]["cost"].get(name) for name in names)
        grown = tuple(c / f if c and f else None for c, f in zip(cost, first, strict=True))
        rows.append((point["size"], cost, grown))
    across = tuple((LEFT + i * step, _short(p["size"])) for i, p in enumerate(points))
    return Plot(
        table["table"], table["unit"], table.get("cost", "cost"), names, tuple(rows), curves,
        across, scale.labels(),
    )  # fmt: skip


def in_markdown(tables: Sequence[Mapping[str, Any]], names: Sequence[str]) -> str:
    """Growth as ratios alone, for a README: a row for each table. The first of `names` is
    shown against its own first size, and against each other one."""

    def ratios(over: Sequence[float | None], under: Sequence[float | None]) -> str:
        pairs = zip(over, under, strict=True)
        return ", ".join(f"{a / b:.2f}" if a and b else "refused" for a, b in pairs)

    mine, *others = names
    head = ["what grows", "sizes", f"{mine}: each over the first", *(f"over {o}" for o in others)]
    rows = [head, ["---"] * len(head)]
    for table in tables:
        costs = {n: [point["cost"].get(n) for point in table["points"]] for n in names}
        sizes = ", ".join(f"{point['size']:,}" for point in table["points"])
        first = [costs[mine][0]] * len(costs[mine])
        compared = [ratios(costs[mine], costs[other]) for other in others]
        rows.append(
            [f"{table['table']} ({table['unit']})", sizes, ratios(costs[mine], first), *compared]
        )
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


class _Scale:
    """From a cost to its height in the drawing."""

    def __init__(self, costs: Sequence[float]) -> None:
        top, bottom = max(costs, default=1.0), min(costs, default=1.0)
        self.logarithmic = top / bottom > WIDE
        if self.logarithmic:
            self.low, self.high = math.floor(math.log10(bottom)), math.ceil(math.log10(top))
        else:
            self.low, self.high = 0, top * 1.05

    def __call__(self, cost: float) -> float:
        value = math.log10(cost) if self.logarithmic else cost
        share = (value - self.low) / ((self.high - self.low) or 1)
        return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)

    def labels(self) -> tuple[tuple[float, str], ...]:
        if self.logarithmic:
            values = [10.0**power for power in range(int(self.low), int(self.high) + 1)]
        else:
            step = 10.0 ** math.floor(math.log10(self.high))
            step = step / 5 if self.high / step < 2 else step / 2 if self.high / step < 5 else step
            values = [step * i for i in range(1, int(self.high / step) + 1)]
        return tuple((self(value), _short(value)) for value in values)


def _short(value: float) -> str:
    for size, letter in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"
