# SPDX-License-Identifier: MIT OR Apache-2.0
"""check-binding FILE...: a verdict for each fact of the interface, as table, JSON and JUnit."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from xml.etree import ElementTree

from ..architectures import ARCHITECTURES
from ..errors import Exit, NothingError
from ..interface import read_interface
from ..options import several
from ..paths import shown
from .compare import Fact, Map, Verdict, architectures, compare, read_map
from .dwarf import Found, read_dwarf

_TEXT = "compare bindings with the interface, by the DWARF of objects, libraries and rlibs"


def add_parsers(command: Callable[..., argparse.ArgumentParser]) -> None:
    sub = command("check-binding", _run, _TEXT)
    sub.add_argument("files", nargs="+", type=Path, metavar="FILE")
    several(
        sub,
        "--map",
        type=Path,
        help="TOML file of names that differ or are absent there; may be repeated",
    )
    sub.add_argument(
        "--arch", choices=ARCHITECTURES, help="only this architecture (all in the files)"
    )
    sub.add_argument("--all", action="store_true", help="also show what is equal")
    sub.add_argument("--strict", action="store_true", help="count missing facts as differences")
    sub.add_argument("--json", type=Path, metavar="FILE", help="every fact as JSON")
    sub.add_argument("--junit", type=Path, metavar="FILE", help="every fact as JUnit XML")


def _run(options: argparse.Namespace) -> int:
    interface = read_interface()
    names = Map()
    for path in options.map:
        names = names.with_(read_map(path, interface))
    merged = _merged([found for path in options.files for found in read_dwarf(path)])
    units = architectures(options.arch, merged)
    files = ", ".join(shown(path) for path in options.files)
    if not any(found.units for found in units):
        raise NothingError(f"{files}: no debug information; compile with -g (Rust: debug = true)")
    facts = [fact for found in units for fact in compare(interface, found, names)]
    if not any(fact.verdict is not Verdict.MISSING for fact in facts):
        raise NothingError(f"{files}: holds none of the interface's types and constants; see --map")
    _table(facts, options.all)
    if options.json:
        _write_json(facts, options.json)
    if options.junit:
        _write_junit(facts, files, options.junit, options.strict)
    count = Counter(fact.verdict for fact in facts)
    bad = count[Verdict.DIFFERENT] + (count[Verdict.MISSING] if options.strict else 0)
    print(
        f"{files}: {count[Verdict.SAME]} the same, {count[Verdict.DIFFERENT]} different, "
        f"{count[Verdict.MISSING]} missing"
    )
    return Exit.FAILURES if bad else Exit.OK


def _merged(found: Sequence[Found]) -> list[Found]:
    """Several files are one binding; each architecture is judged for itself."""
    merged: dict[str, Found] = {}
    for item in found:
        into = merged.setdefault(item.arch, Found(item.arch))
        into.units += item.units
        for name, types in item.types.items():
            known = into.types.setdefault(name, [])
            known += [t for t in types if t not in known]
        for path, values in item.constants.items():
            into.constants.setdefault(path, set()).update(values)
    return list(merged.values())


def _table(facts: Sequence[Fact], everything: bool) -> None:
    shown_facts = [f for f in facts if everything or f.verdict is not Verdict.SAME]
    rows = [(f.verdict.value.upper(), f.subject, f.what, f.expected, f.actual) for f in shown_facts]
    if not rows:
        return
    head = ("VERDICT", "WHAT", "FACT", "EXPECTED", "ACTUAL")
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(4)]
    for row in [head, *rows]:
        print("  ".join([*(c.ljust(w) for c, w in zip(row, widths)), row[4]]))


def _write_json(facts: Sequence[Fact], path: Path) -> None:
    document = {
        "format": 1,
        "counts": {v.value: sum(f.verdict is v for f in facts) for v in Verdict},
        "facts": [
            {"subject": f.subject, "what": f.what, "verdict": f.verdict.value,
             "expected": f.expected, "actual": f.actual, "architecture": f.arch}
            for f in facts
        ],
    }  # fmt: skip
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def _write_junit(facts: Sequence[Fact], name: str, path: Path, strict: bool) -> None:
    suite = ElementTree.Element("testsuite", name=name, tests=str(len(facts)))
    failures = skipped = 0
    for fact in facts:
        case = ElementTree.SubElement(
            suite, "testcase", classname=f"binding.{fact.arch}.{fact.subject}", name=fact.what
        )
        message = f"expected {fact.expected}, actual {fact.actual}"
        if fact.verdict is Verdict.DIFFERENT or (strict and fact.verdict is Verdict.MISSING):
            failures += 1
            ElementTree.SubElement(case, "failure", type=fact.verdict.value, message=message)
        elif fact.verdict is Verdict.MISSING:
            skipped += 1
            ElementTree.SubElement(case, "skipped", message=message)
    suite.set("failures", str(failures))
    suite.set("errors", "0")
    suite.set("skipped", str(skipped))
    ElementTree.indent(suite)
    ElementTree.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)
