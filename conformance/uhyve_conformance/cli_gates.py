# SPDX-License-Identifier: MIT OR Apache-2.0
"""The commands that prove the suite itself: `mutants`, `freedoms`, `mutate` and `defects`."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from . import defects, freedoms, mutants, paths, session
from .errors import Exit, UsageError
from .executor import Executor
from .local import LocalExecutor
from .options import count, guest_options, guests_of, several
from .parts import Report, beside, digest_of, join, part, write_report
from .paths import shown
from .results import read_results
from .spec import read_spec
from .text import did_you_mean


def add_parsers(command: Callable[..., argparse.ArgumentParser]) -> None:
    """Adds them."""
    sub = command("defects", _defects, "check that each known defect of a hypervisor is reported")
    sub.add_argument("known", type=Path, help="the defects (TOML)")
    sub.add_argument("results", type=Path, help="results.json")
    sub = command("mutants", _mutants, "break one requirement at a time; every check has to notice")
    guest_options(sub)
    sub.add_argument("--program", type=Path, help="the binary with the mutants")
    sub.add_argument("--output", type=Path, help="directory of the report")
    sub.add_argument(
        "--machine",
        choices=("auto", "kvm", "qemu", "here"),
        default="auto",
        help="here: this machine, for a program that needs no KVM",
    )
    sub.add_argument("--matrix", action="store_true", help="run all guests on all mutants")
    several(sub, "--only", metavar="NAME", help="only this mutant or requirement")
    _shard_options(sub, "mutants")
    sub.add_argument("--jobs", type=count, default=os.cpu_count() or 1)
    sub = command(
        "freedoms", _freedoms, "take each freedom of the specification; no check may complain"
    )
    guest_options(sub)
    sub.add_argument(
        "--program",
        type=Path,
        default=paths.BUILD / "uhyve-ref-freedoms",
        help="the binary with the freedoms",
    )
    sub.add_argument("--output", type=Path, default=paths.OUTPUT / "conformance" / "freedoms")
    several(sub, "--only", metavar="NAME", help="only this freedom, with all guests")
    sub.add_argument("--seed", help="half of the freedoms, drawn with this seed, with all guests")
    sub.add_argument("--jobs", type=count, default=os.cpu_count() or 1)
    sub = command("mutate", _mutate, "change the VMM's sources at random; does the suite notice?")
    sub.add_argument("--seed", type=int, default=1, help="the same seed makes the same changes")
    sub.add_argument("--count", type=count, default=20, help="number of them (20)")
    _shard_options(sub, "changes")
    sub.add_argument("--output", type=Path, help="directory of the report")
    sub.add_argument("--jobs", type=count, default=os.cpu_count() or 1)


def _shard_options(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("--shard", metavar="K/N", help=f"the K-th of N parts of the {what}")
    parser.add_argument(
        "--merge",
        nargs="+",
        type=Path,
        metavar="DIRECTORY",
        help="try nothing; join the reports of all parts, each once",
    )


def _defects(options: argparse.Namespace) -> int:
    known = defects.read_defects(options.known)
    lines, faults = defects.table(known, read_results(options.results))
    print("\n".join(lines))
    for fault in faults:
        print(f"error: {fault}", file=sys.stderr)
    return Exit.FAILURES if faults else Exit.OK


def _mutants(options: argparse.Namespace) -> int:
    directory = _gate_directory(options, paths.OUTPUT / "conformance" / "mutants")
    if options.merge:
        report = join([place / mutants.REPORT for place in options.merge], "mutant")
        gate = mutants.gate_of(report)
        for verdict in gate.verdicts:
            _say_mutant(verdict)
        return _show_mutants(gate, report, directory)
    spec, guests = read_spec(options.spec), guests_of(options)
    program = options.program or session.mutants_program(options.arch)
    if options.machine == "here":
        machine: Executor = LocalExecutor(directory)
    else:
        machine = session.make_machine(options.machine, options.arch, directory)
    known = mutants.list_mutants(program, machine)
    # Requirements of another architecture are broken and checked there.
    rules = spec.requirements
    known = [m for m in known if m.id not in rules or rules[m.id].arch in (None, options.arch)]
    excuses = mutants.read_excuses(spec) if options.spec == paths.SPEC else {}
    faults = mutants.coverage_faults(spec, guests, known, excuses)
    planned = [m for m in known if not options.only or {m.name, m.id} & set(options.only)]
    if not planned:
        raise UsageError(
            f"no mutant {' or '.join(options.only)}; --list-mutants of the binary has all"
            + did_you_mean(options.only[0], [word for m in known for word in (m.name, m.id)])
        )
    chosen = part(options.shard, planned, "mutants") if options.shard else planned
    laboratory = mutants.Laboratory(guests, program, directory, machine)
    if options.only and not options.matrix:
        laboratory.narrow({m.id for m in chosen})
    gate = mutants.run_gate(laboratory, chosen, options.jobs, options.matrix, _say_mutant)
    if not options.only:
        gate.faults += faults
    common = {
        "arch": options.arch,
        "matrix": options.matrix,
        "specification": spec.digest,
        "guests": digest_of(guest.path for guest in guests),
        "program": digest_of([program]),
    }
    report = mutants.report_of(gate, options.shard, common, planned)
    return _show_mutants(gate, report, directory)


def _show_mutants(gate: mutants.Gate, report: Report, directory: Path) -> int:
    for fault in gate.faults:
        print(f"ERROR      {fault}")
    path = mutants.write_gate(gate, report, directory)
    counts = Counter(v.fate for v in gate.verdicts)
    killed, others = counts[mutants.Fate.KILLED], len(gate.verdicts) - counts[mutants.Fate.KILLED]
    which = f", shard {report.shard}" if report.shard else ""
    print(f"mutants{which}: " + ", ".join(f"{counts[fate]} {fate}" for fate in mutants.Fate))
    print(f"report: {shown(path)}")
    print(f"{killed} passed, {others + len(gate.faults)} failed")
    return Exit.OK if gate.green else Exit.FAILURES


def _say_mutant(verdict: mutants.MutantResult) -> None:
    if verdict.fate is not mutants.Fate.KILLED:
        mutant = verdict.mutant
        print(
            f"{verdict.fate:<10} {mutant.name} ({mutant.id}: {mutant.what}) {verdict.by}",
            flush=True,
        )


def _mutate(options: argparse.Namespace) -> int:
    from .mutate import gate  # tree-sitter and what it needs

    def say(name: str, row: Mapping[str, Any]) -> None:
        if row["fate"] in (gate.Fate.SURVIVED, gate.Fate.WEAK, gate.Fate.BROKEN):
            print(f"{row['fate']}: {name}  {row['by']}\n    {row['text']}", flush=True)

    directory = _gate_directory(options, paths.OUTPUT / "mutate")
    if options.merge:
        report = join([place / gate.REPORT for place in options.merge], "change")
        write_report(directory / gate.REPORT, report)
        for name, row in report.rows.items():
            say(name, row)
    else:
        report = gate.run(options.seed, options.count, options.shard, options.jobs, directory, say)
    for fault in report.faults:
        print(f"ERROR {fault}")
    counts = Counter(str(row["fate"]) for row in report.rows.values())
    which = f", shard {report.shard}" if report.shard else ""
    seed = report.common["seed"]
    print(f"seed {seed}{which}: " + ", ".join(f"{counts[fate]} {fate}" for fate in gate.Fate))
    print(f"report: {shown(directory / gate.REPORT)}")
    red = counts[gate.Fate.SURVIVED] + counts[gate.Fate.BROKEN]
    return Exit.FAILURES if red or report.faults else Exit.OK


def _gate_directory(options: argparse.Namespace, usual: Path) -> Path:
    """The directory of a gate's report: each part has one of its own."""
    if options.merge and (options.shard or options.output in options.merge):
        raise UsageError("--merge takes no --shard, and no part's directory as --output")
    return options.output or beside(usual, options.shard)


def _freedoms(options: argparse.Namespace) -> int:
    faults = freedoms.gate(
        read_spec(options.spec),
        guests_of(options),
        options.program,
        options.output,
        options.arch,
        options.jobs,
        options.only,
        options.seed,
    )
    return Exit.FAILURES if faults else Exit.OK
