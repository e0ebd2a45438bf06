# SPDX-License-Identifier: MIT OR Apache-2.0
"""The requirements that the explorer names, and why random sequences do not reach the others."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path

from ..spec import Specification

_ID = re.compile(r"UHY-[A-Z]+[0-9]?-\d{3}")

# By the begin of an id; the longest one counts. Guests check what stands here.
OUT_OF_REACH = {
    "UHY-BOOT": "happens before the first call",
    "UHY-VER": "happens before the first call",
    "UHY-V1": "the script guest speaks interface 2 and 3",
    "UHY-CALL-00": "about the instruction; the script makes calls in one way only",
    "UHY-CALL-01": "about the instruction; the script makes calls in one way only",
    "UHY-CALL-02": "registers are not looked at",
    "UHY-CALL-03": "the vCPUs of a script share no memory",
    "UHY-CALL-04": "the script reads from SerialReadByte only",
    "UHY-CALL-06": "about other instructions",
    "UHY-BLOCK-036": "the script lies within 2 MiB",
    "UHY-BLOCK-047": "the vCPUs of a script share no memory",
    "UHY-PTR-004": "the script would overwrite itself",
    "UHY-PTR-006": "the script lies within 2 MiB",
    "UHY-EXIT-01": "a script ends on vCPU 0 when the others are done",
    "UHY-EXIT": "about other ends than Exit, or about what follows it",
    "UHY-SW": "about large or refused output",
    "UHY-SR": "no input is given",
    "UHY-PATH": "no host file lies at a private name",
    "UHY-PATH-10": "the host changes nothing meanwhile, and has files and directories only",
    "UHY-OPEN": "needs many descriptors, or an unprivileged user",
    "UHY-CLOSE-014": "no input is given",
    "UHY-READ": "no input is given",
    "UHY-WRITE": "needs a host that is full or read-only",
    "UHY-CONC": "no input is given",
    "UHY-ROB": "needs many calls of one kind, or memory that vCPUs share",
    "UHY-DENTS": "a recommendation that the model does not follow",
    "UHY-DENTS-03": "the root shows the names of a whole batch",
    "UHY-STAT": "a recommendation that the model does not follow",
}


@cache
def named() -> frozenset[str]:
    """Every requirement that stands in the model, or in the rules for several vCPUs."""
    here = Path(__file__).parent
    sources = [*here.glob("model/*.py"), here / "groups.py"]
    return frozenset(i for path in sources for i in _ID.findall(path.read_text(encoding="utf-8")))


def unknown(spec: Specification) -> list[str]:
    """Requirements that the explorer names and the chapters lack."""
    return sorted(named() - set(spec.requirements))


def reason(requirement: str) -> str:
    """Why a requirement is not named; "" without a reason."""
    begins = [begin for begin in OUT_OF_REACH if requirement.startswith(begin)]
    return OUT_OF_REACH[max(begins, key=len)] if begins else ""


def not_named(spec: Specification) -> Iterator[tuple[str, str]]:
    """(requirement, why) of what no sequence can show."""
    for requirement in spec.of("hypervisor"):
        if requirement.id not in named():
            yield requirement.id, reason(requirement.id)


def coverage(spec: Specification, reached: Collection[str]) -> str:
    """For a reader: what was seen, what was not, and why."""
    mine = named()
    missed = sorted(mine - set(reached))
    lines = [
        f"{len(mine) - len(missed)} of {len(mine)} requirements of the model were seen; not by these sequences:"
    ]
    lines += [f"  {i}  {spec.requirements[i].sentence}" for i in missed] or ["  (none)"]
    reasons: dict[str, list[str]] = {}
    for requirement, why in not_named(spec):
        reasons.setdefault(why or "no reason is given", []).append(requirement)
    lines.append("not in the model:")
    lines += [f"  {why}: {', '.join(ids)}" for why, ids in reasons.items()]
    return "\n".join(lines)


def sentences(ids: tuple[str, ...], spec: Specification | None) -> list[str]:
    """The sentences of ids, as far as the chapters have them."""
    if spec is None:
        return list(ids)
    return [f"{i}: {spec.requirements[i].sentence}" for i in ids if i in spec.requirements]
