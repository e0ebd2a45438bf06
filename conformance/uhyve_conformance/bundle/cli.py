# SPDX-License-Identifier: MIT OR Apache-2.0
"""The commands `verify`, `report`, `merge` and `gate`, which need no hypervisor."""

from __future__ import annotations

import argparse
import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .. import paths
from ..environment import check_writable
from ..errors import Exit, SuiteError, UsageError
from ..guests import read_guests
from ..pages.history import write_history
from ..paths import shown
from ..report import write_reports
from ..results import answer, write_json
from ..spec import read_spec
from . import gate, gate_text, history, waivers
from .archive import SUFFIX, Bundle, read_bundle
from .replay import of_this_harness, strangers, verified
from .shards import merge, write_measured


def add_parsers(command: Callable[..., argparse.ArgumentParser]) -> None:
    """Adds them."""
    sub = command(
        "verify", _verify, "judge a bundle again from its outcomes; status 3 if it was changed"
    )
    sub.add_argument("bundle", type=Path, metavar="BUNDLE")
    sub.add_argument(
        "--strict",
        action="store_true",
        help="status 1 if specification or guests differ from those here",
    )
    sub.add_argument("--rerun", action="store_true", help="also repeat the whole run here")
    sub.add_argument(
        "--hypervisor", help="with --rerun: as for run (the one that the bundle names)"
    )
    sub.add_argument("--output", type=Path, help="with --rerun: directory of the results")
    sub = command("report", _report, "write the pages of bundles")
    sub.add_argument("bundles", nargs="+", type=Path, metavar="BUNDLE")
    sub.add_argument(
        "--output",
        type=Path,
        default=paths.OUTPUT / "reports",
        help="directory, with a folder for each bundle",
    )
    sub = command("merge", _merge, "merge the bundles of all shards into one")
    sub.add_argument("bundles", nargs="+", type=Path, metavar="BUNDLE")
    sub.add_argument("--output", type=Path, required=True, help="directory of the results")
    sub = command("gate", _gate, "decide whether a release may go out; status 1 if not")
    sub.add_argument("new", type=Path, metavar="NEW", help="the bundle in question")
    sub.add_argument(
        "--against", type=Path, metavar="OLD", help="the bundle to compare with (none)"
    )
    sub.add_argument("--waivers", type=Path, metavar="FILE", help="failures that may pass (TOML)")
    sub.add_argument(
        "--write-waivers", type=Path, metavar="FILE", help="write waivers for what stops it now"
    )
    sub.add_argument("--format", choices=gate_text.FORMATS, default="text")
    sub.add_argument("--output", type=Path, metavar="FILE", help="write there instead of printing")
    sub.add_argument(
        "--today",
        type=_day,
        default=None,
        metavar="DAY",
        help="the day by which waivers end (today)",
    )
    sub = command("history", _history, "releases of a hypervisor side by side")
    sub.add_argument("bundles", nargs="+", type=Path, metavar="BUNDLE", help="the oldest first")
    sub.add_argument(
        "--output", type=Path, default=paths.OUTPUT / "history", help="directory of the page"
    )
    sub = command("shard-times", _times, "record how long each run takes, for even shards")
    sub.add_argument("bundle", type=Path, metavar="BUNDLE")


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a day like 2026-01-31") from None


def _read(path: Path) -> tuple[Bundle, dict[str, Any]]:
    """A bundle that is what its outcomes say, with its results."""
    if not path.is_file():
        raise SuiteError(f"{shown(path)}: no such file")
    bundle = read_bundle(path)
    return bundle, verified(bundle)


def _verify(options: argparse.Namespace) -> int:
    bundle, results = _read(options.bundle)
    outcomes = len(bundle.below("outcomes"))
    print(f"{shown(options.bundle)}: {outcomes} outcomes give the verdicts that it states")
    print(f"made by {bundle.head['suite']} on {results['created']}: {answer(results)}")
    notes = strangers(
        bundle, read_guests(paths.BUILD / "guests" / bundle.head["arch"]), read_spec().digest
    )
    if not of_this_harness(bundle):
        print("note: another version of the harness made it, and this one gives the same verdicts")
    for note in notes:
        print(f"note: {note}")
    if options.strict and notes:
        return Exit.FAILURES
    return _rerun(options, bundle, results) if options.rerun else Exit.OK


def _rerun(options: argparse.Namespace, bundle: Bundle, results: dict[str, Any]) -> int:
    """The same run here, compared verdict by verdict."""
    from ..session import Request, make_plan
    from ..suite import run_suite  # pytest is slow to import

    output = options.output or paths.OUTPUT / "rerun"
    word = options.hypervisor or results["hypervisor"]["adapter"]
    request = Request(hypervisor=word, arch=bundle.head["arch"], output=output)
    plan = make_plan(request)
    status = run_suite(plan, 2)
    if status > Exit.FAILURES:
        return status
    new = json.loads((output / "results.json").read_text(encoding="utf-8"))
    was = {r["id"]: r["verdict"] for r in results["requirements"]}
    now = {r["id"]: r["verdict"] for r in new["requirements"]}
    differ = sorted(i for i in was.keys() | now.keys() if was.get(i) != now.get(i))
    for id_ in differ:
        print(f"{id_}: {was.get(id_, 'not there')} in the bundle, {now.get(id_, 'not there')} here")
    print(f"rerun: {len(differ) or 'no'} verdicts differ")
    return Exit.FAILURES if differ else Exit.OK


def _report(options: argparse.Namespace) -> int:
    for path in options.bundles:
        bundle, results = _read(path)
        place = options.output / path.name.removesuffix(SUFFIX)
        place.mkdir(parents=True, exist_ok=True)
        write_reports(results, place)
        print(shown((place / "index.html").absolute()))
    return Exit.OK


def _merge(options: argparse.Namespace) -> int:
    for path in options.bundles:
        if not path.is_file():
            raise SuiteError(f"{shown(path)}: no such file")
    results, path = merge([read_bundle(path) for path in options.bundles], options.output)
    write_reports(results, options.output)
    print(answer(results))
    print(f"bundle: {shown(path.absolute())}")
    return results["exit_status"]


def _gate(options: argparse.Namespace) -> int:
    for path in (options.output, options.write_waivers):
        if path:
            check_writable(path)
    new = _whole(options.new)[1]
    old = _whole(options.against)[1] if options.against else None
    if old and old["arch"] != new["arch"]:
        raise UsageError(f"{old['arch']} and {new['arch']}: a gate compares one architecture")
    known = waivers.read_waivers(options.waivers) if options.waivers else []
    today = options.today or datetime.datetime.now(datetime.UTC).date()
    found = gate.decide(new, old, known, today)
    text = gate_text.write(found, options.format)
    if options.output:
        options.output.write_text(text, encoding="utf-8")
    else:
        print(text, end="")
    if options.write_waivers:
        waivers.write_waivers(options.write_waivers, found.shut, today)
    return Exit.FAILURES if found.closed else Exit.OK


def _whole(path: Path) -> tuple[Bundle, dict[str, Any]]:
    bundle, results = _read(path)
    if bundle.head["shard"]:
        raise UsageError(f"{shown(path)}: a shard; `merge` makes a whole run of all of them")
    return bundle, results


def _history(options: argparse.Namespace) -> int:
    if len(options.bundles) < 2:
        raise UsageError("a history takes two releases or more")
    read = [(shown(path), _whole(path)) for path in options.bundles]
    tree = history.history([(name, bundle.head, results) for name, (bundle, results) in read])
    options.output.mkdir(parents=True, exist_ok=True)
    write_json(tree, options.output / "history.json")
    write_history(tree, options.output / "index.html")
    print(history.headline(tree))
    print(shown((options.output / "index.html").absolute()))
    return Exit.OK


def _times(options: argparse.Namespace) -> int:
    write_measured(_read(options.bundle)[1])
    print(shown(paths.SECONDS))
    return Exit.OK
