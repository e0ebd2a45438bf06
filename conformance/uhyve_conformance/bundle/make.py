# SPDX-License-Identifier: MIT OR Apache-2.0
"""A session's bundle: everything that its verdicts come from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .. import paths
from ..adapter import IMAGE
from ..json_text import json_text
from ..plan import Plan
from ..verdicts import RED
from .archive import SUFFIX, digest, write_bundle

# The contents of a bundle besides the outcomes.
RESULTS, ADAPTER, GUESTS = "results.json", "adapter.toml", "guests.json"
# Kept of a run that is not PASS: its image, and the script that repeats it.
EVIDENCE = (IMAGE, "repeat.sh")


def bundle_path(plan: Plan) -> Path:
    """The path of this session's bundle."""
    name = f"{plan.adapter.name}-{plan.arch}"
    if plan.shard:
        name += f".{plan.shard.replace('/', '-of-')}"
    return plan.directory / f"{name}{SUFFIX}"


def pack(plan: Plan, results: Mapping[str, Any]) -> Path | None:
    """Writes the bundle of a whole run, or of a shard of one; a selection has none."""
    if results["selected"] and not plan.shard:
        return None
    path = bundle_path(plan)
    outcomes = {
        f"outcomes/{file.name}": file.read_bytes() for file in sorted(plan.outcomes.glob("*.json"))
    }
    write_members(path, plan, results, outcomes | _evidence(plan, results))
    return path


def write_members(
    path: Path, plan: Plan, results: Mapping[str, Any], rest: Mapping[str, bytes]
) -> None:
    """The bundle with these outcomes and this evidence, and with the guests where their files
    are not here."""
    members = dict(rest) | chapters(plan.spec_directory or paths.SPEC)
    members[RESULTS] = _json(results)
    members[ADAPTER] = plan.adapter.path.read_bytes()
    if GUESTS not in members:
        members[GUESTS] = _json({guest.name: _guest(guest) for guest in plan.guests})
    write_bundle(path, head(plan, results, members), members)


def head(plan: Plan, results: Mapping[str, Any], members: Mapping[str, bytes]) -> dict[str, Any]:
    """The contents of bundle.json besides the digests of the members."""
    return {
        "name": plan.adapter.name,
        "arch": plan.arch,
        "suite": paths.version(),
        "shard": plan.shard,
        "wanted": sorted(plan.only),
        "repeat": plan.repeat,
        "timeout_scale": plan.timeout_scale,
        "guest_faults": plan.guest_faults,
        "release": plan.adapter.release if plan.adapter.further else "",
        "digests": {
            "specification": plan.spec.digest,
            "guests": digest(members[GUESTS]),
            "harness": harness_digest(),
            "adapter": digest(members[ADAPTER]),
            "hypervisor": results["hypervisor"]["sha256"],
        },
    }


def chapters(directory: Path) -> dict[str, bytes]:
    """The specification's text."""
    names = sorted([*directory.glob("*.md"), *directory.glob("*.toml"), *directory.glob("*.lock")])
    return {f"spec/{path.name}": path.read_bytes() for path in names}


def harness_digest() -> str:
    """The digest of the code that judged."""
    package = Path(__file__).resolve().parents[1]
    total = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        total.update(f"{path.relative_to(package)} {digest(path.read_bytes())}\n".encode())
    return total.hexdigest()


def _guest(guest: Any) -> dict[str, Any]:
    return {
        "sha256": digest(guest.path.read_bytes()),
        "arch": guest.arch,
        "patch_offset": guest.patch_offset,
        "interface": guest.interface,
        "manifest": guest.text,
        "tests": guest.tests,
    }


def _evidence(plan: Plan, results: Mapping[str, Any]) -> dict[str, bytes]:
    slugs = {run.name: run.slug for guest in plan.guests for run in guest.runs}
    red = [slugs[r["name"]] for r in results["guests"] if r["ran"] and r["verdict"] in RED]
    files = [(slug, name) for slug in red for name in EVIDENCE]
    return {
        f"evidence/{slug}/{name}": (plan.runs_directory / slug / name).read_bytes()
        for slug, name in files
        if (plan.runs_directory / slug / name).is_file()
    }


def _json(tree: Any) -> bytes:
    return json_text(tree).encode(errors="surrogatepass")
