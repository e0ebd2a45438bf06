# SPDX-License-Identifier: MIT OR Apache-2.0
"""The releases of a hypervisor side by side: which requirement was broken from when to when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import SuiteError
from ..verdicts import RED
from .gate import UNTESTED

SCHEMA = "uhyve-conformance-history/1"

Tree = Mapping[str, Any]
# What has to be the same for verdicts to be about the hypervisor alone. The harness is not among
# them: whoever reads a bundle judges its outcomes again.
_COMMON = ("arch",)
_DIGESTS = ("specification", "guests")


def history(bundles: Sequence[tuple[str, Tree, Tree]]) -> dict[str, Any]:
    """The table, from name, head and results of each release, the oldest first. SuiteError when
    they were not judged by the same suite."""
    name, first, _ = bundles[0]
    for other, head, _ in bundles[1:]:
        for what, one, two in (
            ("hypervisor", _named(first), _named(head)),
            *((key, first[key], head[key]) for key in _COMMON),
            *((key, first["digests"][key], head["digests"][key]) for key in _DIGESTS),
        ):
            if one != two:
                raise SuiteError(
                    f"{other} was judged with another {what} than {name}: run it again"
                )
    trees = [results for _, _, results in bundles]
    versions = [tree["hypervisor"]["version"] for tree in trees]
    if twice := sorted({v for v in versions if versions.count(v) > 1}):
        raise SuiteError(f"{twice[0]} is there twice")
    return {
        "schema": SCHEMA,
        "hypervisor": _named(first),
        "arch": first["arch"],
        "releases": [_release(tree) for tree in trees],
        "requirements": _rows(trees),
    }


def _named(head: Tree) -> str:
    """The hypervisor without its release."""
    return str(head["name"]).removesuffix(f"-{head['release']}" if head["release"] else "")


def _release(tree: Tree) -> dict[str, Any]:
    ours = [r for r in tree["requirements"] if r["binds"] == "hypervisor"]
    return {
        "version": tree["hypervisor"]["version"],
        "sha256": tree["hypervisor"]["sha256"],
        "conforms": tree["conforms"],
        "met": sum(r["verdict"] == "PASS" for r in ours),
        "unmet": sum(r["fails"] for r in ours),
        "advice": sum(r["verdict"] in RED and not r["fails"] for r in ours),
        "untested": sum(r["verdict"] in UNTESTED for r in ours),
        "causes": len(tree["causes"]),
        "problems": tree["problems"],
    }


def _rows(trees: Sequence[Tree]) -> list[dict[str, Any]]:
    versions = [tree["hypervisor"]["version"] for tree in trees]
    by_release = [{r["id"]: r for r in tree["requirements"]} for tree in trees]
    causes = [_causes(tree) for tree in trees]
    rows = []
    for id_, row in by_release[-1].items():
        if row["binds"] != "hypervisor":
            continue
        seen = [rows_of[id_] for rows_of in by_release]
        titles = [
            causes_of.get(id_, r["reason"]) for causes_of, r in zip(causes, seen, strict=True)
        ]
        rows.append(
            {
                "id": id_,
                "level": row["level"],
                "since": row["since"],
                "sentence": row["sentence"],
                "verdicts": [r["verdict"] for r in seen],
                "fails": [r["fails"] for r in seen],
                "broken": _episodes(versions, seen, titles),
            }
        )
    return rows


def _causes(tree: Tree) -> dict[str, str]:
    """The title of the cause of each requirement that is not met."""
    return {
        id_: cause["title"]
        for cause in tree["causes"]
        for id_ in (*cause["consequences"], *cause["requirements"])
    }


def _episodes(
    versions: Sequence[str], seen: Sequence[Tree], titles: Sequence[str]
) -> list[dict[str, Any]]:
    """Each time that it was broken: `from` this release (`new`: it was offered in none before),
    `until` the one that mends it or no longer offers it, and the causes."""
    found: list[dict[str, Any]] = []
    offered = now = False
    for version, row, title in zip(versions, seen, titles, strict=True):
        red = row["verdict"] in RED
        if red and not now:
            found.append(
                {"from": version, "new": not offered, "until": None, "mended": False, "causes": []}
            )
        if red and title.partition("\n")[0] not in found[-1]["causes"]:
            found[-1]["causes"].append(title.partition("\n")[0])
        if now and not red:
            found[-1] |= {"until": version, "mended": row["verdict"] not in UNTESTED}
        offered, now = offered or row["verdict"] not in UNTESTED, red
    return found


def headline(tree: Tree) -> str:
    """The one sentence."""
    rows = [row for row in tree["requirements"] if row["broken"]]
    still = [row for row in rows if row["broken"][-1]["until"] is None]
    mended = [row for row in rows if any(e["mended"] for e in row["broken"])]
    first, last = tree["releases"][0]["version"], tree["releases"][-1]["version"]
    who = "" if first.startswith(tree["hypervisor"]) else f"{tree['hypervisor']}, "
    return (
        f"{who}{first} to {last}: {len(tree['requirements'])} requirements and recommendations; "
        f"not met in some release: {len(rows)}, mended: {len(mended)}, "
        f"not met in the last one: {len(still)}"
    )
