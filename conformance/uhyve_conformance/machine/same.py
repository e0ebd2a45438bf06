# SPDX-License-Identifier: MIT OR Apache-2.0
"""Whether two results say the same of a hypervisor, on whatever machines it ran.

Unlike the comparison of two versions, which asks what broke, every difference counts
here: between KVM and QEMU there must be none, between architectures only requirements
that are marked for one of them may differ.
"""

import json
from pathlib import Path
from typing import Any

from ..errors import UsageError


def read_results(path: Path) -> dict[str, Any]:
    """The results of a whole run, by their file or its directory."""
    file = path / "results.json" if path.is_dir() else path
    try:
        results = json.loads(file.read_text(encoding="utf-8"))
        whole = not results["selected"] and results["requirements"]
    except OSError as problem:
        raise UsageError(f"{file}: {problem.strerror}; `make conformance` writes it") from None
    except (ValueError, KeyError, TypeError):
        raise UsageError(f"{file} does not hold results of this suite") from None
    if not whole:
        raise UsageError(f"{file} holds only a part of the suite")
    return results


def differences(left: dict[str, Any], right: dict[str, Any]) -> list[str]:
    """One line for each requirement with another verdict, and for what else differs."""
    found = []
    if left["specification"] != right["specification"]:
        found.append("the specification: the results are from different versions of it")
    same_arch = left["arch"] == right["arch"]
    verdicts = [{row["id"]: row for row in results["requirements"]} for results in (left, right)]
    for id_ in sorted(verdicts[0].keys() | verdicts[1].keys()):
        one, other = (side.get(id_, {}) for side in verdicts)
        if not same_arch and (one.get("arch") or other.get("arch")):
            continue
        if one.get("verdict") != other.get("verdict"):
            found.append(
                f"{id_}: {one.get('verdict', 'absent')} and {other.get('verdict', 'absent')}"
                + "".join(f"\n    {row['reason']}" for row in (one, other) if row.get("reason"))
            )
    return found


def about(results: dict[str, Any]) -> str:
    """A hypervisor and its machine, in a phrase."""
    machine = results["machine"]
    passed = results["summary"]["PASS"]
    where = f"{results['arch']}, {machine['executor']}, {machine['kernel']}, {machine['cpu']}"
    return f"{results['hypervisor']['name']} ({where}): {passed} requirements passed"
