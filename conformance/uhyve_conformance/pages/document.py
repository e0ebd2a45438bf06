# SPDX-License-Identifier: MIT OR Apache-2.0
"""The specification as a document: chapters, sections and their blocks in order, and for each
requirement what is known about it. The page and requirements.json are made from it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from markupsafe import Markup

from ..edition import Changes, Edition, changes, read_edition, read_last_version
from ..freedoms import Variant
from ..interface import Call, read_calls
from ..mutants import Mutant
from ..paths import SPEC
from ..spec import Freedom, Requirement, Specification, read_spec
from . import text
from .checks import Check
from .glance import Drawing, Drawings

_FREEDOM = re.compile(r"<blockquote>\s*<p>Freedom: ([a-z0-9-]+) ")
_ERROR = re.compile(r"(?<![\w-])-E[A-Z]+\b")
_LEVEL = re.compile(r"\b(MUST NOT|MUST|SHOULD NOT|SHOULD|MAY)\b")


@dataclass(frozen=True)
class Verdict:
    """The verdict of one hypervisor on one requirement."""

    hypervisor: str
    verdict: str
    title: str  # of the results: version, architecture, day


@dataclass(frozen=True)
class Evidence:
    """Data besides the chapters; all of it may be empty."""

    checks: Mapping[str, Sequence[Check]] = field(default_factory=dict)
    architectures: frozenset[str] = frozenset()  # whose guests are in `checks`
    mutants: Mapping[str, Sequence[Mutant]] = field(default_factory=dict)
    killers: Mapping[str, str] = field(default_factory=dict)  # run by mutant, from the last gate
    variants: Mapping[str, Variant] = field(default_factory=dict)  # by the name of the freedom
    results: Sequence[Mapping[str, Any]] = ()  # trees of results.json


@dataclass(frozen=True)
class Rule:
    """A requirement with what is known about it."""

    requirement: Requirement
    chapter: str  # anchor
    section: str  # title
    calls: tuple[str, ...]
    checks: tuple[Check, ...]
    mutants: tuple[Mutant, ...]
    freedoms: tuple[Freedom, ...]  # what the sentence leaves open
    asked_by: tuple[Freedom, ...]  # for guests: the freedoms that the sentence exists for
    verdicts: tuple[Verdict, ...]
    change: str  # new, changed, or empty

    @property
    def sentence(self) -> Markup:
        """With the level word in bold, and without a line break after the hyphen of an error."""
        html = _LEVEL.sub(r"<b>\1</b>", str(text.inline(self.requirement.sentence)), count=1)
        html = _ERROR.sub(r'<span class="e">\g<0></span>', html)
        return Markup(html)  # noqa: S704 - escaped by text.inline

    @property
    def level(self) -> str:
        """MUST for MUST NOT, and so on: what a reader filters by."""
        return self.requirement.level.split()[0]

    @property
    def differs(self) -> bool:
        """True if Uhyve is known to do something else."""
        r = self.requirement
        return bool(r.provenance == "diverges" or r.upstream or r.divergence)

    @property
    def facets(self) -> str:
        """Words for the filters: letter, colon, value."""
        r = self.requirement
        words = [f"t:{r.binds}", f"l:{self.level}", f"v:{r.since}", f"p:{r.provenance}"]
        words += [f"c:{call}" for call in self.calls] or ["c:none"]
        words += [f"n:{name}" for name in r.needs] or ["n:none"]
        words += [f"a:{r.arch or 'every'}"]
        words += [f"r:{v.hypervisor}:{_met(v.verdict)}" for v in self.verdicts]
        words += ["x:differs"] if self.differs else []
        words += ["x:freedom"] if self.freedoms or self.asked_by else []
        words += [f"x:{self.change}"] if self.change else []
        return " ".join(word.replace(" ", "_") for word in words)


@dataclass
class Section:
    """A heading and what stands below it."""

    anchor: str
    title: str
    level: int
    items: list[Rule | Freedom | Drawing | Markup] = field(default_factory=list)


@dataclass
class Chapter:
    """One file; its first section is the text before the first heading."""

    anchor: str
    title: str
    sections: list[Section] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)  # those that it is about


@dataclass(frozen=True)
class Document:
    """Everything."""

    edition: Edition
    spec: Specification
    chapters: list[Chapter]
    rules: dict[str, Rule]
    calls: list[Call]
    changes: Changes | None
    evidence: Evidence


def _met(verdict: str) -> str:
    if verdict == "PASS":
        return "met"
    return "untested" if verdict in ("SKIP", "NOT_TESTED") else "unmet"


def read_document(evidence: Evidence, directory: Path = SPEC) -> Document:
    """Reads the chapters; SpecError when one is not in order."""
    spec, calls = read_spec(directory), read_calls()
    found = changes(spec, read_last_version(directory))
    marks = dict.fromkeys((r.id for r in found.new), "new") if found else {}
    marks |= dict.fromkeys((r.id for _, r in found.changed), "changed") if found else {}
    reader = _Reader(spec, calls, evidence, marks)
    chapters = [reader.chapter(path) for path in sorted(directory.glob("*.md"))]
    return Document(read_edition(directory), spec, chapters, reader.rules, calls, found, evidence)


class _Reader:
    def __init__(
        self,
        spec: Specification,
        calls: Sequence[Call],
        evidence: Evidence,
        marks: Mapping[str, str],
    ) -> None:
        self.calls, self.evidence, self.marks = calls, evidence, marks
        self.rules: dict[str, Rule] = {}
        self._drawings = Drawings(calls)
        self._freedoms = spec.freedoms
        self._by_file: dict[str, list[Requirement]] = {}
        for requirement in spec.requirements.values():
            self._by_file.setdefault(requirement.file.name, []).append(requirement)
        self._anchors: set[str] = set()
        self._names = re.compile(rf"\b({'|'.join(call.name for call in calls)})\b")
        self._verdicts = [
            (_hypervisor(tree), _title(tree), {r["id"]: r for r in tree["requirements"]})
            for tree in evidence.results
        ]

    def chapter(self, path: Path) -> Chapter:
        lines = path.read_text(encoding="utf-8").splitlines()
        chapter = Chapter(path.stem.split("-", 1)[-1], path.stem)
        chapter.sections.append(Section(chapter.anchor, "", 1))
        at = 0
        for requirement in self._by_file.get(path.name, []):
            self._free(chapter, "\n".join(lines[at : requirement.line - 1]))
            rule = self._rule(requirement, chapter)
            self.rules[requirement.id] = rule
            chapter.sections[-1].items.append(rule)
            at = requirement.end - 1
        self._free(chapter, "\n".join(lines[at:]))
        return chapter

    def _new(self, anchor: str) -> str:
        """The anchor, with a number where a heading has it already."""
        number, first = 1, anchor
        while anchor in self._anchors:
            number += 1
            anchor = f"{first}-{number}"
        self._anchors.add(anchor)
        return anchor

    def _free(self, chapter: Chapter, source: str) -> None:
        for block in text.blocks(source):
            if block.level == 1:
                chapter.title = block.text
                named = self._names.findall(block.text)
                chapter.calls = [call for call in self.calls if call.name in named]
            elif block.level:
                anchor = self._new(f"{chapter.anchor}.{text.slug(block.text)}")
                chapter.sections.append(Section(anchor, block.text, block.level))
            elif match := _FREEDOM.match(block.html):
                chapter.sections[-1].items.append(self._freedoms[match[1]])
            else:
                heading = chapter.sections[-1].title
                chapter.sections[-1].items += self._drawings.of(block, chapter.title, heading)

    def _rule(self, requirement: Requirement, chapter: Chapter) -> Rule:
        named = set(self._names.findall(requirement.sentence))
        if not named:
            named = {call.name for call in chapter.calls}
        id_ = requirement.id
        return Rule(
            requirement,
            chapter.anchor,
            chapter.sections[-1].title,
            tuple(call.name for call in self.calls if call.name in named),
            tuple(self.evidence.checks.get(id_, ())),
            tuple(self.evidence.mutants.get(id_, ())),
            tuple(f for f in self._freedoms.values() if f.requirement == id_),
            tuple(f for f in self._freedoms.values() if id_ in f.guests),
            tuple(
                Verdict(name, rows[id_]["verdict"], title)
                for name, title, rows in self._verdicts
                if id_ in rows and rows[id_]["sentence"] == requirement.sentence
            )
            if requirement.binds == "hypervisor"
            else (),
            self.marks.get(id_, ""),
        )


def _hypervisor(tree: Mapping[str, Any]) -> str:
    """Its name, with the architecture where it is not the usual one."""
    name = str(tree["hypervisor"]["name"])
    return name if tree["arch"] == "x86_64" else f"{name}-{tree['arch']}"


def _title(tree: Mapping[str, Any]) -> str:
    version = str(tree["hypervisor"]["version"])
    return f"{version}, {tree['arch']}, {str(tree['created'])[:10]}"
