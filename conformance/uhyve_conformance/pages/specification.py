# SPDX-License-Identifier: MIT OR Apache-2.0
"""Writes the specification's page and requirements.json."""

from __future__ import annotations

import base64
import difflib
import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from ..architectures import ARCHITECTURES
from ..capabilities import CAPABILITIES
from ..errors import SuiteError
from ..freedoms import list_variants
from ..guests import read_guests
from ..interface import Call
from ..local import LocalExecutor
from ..manifest import Guest
from ..mutants import Fate, Mutant, list_mutants
from ..paths import BUILD, OUTPUT, ROOT, SPEC, shown
from ..results import write_json
from ..show import last_results
from ..spec import AREAS, BINDS, PROVENANCES, Freedom
from . import text
from .checks import find_checks
from .document import Document, Evidence, Rule, read_document
from .environment import write_page
from .glance import Drawing, constants

SCHEMA = "uhyve-requirements/1"


def write_specification(
    path: Path, directory: Path = SPEC, home: str | None = None, bare: bool = False
) -> None:
    """The page at `path`, requirements.json beside it; SpecError when a chapter is faulty.
    `home` is the relative path of the site's first page, where there is a site. `bare`: only from the sources, as a release has it."""
    evidence = at_hand(bare) if directory == SPEC else Evidence()
    document = read_document(evidence, directory)
    rules = list(document.rules.values())
    write_page(
        path,
        "spec.html.j2",
        home=home,
        d=document,
        counts=_counts(rules),
        groups=_groups(document, rules),
        sources=_sources(rules),
        areas=_areas(document),
        differing=[rule for rule in rules if rule.differs],
        by_call=Counter(name for rule in rules for name in rule.calls),
        errors=_terms(constants("error"), rules),
        flags=_terms(constants("open_flag"), rules),
        whence=_terms(constants("whence"), rules),
        arguments=_ARGUMENTS,
        inline=text.inline,
        difference=_difference,
        Markup=Markup,
        is_rule=lambda item: isinstance(item, Rule),
        is_freedom=lambda item: isinstance(item, Freedom),
        is_drawing=lambda item: isinstance(item, Drawing),
    )
    write_json(requirements_json(document), path.with_name("requirements.json"))


def at_hand(bare: bool = False) -> Evidence:
    """Guests, mutants, variants and results that lie under build/."""
    guests: list[Guest] = []
    architectures = set()
    for arch in ARCHITECTURES:
        directory = BUILD / "guests" / arch
        if any(directory.glob("*.elf")):
            guests += read_guests(directory)
            architectures.add(arch)
    if bare:
        return Evidence(find_checks(guests), frozenset(architectures))
    by_id: dict[str, list[Mutant]] = {}
    program = BUILD / "uhyve-ref-mutants"
    if program.exists():
        for mutant in list_mutants(program, LocalExecutor(BUILD / "spec")):
            by_id.setdefault(mutant.id, []).append(mutant)
    program = BUILD / "uhyve-ref-freedoms"
    variants = {v.name: v for v in list_variants(program)} if program.exists() else {}
    return Evidence(
        find_checks(guests),
        frozenset(architectures),
        by_id,
        _killers(),
        variants,
        _newest_results(),
    )


def _killers() -> dict[str, str]:
    """The results of the last `make mutants`: the run that noticed each mutant."""
    path = OUTPUT / "conformance" / "mutants" / "mutants.json"
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["mutants"] if path.exists() else []
        return {row["mutant"]: row["by"] for row in rows if row["fate"] == Fate.KILLED}
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise SuiteError(f"{shown(path)}: not a report of mutants: {problem!r}") from None


def _newest_results() -> list[Any]:
    """The newest whole run of each hypervisor and architecture; not of the project's own tools."""
    newest: dict[tuple[str, str], Any] = {}
    for _, tree in last_results():
        adapter = str(tree["hypervisor"].get("adapter"))
        tool = adapter == "reference-asan" or adapter.startswith("conformance/lazy/")
        if not tree["selected"] and not tool:
            newest.setdefault((tree["hypervisor"]["name"], tree["arch"]), tree)
    return [newest[key] for key in sorted(newest)]


# ---- What the template shows -------------------------------------------------------------------


def _counts(rules: Sequence[Rule]) -> dict[str, int]:
    return {binds: sum(r.requirement.binds == binds for r in rules) for binds in BINDS}


# Title, and (facet, what it is called) of each choice.
Group = tuple[str, list[tuple[str, str]]]


def _groups(document: Document, rules: Sequence[Rule]) -> list[Group]:
    """The filters: only what some requirement has."""
    used = {word for rule in rules for word in rule.facets.split()}
    hypervisors = list(dict.fromkeys(v.hypervisor for r in rules for v in r.verdicts))
    groups: list[Group] = [
        ("Call", [(f"c:{c.name}", c.name) for c in document.calls] + [("c:none", "no call")]),
        ("Level", [(f"l:{level}", level) for level in ("MUST", "SHOULD", "MAY")]),
        ("Version", [(f"v:{n}", f"since {n}") for n in (1, 2, 3)]),
        ("Provenance", [(f"p:{name}", name) for name in PROVENANCES]),
        ("Target", [(f"t:{name}", name) for name in BINDS]),
        ("Capability", [(f"n:{name}", name) for name in CAPABILITIES] + [("n:none", "none")]),
        ("Architecture", [("a:every", "every")] + [(f"a:{name}", name) for name in ARCHITECTURES]),
        (
            "Remarks",
            [
                ("x:differs", "differs from uhyve"),
                ("x:freedom", "a freedom"),
                ("x:new", "new"),
                ("x:changed", "changed"),
            ],
        ),
    ]
    groups += [
        (
            f"Verdict on {name}",
            [
                (f"r:{name}:{key}".replace(" ", "_"), words)
                for key, words in (("met", "met"), ("unmet", "not met"), ("untested", "not tested"))
            ],
        )
        for name in hypervisors
    ]
    kept = [(title, [c for c in choices if c[0] in used]) for title, choices in groups]
    return [(title, choices) for title, choices in kept if choices]


def _sources(rules: Sequence[Rule]) -> str:
    """The guests' sources, gzip in base64: the page unpacks them when a reader asks."""
    names = sorted({check.source for rule in rules for check in rule.checks if check.source})
    files = {name: (ROOT / name).read_text(encoding="utf-8") for name in names}
    packed = gzip.compress(json.dumps(files, ensure_ascii=False).encode(), 9, mtime=0)
    return base64.b64encode(packed).decode()


def _areas(document: Document) -> list[tuple[str, str, str]]:
    """Area, anchor and title of the chapter in which it begins."""
    found = {}
    for rule in document.rules.values():
        found.setdefault(rule.requirement.area, rule.chapter)
    titles = {chapter.anchor: chapter.title for chapter in document.chapters}
    return [(area, found[area], titles[found[area]]) for area in AREAS if area in found]


def _terms(rows: Sequence[tuple[str, str]], rules: Sequence[Rule]) -> list[tuple[str, str, int]]:
    """Name, value and how many requirements name it."""
    sentences = [rule.requirement.sentence for rule in rules]
    return [
        (name, value, sum(bool(re.search(rf"\b{name}\b", s)) for s in sentences))
        for name, value in rows
    ]


def _difference(old: str, new: str) -> Markup:
    """Word by word, what went and what came."""
    a, b = old.split(" "), new.split(" ")
    return Markup(" ").join(_edits(a, b))


def _edits(a: Sequence[str], b: Sequence[str]) -> Iterator[Markup]:
    for kind, a1, a2, b1, b2 in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if kind == "equal":
            yield escape(" ".join(a[a1:a2]))
        else:
            if a1 < a2:
                yield Markup("<del>{}</del>").format(" ".join(a[a1:a2]))
            if b1 < b2:
                yield Markup("<ins>{}</ins>").format(" ".join(b[b1:b2]))


_ARGUMENTS = {
    "I32": "a 32-bit value",
    "U8": "a byte",
    "READ": "none: the guest reads",
    "RESERVED": "reserved",
}


# ---- requirements.json -------------------------------------------------------------------------


def requirements_json(document: Document) -> dict[str, Any]:
    """For programs; its form is spec/requirements.schema.json."""
    edition = document.edition
    return {
        "schema": SCHEMA,
        "version": edition.version,
        "status": edition.status,
        "date": edition.date.isoformat(),
        "digest": document.spec.digest,
        "capabilities": CAPABILITIES,
        "calls": [_call_json(call) for call in document.calls],
        "freedoms": [
            _freedom_json(freedom, document) for freedom in document.spec.freedoms.values()
        ],
        "requirements": [_rule_json(rule) for rule in document.rules.values()],
    }


def _call_json(call: Call) -> dict[str, Any]:
    return {"name": call.name, "number": call.number, "since": call.since}


def _freedom_json(freedom: Freedom, document: Document) -> dict[str, Any]:
    variant = document.evidence.variants.get(freedom.name)
    return {
        "name": freedom.name,
        "text": freedom.text,
        "requirement": freedom.requirement,
        "guests": list(freedom.guests),
        "variant": variant.what if variant else None,
        "no_variant": freedom.no_variant,
        "where": freedom.where,
    }


def _rule_json(rule: Rule) -> dict[str, Any]:
    r = rule.requirement
    return {
        "id": r.id,
        "binds": r.binds,
        "level": r.level,
        "since": r.since,
        "provenance": r.provenance,
        "needs": list(r.needs),
        "arch": r.arch,
        "upstream": r.upstream,
        "untested": r.untested,
        "divergence": r.divergence,
        "sentence": r.sentence,
        "why": r.why,
        "digest": r.digest,
        "where": r.where,
        "chapter": rule.chapter,
        "section": rule.section,
        "calls": list(rule.calls),
        "change": rule.change or None,
        "checks": [
            {
                "guest": c.guest,
                "runs": c.variants,
                "source": c.source or None,
                "lines": [list(pair) for pair in c.lines],
            }
            for c in rule.checks
        ],
        "mutants": [{"name": m.name, "what": m.what} for m in rule.mutants],
        "freedoms": [f.name for f in rule.freedoms],
    }
