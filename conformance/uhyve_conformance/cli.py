# SPDX-License-Identifier: MIT OR Apache-2.0
"""The command line: one function for each command, no work of its own."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from . import compare, coverage, defects, freedoms, mutants, paths, session, show
from .adapter import load_adapter, shipped_adapters
from .architectures import ARCHITECTURES, JUDGED
from .binding.cli import add_parser as add_binding
from .bundle.cli import add_parsers as add_bundle
from .capabilities import CAPABILITIES
from .edition import write_last_version
from .errors import Exit, SuiteError, UsageError
from .executor import Executor
from .explore.cli import add_parser as add_explore
from .guarded import close_guardian, ends_by_sigterm
from .guest_lock import guest_faults, write_guest_lock
from .guests import read_guests
from .interface import HEADERS, read_interface
from .judged.cli import add_parsers as add_judged
from .limits import set_scale
from .local import LocalExecutor
from .lock import write_lock
from .manifest import Guest
from .options import between, count
from .pages.site import write_site
from .pages.specification import write_specification
from .parts import Report, beside, digest_of, join, part, write_report
from .paths import shown
from .results import read_results
from .session import Request, make_plan
from .spec import read_spec
from .spec_tables import header_faults, table_faults
from .text import did_you_mean


def main(arguments: Sequence[str]) -> int:
    """Runs one command; its exit status."""
    options = _parser().parse_args(arguments)
    ends_by_sigterm()
    try:
        return options.command(options)
    except SuiteError as problem:
        print(f"error: {problem}", file=sys.stderr)
        return problem.status
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return Exit.INTERRUPTED
    except BrokenPipeError:
        return Exit.OK
    except OSError as problem:
        print(f"error: {problem}", file=sys.stderr)
        return Exit.SETUP
    finally:
        close_guardian()


def program() -> int:
    """The installed command."""
    return main(sys.argv[1:])


# These prove the project itself, and need its sources.
_OF_THE_PROJECT = (
    "freedoms", "judge-check", "lock", "mutants", "mutate", "shard-times", "site", "spec-check",
)  # fmt: skip


def _needs_sources(options: argparse.Namespace) -> int:
    raise UsageError("this command concerns the project itself: use it in a checkout")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:
        self.exit(Exit.USAGE, f"error: {message}; see {self.prog} --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="uhyve-conformance", description="Judges Uhyve hypervisors.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name: str, function: object, text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        about_project = paths.INSTALLED and name in _OF_THE_PROJECT
        sub.set_defaults(command=_needs_sources if about_project else function)
        return sub

    sub = command("run", _run, "judge a hypervisor")
    sub.add_argument("--hypervisor", default="reference", help="a name, or an adapter's TOML file")
    sub.add_argument("--machine", choices=("auto", "kvm", "qemu"), default="auto")
    _guest_options(sub)
    sub.add_argument("--output", type=Path, help="directory of the results")
    sub.add_argument(
        "--jobs",
        type=count,
        default=os.cpu_count() or 1,
        help="number of processors to keep busy",
    )
    sub.add_argument(
        "--repeat",
        type=count,
        default=1,
        metavar="N",
        help="repeat each run N times; runs that differ are FLAKY",
    )
    sub.add_argument(
        "--timeout-scale",
        type=between(0.01, 1000),
        default=1.0,
        metavar="FACTOR",
        help="multiply all time limits, for a slow machine",
    )
    sub.add_argument("--shard", metavar="K/N", help="run the K-th of N parts; `merge` joins them")
    sub.add_argument(
        "--program", type=Path, help="use another program in the adapter's command line"
    )
    sub.add_argument("--shuffle", metavar="SEED", help="run in another order")
    sub.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="NAME",
        help="a guest, guest[variant] or requirement; several are allowed",
    )
    sub.add_argument("pytest", nargs="*", metavar="-- OPTION", help="options for pytest")

    sub = command(
        "show", _show, "show a requirement or guest: text, checks, last verdicts, command line"
    )
    sub.add_argument("word", metavar="ID", help="an id, a guest, or guest[variant]")
    _guest_options(sub)
    sub = command("list", _list, "list guests, requirements, hypervisors or capabilities")
    sub.add_argument(
        "what",
        nargs="?",
        choices=("guests", "requirements", "hypervisors", "capabilities"),
        default="guests",
    )
    _guest_options(sub, ARCHITECTURES)
    sub = command("compare", _compare, "compare two results.json; status 1 if the second is worse")
    sub.add_argument("old", type=Path)
    sub.add_argument("new", type=Path)
    sub.add_argument(
        "--same",
        action="store_true",
        help="status 1 for any difference; between architectures, ignore what only one of them has",
    )
    sub = command("defects", _defects, "check that each known defect of a hypervisor is reported")
    sub.add_argument("known", type=Path, help="the defects (TOML)")
    sub.add_argument("results", type=Path, help="results.json")
    sub = command("mutants", _mutants, "break one requirement at a time; every check has to notice")
    _guest_options(sub)
    sub.add_argument("--program", type=Path, help="the binary with the mutants")
    sub.add_argument("--output", type=Path, help="directory of the report")
    sub.add_argument(
        "--machine",
        choices=("auto", "kvm", "qemu", "here"),
        default="auto",
        help="here: this machine, for a program that needs no KVM",
    )
    sub.add_argument("--matrix", action="store_true", help="run all guests on all mutants")
    sub.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="NAME",
        help="only this mutant or requirement",
    )
    _shard_options(sub, "mutants")
    sub.add_argument("--jobs", type=count, default=os.cpu_count() or 1)
    sub = command(
        "freedoms", _freedoms, "take each freedom of the specification; no check may complain"
    )
    _guest_options(sub)
    sub.add_argument(
        "--program",
        type=Path,
        default=paths.BUILD / "uhyve-ref-freedoms",
        help="the binary with the freedoms",
    )
    sub.add_argument("--output", type=Path, default=paths.OUTPUT / "conformance" / "freedoms")
    sub.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="NAME",
        help="only this freedom, with all guests",
    )
    sub.add_argument("--seed", help="half of the freedoms, drawn with this seed, with all guests")
    sub.add_argument("--jobs", type=count, default=os.cpu_count() or 1)
    sub = command("mutate", _mutate, "change the VMM's sources at random; does the suite notice?")
    sub.add_argument("--seed", type=int, default=1, help="the same seed makes the same changes")
    sub.add_argument("--count", type=count, default=20, help="number of them (20)")
    _shard_options(sub, "changes")
    sub.add_argument("--output", type=Path, help="directory of the report")
    sub.add_argument("--jobs", type=count, default=os.cpu_count() or 1)
    add_bundle(command)
    add_explore(command)
    add_binding(command)
    add_judged(command)

    sub = command("spec-check", _spec_check, "check that chapters, lock and guests fit together")
    _guest_options(sub)
    sub = command("spec", _spec, "render the specification as HTML")
    sub.add_argument("--spec", type=Path, default=paths.SPEC, help="directory of the chapters")
    sub.add_argument("--output", type=Path, default=paths.OUTPUT / "spec" / "index.html")
    sub.add_argument(
        "--bare", action="store_true", help="ignore results, mutants and freedoms under build/"
    )
    sub = command("site", _site, "build specification, reports, findings and documents as one site")
    sub.add_argument("--output", type=Path, default=paths.OUTPUT / "site", help="directory")
    sub = command("lock", _lock, "rewrite the digests of requirements and guests")
    _guest_options(sub, ARCHITECTURES)
    sub.add_argument(
        "--release",
        action="store_true",
        help="record the released version too, for the changes of the next one",
    )
    return parser


def _run(options: argparse.Namespace) -> int:
    request = Request(
        hypervisor=options.hypervisor,
        arch=options.arch,
        machine=options.machine,
        spec=options.spec,
        guests=options.guests,
        output=options.output,
        only=tuple(options.only),
        shuffle=options.shuffle,
        shard=options.shard,
        program=options.program,
        guest_lock=options.guest_lock,
        repeat=options.repeat,
        timeout_scale=options.timeout_scale,
    )
    from .suite import run_suite  # pytest is slow to import

    set_scale(options.timeout_scale)
    return run_suite(make_plan(request), options.jobs, options.pytest)


def _show(options: argparse.Namespace) -> int:
    print(show.show(options.word, read_spec(options.spec), _guests(options)))
    return Exit.OK


def _list(options: argparse.Namespace) -> int:
    if options.what == "guests":
        rows = [(run.name, run.summary) for guest in _guests(options) for run in guest.runs]
    elif options.what == "requirements":
        rows = [(r.id, r.sentence) for r in read_spec(options.spec).requirements.values()]
    elif options.what == "hypervisors":
        rows = [(name, load_adapter(name).summary) for name in shipped_adapters()]
    else:
        rows = list(CAPABILITIES.items())
    width = max(len(name) for name, _ in rows)
    for name, text in rows:
        print(f"{name:<{width}}  {text}")
    return Exit.OK


def _compare(options: argparse.Namespace) -> int:
    old, new = read_results(options.old), read_results(options.new)
    other_arch = options.same and old["arch"] != new["arch"]
    difference = compare.compare(old, new, ignore_arch=other_arch)
    print(compare.describe(difference))
    worse = difference.worse or (options.same and not difference.same)
    return Exit.FAILURES if worse else Exit.OK


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
    spec, guests = read_spec(options.spec), _guests(options)
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
        _guests(options),
        options.program,
        options.output,
        options.arch,
        options.jobs,
        options.only,
        options.seed,
    )
    return Exit.FAILURES if faults else Exit.OK


def _say_mutant(verdict: mutants.MutantResult) -> None:
    if verdict.fate is not mutants.Fate.KILLED:
        mutant = verdict.mutant
        print(
            f"{verdict.fate:<10} {mutant.name} ({mutant.id}: {mutant.what}) {verdict.by}",
            flush=True,
        )


def _shard_options(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("--shard", metavar="K/N", help=f"the K-th of N parts of the {what}")
    parser.add_argument(
        "--merge",
        nargs="+",
        type=Path,
        metavar="DIRECTORY",
        help="try nothing; join the reports of all parts, each once",
    )


def _guest_options(parser: argparse.ArgumentParser, archs: Iterable[str] = JUDGED) -> None:
    parser.add_argument("--arch", choices=tuple(archs), default="x86_64")
    parser.add_argument("--guests", type=Path, help="directory of the test guests")
    parser.add_argument("--spec", type=Path, default=paths.SPEC, help="directory of the chapters")
    parser.add_argument(
        "--guest-lock", type=Path, default=paths.GUEST_LOCK, help="file with the guests' digests"
    )


def _guests(options: argparse.Namespace) -> list[Guest]:
    directory = options.guests or paths.BUILD / "guests" / options.arch
    return read_guests(directory)


def _spec_check(options: argparse.Namespace) -> int:
    spec, guests = read_spec(options.spec), _guests(options)
    sources = sorted(paths.ROOT.glob("reference-vmm/**/*.c"))
    findings = coverage.check_spec(
        spec, guests, options.arch, options.spec / "requirements.lock", sources
    )
    if options.spec == paths.SPEC:
        described = read_interface()
        faults = table_faults(described, options.spec) + header_faults(described, HEADERS)
        findings += [coverage.Finding(fault) for fault in faults]
    faults = guest_faults(guests, options.arch, options.guest_lock)
    findings += [coverage.Finding(f"{fault} (`make lock`)") for fault in faults]
    for finding in findings:
        print(finding.text)
    fatal = sum(finding.fatal for finding in findings)
    hypervisor, guest = spec.of("hypervisor"), spec.of("guest")
    untested = sum(bool(r.untested) for r in hypervisor)
    print(
        f"{len(hypervisor)} requirements on hypervisors ({untested} untested with a reason), "
        f"{len(guest)} on guests, {len(guests)} test guests: {fatal or 'no'} faults"
    )
    return Exit.FAILURES if fatal else Exit.OK


def _spec(options: argparse.Namespace) -> int:
    write_specification(options.output, options.spec, bare=options.bare)
    print(shown(options.output))
    return Exit.OK


def _site(options: argparse.Namespace) -> int:
    for line in write_site(options.output):
        print(line)
    return Exit.OK


def _lock_guests(options: argparse.Namespace) -> str:
    """The guests of all architectures that are built here."""
    places = [paths.BUILD / "guests" / arch for arch in ARCHITECTURES]
    found = [
        read_guests(place)
        for place in [options.guests] * bool(options.guests) or places
        if any(place.glob("*.elf"))
    ]
    sources = [path.stem for path in paths.GUESTS.glob("*/*.c")]
    return write_guest_lock([g for guests in found for g in guests], options.guest_lock, sources)


def _lock(options: argparse.Namespace) -> int:
    path, spec = options.spec / "requirements.lock", read_spec(options.spec)
    print(f"{shown(path)}: {write_lock(spec, path)}")
    if options.guests or options.spec == paths.SPEC:
        print(f"{shown(options.guest_lock)}: {_lock_guests(options) or 'no difference'}")
    if options.release:
        print(shown(write_last_version(spec, options.spec)))
    return Exit.OK
