# SPDX-License-Identifier: MIT OR Apache-2.0
"""A large run in parts, on several machines: which runs are in which part, and the parts as one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from ..errors import SuiteError
from ..manifest import Guest
from ..parts import in_order, numbers
from ..paths import SECONDS, shown
from ..plan import Plan
from .archive import Bundle
from .make import GUESTS, write_members
from .outcomes import Observed
from .replay import judge_again, observed_of, plan_of, results_of, verified

# Keys that all shards of a run share, besides the specification and the like.
_COMMON = ("name", "arch", "suite", "repeat", "timeout_scale", "guest_faults", "release", "digests")


def shard_of(text: str, guests: Iterable[Guest]) -> frozenset[str]:
    """The names of the runs of shard K/N. The same for everybody: by times that were measured
    once, the longest first, each to the shard that has the least to do."""
    names = sorted(run.name for guest in guests for run in guest.runs)
    number, count = numbers(text, names, "runs")
    times = measured()
    usual = median(times.values()) if times else 1.0
    weights = {name: times.get(name, usual) for name in names}
    loads = [0.0] * count
    parts: list[list[str]] = [[] for _ in loads]
    for name in sorted(names, key=lambda n: (-weights[n], n)):
        least = loads.index(min(loads))
        loads[least] += weights[name]
        parts[least].append(name)
    return frozenset(parts[number - 1])


def measured() -> dict[str, float]:
    """Seconds by run, on a machine with KVM; only their ratios count."""
    try:
        return {name: float(s) for name, s in json.loads(SECONDS.read_text()).items()}
    except (OSError, ValueError, TypeError, AttributeError) as problem:
        raise SuiteError(f"{shown(SECONDS)}: {problem}") from None


def write_measured(results: Mapping[str, Any], path: Path = SECONDS) -> None:
    """From the results of a whole run."""
    table = {run["name"]: round(run["seconds"], 2) for run in results["guests"] if run["ran"]}
    path.write_text(json.dumps(dict(sorted(table.items())), indent=0) + "\n", encoding="utf-8")


def merge(bundles: Sequence[Bundle], directory: Path) -> tuple[dict[str, Any], Path]:
    """The results of all shards as those of one run, and its bundle. SuiteError when a shard is
    missing, there twice, of another run, or is not what its outcomes say."""
    ordered = _in_order(bundles)
    for bundle in ordered:
        verified(bundle)
    first = results_of(ordered[0])
    observed: dict[str, Observed] = {}
    rest: dict[str, bytes] = {}
    for bundle in ordered:
        _same_machine(ordered[0], bundle)
        mine, wanted = observed_of(bundle), set(bundle.head["wanted"])
        # Foundation and probes are made in every shard; what counts is the one that owns them.
        own = {key: saw for key, saw in mine.items() if key.partition("#")[0] in wanted}
        observed |= own
        slugs = _slugs(bundle, own)
        rest |= {
            name: data
            for name, data in bundle.members.items()
            if name.split("/")[0] in ("outcomes", "evidence")
            and Path(name.split("/")[1]).name.removesuffix(".json") in slugs
        }
    rest[GUESTS] = ordered[0].member(GUESTS)
    stated = first | {
        "seconds": round(sum(results_of(b)["seconds"] for b in ordered), 2),
        "times": _added(results_of(b).get("times", {}) for b in ordered),
        "created": max(results_of(b)["created"] for b in ordered),
        "guests": [run for b in ordered for run in results_of(b)["guests"]],
    }
    with plan_of(ordered[0]) as plan:
        plan.only, plan.shard = frozenset(), None
        results = judge_again(plan, observed, stated)
        _agree(plan, ordered)
        directory.mkdir(parents=True, exist_ok=True)
        path = directory / f"{plan.adapter.name}-{plan.arch}.uhyve.tar.xz"
        write_members(path, plan, results, rest)
    return results, path


def _added(times: Iterable[Mapping[str, float]]) -> dict[str, float]:
    total: Counter[str] = Counter()
    for one in times:
        total.update(one)
    return {phase: round(seconds, 2) for phase, seconds in total.items()}


def _in_order(bundles: Sequence[Bundle]) -> list[Bundle]:
    """By their numbers, each once; SuiteError."""
    ordered = in_order((b.head.get("shard"), b.path.name, b) for b in bundles)
    for bundle in ordered[1:]:
        for key in _COMMON:
            if bundle.head.get(key) != ordered[0].head.get(key):
                raise SuiteError(
                    f"{bundle.path.name} is of another run than {ordered[0].path.name}: {key} differs"
                )
    owned = [name for bundle in ordered for name in bundle.head["wanted"]]
    if len(owned) != len(set(owned)):
        raise SuiteError("a run is in two shards: they were not cut by the same harness")
    return ordered


def _same_machine(first: Bundle, bundle: Bundle) -> None:
    """A version of the hypervisor, and how guests are run, is not an accident."""
    one, other = results_of(first), results_of(bundle)
    for what, keys in (("hypervisor", ("version",)), ("machine", ("executor", "architecture"))):
        for key in keys:
            if one[what].get(key) != other[what].get(key):
                raise SuiteError(
                    f"{bundle.path.name}: its {what}'s {key} is {other[what].get(key)}, "
                    f"not {one[what].get(key)}"
                )


def _agree(plan: Plan, bundles: Sequence[Bundle]) -> None:
    """All shards found the same capabilities, and the same foundation."""
    found = {name: c.present for name, c in plan.capabilities.items()}
    for bundle in bundles:
        results = results_of(bundle)
        theirs = {c["name"]: c["present"] for c in results["capabilities"]}
        differ = [name for name in found if theirs.get(name) != found[name]]
        if differ or bool(results["blocked_by"]) != bool(plan.blocked):
            what = differ[0] if differ else "the foundation"
            raise SuiteError(f"{bundle.path.name}: the shards disagree about {what}: it is flaky")


def _slugs(bundle: Bundle, observed: Mapping[str, Observed]) -> set[str]:
    """The file names of these runs' outcomes."""
    return {
        name.removesuffix(".json")
        for name, data in bundle.below("outcomes").items()
        if json.loads(data)["run"] in observed
    }
