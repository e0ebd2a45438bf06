#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Counts the host's system calls for each call of the interface, in a machine that QEMU emulates.

usage: emulated.py [--arch ARCH] [--hypervisor NAME]... [--json FILE] [--gate]

Times of an emulated machine say nothing, so nothing is timed there. A hypervisor is the name of a
shipped adapter or the path of one; by default the reference VMM. All run the guest of `make
counts` under tracer.c in one start of the machine; entering the guest (KVM_RUN) is not counted.
--gate fails when one of the calls that need no more than one system call makes others.
Exit status: 0, 1 by the gate, 3 when nothing could be counted, 4 for wrong usage.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from counts import STDIN, NoCount, between_marks
from programs import BENCH, NoFigures, Work
from uhyve_conformance.adapter import IMAGE, Adapter, load_adapter
from uhyve_conformance.architectures import JUDGED
from uhyve_conformance.errors import SuiteError, UsageError
from uhyve_conformance.executor import Job, Node, Outcome
from uhyve_conformance.guarded import scratch
from uhyve_conformance.last_words import death
from uhyve_conformance.session import make_machine

TRACE = "trace"
# As on the other architectures (README.md, Counts).
ONE = {"SerialWriteByte": "write", "FileLseek": "lseek", "FileRead": "read", "FileWrite": "write"}
TIMEOUT = 60.0  # seconds, of a machine that is emulated at a tenth of the speed


def job(arch: str, adapter: Adapter) -> Job:
    """The hypervisor with the guest of counts, traced."""
    work = Work((BENCH / arch / "guest_counts.elf").read_bytes())
    return Job(
        adapter.name,
        (str(BENCH / arch / "tracer"), TRACE, *work.command(adapter)),
        {IMAGE: Node(content=work.image), "data/in": Node(content=b"0123456789abcdef")},
        STDIN,
        timeout=TIMEOUT,
        collect=(TRACE,),
    )


def counted(adapter: Adapter, outcome: Outcome) -> dict[str, list[str]]:
    """The system calls by the name of the call, as far as it came; NoCount."""
    trace = outcome.tree.get(TRACE, Node(content=b"")).content or b""
    if outcome.trouble or outcome.status:
        how = outcome.trouble or f"ended with status {outcome.status}"
        cause = death(outcome.stderr.decode(errors="replace"), adapter.cause or None)
        print(f"{adapter.name} {how}{f': {cause.where}: {cause.message}' if cause else ''}\n")
    try:
        return between_marks(trace.decode(errors="replace"))
    except NoCount as problem:
        raise NoCount(f"{adapter.name}: {problem}") from None


def count_all(arch: str, adapters: Mapping[str, Adapter]) -> dict[str, dict[str, list[str]]]:
    """The counts of each hypervisor, in one start of the machine."""
    bring = [path for adapter in adapters.values() for path in adapter.bundle()]
    traced = [job(arch, adapter) for adapter in adapters.values()]
    # The machine has the programs that jobs start, and what they are loaded with.
    plain = [Job(f"{a.name}-alone", (a.program(), "--version")) for a in adapters.values()]
    with scratch("uhyve-counts-") as place:
        machine = make_machine("qemu", arch, place, bring)
        try:
            outcomes = machine.run([*traced, *plain])
        finally:
            machine.close()
    pairs = zip(adapters.values(), outcomes[: len(traced)], strict=True)
    return {adapter.name: counted(adapter, outcome) for adapter, outcome in pairs}


def show(found: Mapping[str, Mapping[str, list[str]]]) -> None:
    """A row for each call and hypervisor."""
    print("an emulated machine: system calls of the host besides KVM_RUN, no times\n")
    calls = dict.fromkeys(call for counts in found.values() for call in counts)
    for call in calls:
        for name, counts in found.items():
            made = counts.get(call)
            number = "-" if made is None else len(made)
            print(f"{call:20}{name:20}{number:>4}  {', '.join(made or [])}")


def more_than_one(found: Mapping[str, Mapping[str, list[str]]]) -> list[str]:
    """The calls that make other system calls than the one that they need, a line each."""
    return [
        f"{name}: {call} makes {', '.join(counts.get(call, [])) or 'none'}, not {wanted} alone"
        for name, counts in found.items()
        for call, wanted in ONE.items()
        if counts.get(call) != [wanted]
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--arch", choices=JUDGED, default="aarch64")
    parser.add_argument("--hypervisor", action="append", help="adapter; may be repeated")
    parser.add_argument("--json", type=Path, help="default: counts.json beside the guest")
    parser.add_argument("--gate", action="store_true", help="one system call where one is enough")
    options = parser.parse_args()
    try:
        chosen = [load_adapter(word) for word in options.hypervisor or ["reference"]]
        adapters = {a.name: a.for_machine(options.arch, "qemu") for a in chosen}
        found = count_all(options.arch, adapters)
        show(found)
        path = options.json or BENCH / options.arch / "counts.json"
        path.write_text(json.dumps({"arch": options.arch, "system calls": found}, indent=1) + "\n")
    except (NoCount, NoFigures, SuiteError) as problem:
        print(f"bench: {problem}", file=sys.stderr)
        return 4 if isinstance(problem, UsageError) else 3
    dear = more_than_one(found) if options.gate else []
    for line in dear:
        print(f"bench: {line}", file=sys.stderr)
    if options.gate:
        print(f"\n{len(found) * len(ONE) - len(dear)} passed, {len(dear)} failed")
    return 1 if dear else 0


if __name__ == "__main__":
    sys.exit(main())
