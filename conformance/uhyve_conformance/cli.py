# SPDX-License-Identifier: MIT OR Apache-2.0
"""The command line: one function for each command, no work of its own."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from . import coverage, paths
from .capabilities import ARCHITECTURES
from .errors import Exit, SuiteError, UsageError
from .lock import write_lock
from .manifest import Guest, find_guests, read_guest
from .paths import shown
from .session import Request, make_plan
from .spec import read_spec


def main(arguments: Sequence[str]) -> int:
    """Runs one command; its exit status."""
    options = _parser().parse_args(arguments)
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


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:
        self.exit(Exit.USAGE, f"error: {message}; see {self.prog} --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="uhyve_conformance", description="Judges Uhyve hypervisors.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name: str, function: object, text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(command=function)
        return sub

    sub = command("run", _run, "judge a hypervisor")
    sub.add_argument("--hypervisor", default="reference", help="a name, or an adapter's TOML file")
    sub.add_argument("--machine", choices=("auto", "kvm", "qemu"), default="auto")
    _guest_options(sub)
    sub.add_argument("--output", type=Path, help="directory of the results")
    sub.add_argument("--baseline", type=Path, help="known failures (TOML)")
    sub.add_argument("--write-baseline", type=Path, help="write the failures of this run there")
    sub.add_argument("--jobs", type=_jobs, default=os.cpu_count() or 1, help="runs at the same time")
    sub.add_argument("--only", action="append", default=[], metavar="NAME",
                     help="a guest, guest[variant] or requirement; several are allowed")
    sub.add_argument("pytest", nargs="*", metavar="-- OPTION", help="options for pytest")

    sub = command("spec-check", _spec_check, "chapters, lock and guests fit together")
    _guest_options(sub)
    sub = command("lock", _lock, "rewrite the digests of the requirements")
    sub.add_argument("--spec", type=Path, default=paths.SPEC, help="directory of the chapters")
    return parser


def _jobs(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of jobs")
    return int(text)


def _run(options: argparse.Namespace) -> int:
    request = Request(
        hypervisor=options.hypervisor,
        arch=options.arch,
        machine=options.machine,
        spec=options.spec,
        guests=options.guests,
        output=options.output,
        baseline=options.baseline,
        only=tuple(options.only),
    )
    from .suite import run_suite  # pytest is slow to import

    return run_suite(make_plan(request), options.jobs, options.pytest, options.write_baseline)


def _guest_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--arch", choices=ARCHITECTURES, default="x86_64")
    parser.add_argument("--guests", type=Path, help="directory of the test guests")
    parser.add_argument("--spec", type=Path, default=paths.SPEC, help="directory of the chapters")


def _guests(options: argparse.Namespace) -> list[Guest]:
    directory = options.guests or paths.BUILD / "guests" / options.arch
    return [read_guest(path) for path in find_guests(directory)]


def _spec_check(options: argparse.Namespace) -> int:
    spec = read_spec(options.spec)
    try:
        guests = _guests(options)
    except UsageError as problem:
        print(f"note: {problem}; only the text is checked")
        guests = []
    sources = sorted(paths.ROOT.glob("reference-vmm/**/*.c"))
    findings = coverage.check_spec(
        spec, guests, options.arch, options.spec / "requirements.lock", sources
    )
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


def _lock(options: argparse.Namespace) -> int:
    path = options.spec / "requirements.lock"
    changes = write_lock(read_spec(options.spec), path)
    print(f"{shown(path)}: {changes}")
    return Exit.OK
