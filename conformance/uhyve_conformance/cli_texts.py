# SPDX-License-Identifier: MIT OR Apache-2.0
"""The commands about the specification: `spec-check`, `spec`, `site` and `lock`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from . import coverage, paths
from .architectures import ARCHITECTURES
from .edition import write_last_version
from .errors import Exit
from .guest_lock import guest_faults, write_guest_lock
from .guests import read_guests
from .interface import HEADERS, read_interface
from .lock import write_lock
from .options import guest_options, guests_of
from .pages.site import write_site
from .pages.specification import write_specification
from .paths import shown
from .spec import read_spec
from .spec_tables import header_faults, table_faults


def add_parsers(command: Callable[..., argparse.ArgumentParser]) -> None:
    """Adds them."""
    sub = command("spec-check", _spec_check, "check that chapters, lock and guests fit together")
    guest_options(sub)
    sub = command("spec", _spec, "render the specification as HTML")
    sub.add_argument("--spec", type=Path, default=paths.SPEC, help="directory of the chapters")
    sub.add_argument("--output", type=Path, default=paths.OUTPUT / "spec" / "index.html")
    sub.add_argument(
        "--bare", action="store_true", help="ignore results, mutants and freedoms under build/"
    )
    sub = command("site", _site, "build specification, reports, findings and documents as one site")
    sub.add_argument("--output", type=Path, default=paths.OUTPUT / "site", help="directory")
    sub = command("lock", _lock, "rewrite the digests of requirements and guests")
    guest_options(sub, ARCHITECTURES)
    sub.add_argument(
        "--release",
        action="store_true",
        help="record the released version too, for the changes of the next one",
    )


def _spec_check(options: argparse.Namespace) -> int:
    spec, guests = read_spec(options.spec), guests_of(options)
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
