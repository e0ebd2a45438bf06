# SPDX-License-Identifier: MIT OR Apache-2.0
"""The commands `guest` and `judge-check`."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable
from pathlib import Path

from .. import paths
from ..architectures import ARCHITECTURES, JUDGED
from ..errors import Exit, UsageError
from ..options import count, seconds, several
from ..spec import read_spec
from . import compare, elsewhere, gate, reports, rules, verdict
from .run import Request, Settings


def add_parsers(command: Callable[..., argparse.ArgumentParser]) -> None:
    """Adds both commands."""
    sub = command("guest", _guest, "judge a guest by the rules for guests")
    sub.add_argument("image", type=Path)
    sub.add_argument(
        "arguments", nargs="*", metavar="-- ARGUMENT", help="arguments, as for uhyve-ref"
    )
    sub.add_argument("--image-only", action="store_true", help="do not run the image; needs no KVM")
    several(
        sub, "--require", metavar="ID", help="status 1 also if this requirement was not exercised"
    )
    sub.add_argument("--arch", choices=ARCHITECTURES, default="x86_64")
    sub.add_argument(
        "--machine",
        choices=("auto", "kvm", "qemu"),
        default="auto",
        help="this machine's KVM, or one that QEMU emulates",
    )
    sub.add_argument("--cpus", type=count, default=1, metavar="N")
    sub.add_argument("--memory", default="64MiB", metavar="SIZE")
    several(
        sub,
        "--mapping",
        type=_mapping,
        metavar="HOST:GUEST",
        help="a file or directory for the guest; each run gets a copy",
    )
    several(sub, "--env", metavar="NAME=VALUE")
    sub.add_argument("--stdin", type=Path, metavar="FILE", help="console input; default: none")
    sub.add_argument("--time-limit", type=seconds, default=10.0, metavar="SECONDS")
    sub.add_argument(
        "--freedom",
        action="append",
        metavar="NAME",
        help="run under this freedom alone; default: all that the guest can notice",
    )
    sub.add_argument("--no-freedoms", action="store_true", help="one plain run only")
    several(sub, "--may-differ", choices=compare.WHAT, help="what may differ under a freedom")
    several(
        sub,
        "--may-differ-line",
        type=_pattern,
        metavar="REGEX",
        help="console lines that may differ",
    )
    sub.add_argument("--strict", action="store_true", help="status 1 also for warnings")
    sub.add_argument("--format", choices=("text", "json"), default="text")
    sub.add_argument("--all", action="store_true", help="text: list every requirement")
    sub.add_argument(
        "--output", type=Path, help="directory for guest.json, guest.xml (JUnit) and index.html"
    )
    sub = command(
        "judge-check", _check, "check that the judge of guests finds each mistake, and no other"
    )
    several(sub, "--only", metavar="NAME", help="only this mistake; may be repeated")
    sub.add_argument("--arch", choices=JUDGED, default="x86_64")
    sub.add_argument("--jobs", type=count, default=2)
    sub.add_argument("--vmm", type=Path, help="another build of uhyve-ref, on this machine")
    several(
        sub,
        "--correct",
        type=Path,
        metavar="IMAGE",
        help="also judge this guest, about which nothing may be reported",
    )
    several(sub, "--skipped", metavar="TEXT", help="a guest that could not be built, and why")
    sub.add_argument(
        "--suite",
        type=Path,
        help="also check the suite's runs on the judging VMM in this directory",
    )


def _mapping(text: str) -> tuple[Path, str]:
    host, colon, guest = text.rpartition(":")
    if not colon or not host or not guest:
        raise argparse.ArgumentTypeError(f"'{text}' is not of the form HOST:GUEST")
    if not Path(host).exists():
        raise argparse.ArgumentTypeError(f"'{host}' does not exist")
    return Path(host).resolve(), guest


def _guest(options: argparse.Namespace) -> int:
    spec, known = read_spec(), rules.read_rules()
    for id_ in options.require:
        if id_ not in {requirement.id for requirement in spec.of("guest")}:
            raise UsageError(f"--require={id_}: no requirement on guests")
    if not options.image_only and options.arch not in JUDGED:
        raise UsageError(f"nothing runs guests of {options.arch} yet; use --image-only")
    away = not options.image_only and elsewhere.is_elsewhere(options.machine, options.arch)
    settings = Settings(
        image=options.image.absolute(),
        arguments=tuple(options.arguments),
        cpus=options.cpus,
        memory=options.memory,
        mappings=tuple(options.mapping),
        variables=tuple(options.env),
        stdin=_bytes(options.stdin),
        time_limit=options.time_limit,
    )
    freedoms: tuple[str, ...] | None = () if options.no_freedoms else None
    if options.freedom:
        freedoms = tuple(options.freedom)
    runner = elsewhere.Elsewhere(options.arch) if away else None
    if runner:
        runner.make([Request(settings)] * (1 if freedoms == () else 2), listing=freedoms != ())
    judged = verdict.judge(
        settings,
        options.arch,
        verdict.Options(
            image_only=options.image_only,
            freedoms=freedoms,
            ignored=tuple(options.may_differ),
            ignored_lines=tuple(options.may_differ_line),
        ),
        spec,
        known,
        runner,
    )
    unmet = verdict.unmet(judged, options.require)
    if options.format == "json":
        print(json.dumps(reports.tree(judged, unmet), indent=1, default=str))
    else:
        for line in reports.text(judged, options.all):
            print(line)
        for id_ in unmet:
            print(f"required, and not exercised: {id_}")
    if options.output:
        try:
            page = reports.write(judged, options.output, unmet)
        except OSError as problem:
            raise UsageError(f"--output={options.output}: {problem.strerror}") from None
        if options.format == "text":
            print(f"report: {paths.shown(page.absolute())}")
    bad = judged.bad or unmet or (options.strict and judged.warnings)
    return Exit.FAILURES if bad else Exit.OK


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as problem:
        raise argparse.ArgumentTypeError(
            f"'{text}' is not a regular expression: {problem}"
        ) from None
    return text


def _bytes(path: Path | None) -> bytes:
    try:
        return path.read_bytes() if path else b""
    except OSError as problem:
        raise UsageError(f"--stdin={path}: {problem.strerror}") from None


def _check(options: argparse.Namespace) -> int:
    return gate.check(
        options.only,
        options.jobs,
        options.suite,
        options.correct,
        options.arch,
        options.skipped,
        options.vmm and options.vmm.absolute(),
    )
