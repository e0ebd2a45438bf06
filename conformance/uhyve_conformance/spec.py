# SPDX-License-Identifier: MIT OR Apache-2.0
"""Reads the requirements out of the chapters, strictly.

A requirement is

    #### UHY-OPEN-008
    *hypervisor · MUST · since 2 · observed · upstream hermit-os/uhyve#1245*

    FileOpen with O_CREAT and O_EXCL on a name that exists MUST give -EEXIST.

    > Why: a rationale of any number of quoted lines.

and everything else in a chapter is free text, which explains and binds no one.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

from .architectures import ARCHITECTURES
from .capabilities import CAPABILITIES
from .errors import SuiteError
from .interface import read_calls
from .paths import SPEC, shown
from .severity import Severity, severity_of

BINDS = ("hypervisor", "guest")
LEVELS = ("MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "MAY")
PROVENANCES = ("observed", "intended", "proposed", "diverges")
KEYS = ("needs", "arch", "given", "severity", "upstream", "untested", "divergence")
# Severities that a head may name; a recommendation is one by its level.
SEVERITIES = [str(s) for s in Severity if s is not Severity.RECOMMENDATION]
# Areas of several calls, then the calls' own, in the order of calls.def.
GENERAL_AREAS = ("CALL", "BLOCK", "PTR", "ERR", "VER", "PATH", "CONC", "ROB", "BOOT", "V1")
AREAS = [*GENERAL_AREAS, *dict.fromkeys(call.area for call in read_calls())]

ID = re.compile(r"UHY-[A-Z][A-Z0-9]*-[0-9]{3}")
_LEVEL_WORD = re.compile(r"\b(MUST NOT|SHOULD NOT|MUST|SHOULD|MAY)\b")
_SENTENCE_END = re.compile(r"(?<![.`])[.!?] +[A-Z]")
_REFERENCE = re.compile(r"\bUHY-[A-Z0-9]+-[0-9]+\b")
_FREEDOM = re.compile(
    r"Freedom: (?P<name>[a-z0-9]+(?:-[a-z0-9]+)*) — (?P<text>.+?\.)"
    r"(?: Guests: (?P<guests>[^.]+)\.)?(?: No variant: (?P<why>.+\.))?"
)
_HEADING = re.compile(r"(#+)\s+(.*?)\s*$")


@dataclass(frozen=True)
class Requirement:
    """One sentence that binds someone."""

    id: str
    binds: str
    level: str
    since: int
    provenance: str
    sentence: str
    file: Path
    line: int
    end: int  # the line after its last one
    needs: tuple[str, ...] = ()
    arch: str | None = None
    given: tuple[str, ...] = ()
    upstream: str | None = None
    untested: str | None = None
    divergence: str | None = None
    why: str | None = None
    named_severity: str | None = None  # where the head names one

    @property
    def severity(self) -> Severity:
        """The severity of not meeting it."""
        return severity_of(self.area, self.hard, self.named_severity)

    @property
    def area(self) -> str:
        """The middle of the id."""
        return self.id.split("-")[1]

    @property
    def hard(self) -> bool:
        """True if a hypervisor that behaves differently does not conform."""
        return self.level.startswith("MUST")

    @property
    def digest(self) -> str:
        """Changes when the obligation changes: its head or its sentence."""
        text = "\n".join(
            [self.id, self.binds, self.level, str(self.since), self.provenance]
            + [*self.needs, self.arch or "", self.sentence]
            + ([f"severity {self.named_severity}"] if self.named_severity else [])
        )
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def head(self) -> str:
        """The line below its id, without what does not bind."""
        parts = [self.binds, self.level, f"since {self.since}", self.provenance]
        parts += [f"needs {', '.join(self.needs)}"] if self.needs else []
        parts += [f"arch {self.arch}"] if self.arch else []
        parts += [f"severity {self.named_severity}"] if self.named_severity else []
        return " · ".join(parts)

    @property
    def where(self) -> str:
        """file:line"""
        return f"{shown(self.file)}:{self.line}"


@dataclass(frozen=True)
class Freedom:
    """A choice that the text leaves to the hypervisor."""

    name: str
    text: str  # what may differ
    requirement: str | None  # the sentence that leaves it open; None: free text does
    guests: tuple[str, ...]  # what guests are asked because of it
    no_variant: str | None  # why no variant of the reference VMM takes it
    file: Path
    line: int

    @property
    def digest(self) -> str:
        """Changes with what is left open."""
        text = "\n".join([self.name, self.requirement or "", self.text])
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def where(self) -> str:
        """file:line"""
        return f"{shown(self.file)}:{self.line}"


@dataclass(frozen=True)
class Specification:
    """All requirements, in the order of the chapters."""

    requirements: dict[str, Requirement]
    freedoms: dict[str, Freedom] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Changes when any obligation changes."""
        digests = "".join(r.digest for r in self.requirements.values())
        return hashlib.sha256(digests.encode()).hexdigest()[:16]

    def of(self, binds: str) -> list[Requirement]:
        """Those that bind the hypervisor, or the guest."""
        return [r for r in self.requirements.values() if r.binds == binds]


class SpecError(SuiteError):
    """The chapters are not in order; one line `file:line: what` for each fault."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def read_spec(directory: Path = SPEC) -> Specification:
    """Reads all chapters; SpecError lists every fault in them."""
    chapters = sorted(directory.glob("*.md"))
    if not chapters:
        raise SpecError([f"{shown(directory)}: no chapters (*.md)"])
    found: dict[str, Requirement] = {}
    freedoms: dict[str, Freedom] = {}
    references: list[tuple[str, str]] = []
    faults: list[str] = []
    for chapter in chapters:
        reader = _Chapter(chapter, chapter.read_text(encoding="utf-8").splitlines())
        reader.read()
        faults += reader.faults
        references += reader.references
        for requirement in reader.requirements:
            if first := found.get(requirement.id):
                faults.append(
                    f"{requirement.where}: {requirement.id} was given to {first.where} already"
                )
            else:
                found[requirement.id] = requirement
        for freedom in reader.freedoms:
            if freedoms.setdefault(freedom.name, freedom) is not freedom:
                faults.append(
                    f"{freedom.where}: freedom {freedom.name} stands in "
                    f"{freedoms[freedom.name].where} already"
                )
    faults += [f"{where}: {id_} does not exist" for where, id_ in references if id_ not in found]
    if faults:
        raise SpecError(faults)
    return Specification(found, freedoms)


class _Chapter:
    """One file while it is read."""

    def __init__(self, path: Path, lines: list[str]) -> None:
        self.path, self.lines = path, lines
        self.requirements: list[Requirement] = []
        self.freedoms: list[Freedom] = []
        self.references: list[tuple[str, str]] = []
        self.faults: list[str] = []
        self._at = 0

    def read(self) -> None:
        """Walks through the lines once."""
        fenced = False
        while self._at < len(self.lines):
            line = self.lines[self._at]
            if line.lstrip().startswith("```"):
                fenced = not fenced
            heading = None if fenced else _HEADING.match(line)
            if heading and (heading[1] == "####" or ID.fullmatch(heading[2])):
                self._requirement(heading[1], heading[2])
            elif not fenced and line.startswith("> Freedom:"):
                self._quote(None)
            else:
                if not fenced:
                    self._free_text(line)
                self._at += 1

    def _fault(self, what: str, at: int | None = None) -> None:
        self.faults.append(f"{shown(self.path)}:{(self._at if at is None else at) + 1}: {what}")

    def _free_text(self, line: str) -> None:
        if word := _LEVEL_WORD.search(line):
            self._fault(f"{word[1]} outside a requirement: free text binds no one")
        if re.match(r"\*(hypervisor|guest)\b.*·", line):
            self._fault("the head of a requirement without its heading (#### UHY-AREA-000)")
        self._note_references(line)

    def _note_references(self, line: str) -> None:
        if found := _REFERENCE.findall(line):
            where = f"{shown(self.path)}:{self._at + 1}"
            self.references += [(where, id_) for id_ in found]

    def _requirement(self, marks: str, id_: str) -> None:
        begin = self._at
        self._at += 1
        if not ID.fullmatch(id_):
            self._fault(f"'{id_}' is not an id; a heading of level 4 is UHY-AREA-000", begin)
            return
        if marks != "####":
            self._fault(f"the heading of {id_} has to be of level 4 (####)", begin)
        if id_.split("-")[1] not in AREAS:
            self._fault(f"{id_}: unknown area; areas are {', '.join(AREAS)}", begin)
        self._skip_blank()
        head = self._head(id_)
        self._skip_blank()
        sentence_at = self._at
        sentence = self._paragraph()
        self._check_sentence(id_, head.get("level"), sentence, sentence_at if sentence else begin)
        why = self._quote(id_)
        if head.get("provenance") == "diverges" and not why:
            self._fault(f"{id_}: 'diverges' needs a reason (> Why: …)", begin)
        if head.get("binds") == "guest" and head.get("untested"):
            self._fault(f"{id_}: 'untested' is for requirements on hypervisors", begin)
        if head.get("complete"):
            del head["complete"]
            self.requirements.append(
                Requirement(
                    id=id_,
                    sentence=sentence,
                    file=self.path,
                    line=begin + 1,
                    end=self._at + 1,
                    why=why,
                    **head,
                )
            )

    def _skip_blank(self) -> None:
        while self._at < len(self.lines) and not self.lines[self._at].strip():
            self._at += 1

    def _paragraph(self) -> str:
        """Lines up to a blank one, joined; empty when there is something else."""
        words = []
        while self._at < len(self.lines):
            line = self.lines[self._at].strip()
            if not line or line[0] == ">" or (not words and line[0] in "#|*"):
                break
            self._note_references(line)
            words.append(line)
            self._at += 1
        return " ".join(words)

    def _head(self, id_: str) -> dict[str, object]:
        """The line below the heading; has the key `complete` when it is in order."""
        line = self.lines[self._at].strip() if self._at < len(self.lines) else ""
        form = "*hypervisor · MUST · since 2 · observed*"
        if not re.fullmatch(r"\*[^*].*\*", line):
            self._fault(f"{id_}: its head is missing, for example {form}")
            return {}
        parts = [part.strip() for part in line.strip("*").split("·")]
        if len(parts) < 4:
            self._fault(f"{id_}: the head has fewer than four parts, for example {form}")
            self._at += 1
            return {}
        binds, level, since, provenance, *keys = parts
        head: dict[str, object] = {"binds": binds, "level": level, "provenance": provenance}
        before = len(self.faults)
        for what, value, known in (
            ("target", binds, BINDS),
            ("level", level, LEVELS),
            ("version", since, ("since 1", "since 2", "since 3")),
            ("provenance", provenance, PROVENANCES),
        ):
            if value not in known:
                self._fault(f"{id_}: '{value}' is not a {what}; one of {', '.join(known)}")
        for key in keys:
            self._key(id_, key, head)
        if len(self.faults) == before:
            head["since"] = int(since.split()[1])
            head["complete"] = True
        self._at += 1
        return head

    def _key(self, id_: str, part: str, head: dict[str, object]) -> None:
        key, _, value = part.partition(" ")
        value = value.strip()
        if key not in KEYS:
            self._fault(f"{id_}: unknown key '{key}'; one of {', '.join(KEYS)}")
        elif not value:
            self._fault(f"{id_}: '{key}' has no value")
        elif key == "needs":
            names = [name.strip() for name in value.split(",")]
            for name in names:
                if name not in CAPABILITIES:
                    known = ", ".join(CAPABILITIES)
                    self._fault(f"{id_}: unknown capability '{name}'; one of {known}")
            head["needs"] = (*head.get("needs", ()), *names)
        elif key == "given":
            self._note_references(value)
            ids = [id_.strip() for id_ in value.split(",")]
            if odd := [id_ for id_ in ids if not ID.fullmatch(id_)]:
                self._fault(f"{id_}: '{odd[0]}' is not an id")
            head["given"] = (*head.get("given", ()), *ids)
        elif key == "severity":
            if value not in SEVERITIES:
                self._fault(f"{id_}: '{value}' is not a severity; one of {', '.join(SEVERITIES)}")
            elif "named_severity" in head:
                self._fault(f"{id_}: 'severity' is given twice")
            elif head["binds"] == "guest":
                self._fault(f"{id_}: 'severity' is for requirements on hypervisors")
            elif not str(head["level"]).startswith("MUST"):
                self._fault(f"{id_}: 'severity' is for what MUST or MUST NOT")
            else:
                head["named_severity"] = value
        elif key in head:
            self._fault(f"{id_}: '{key}' is given twice")
        elif key == "arch" and value not in ARCHITECTURES:
            self._fault(f"{id_}: unknown architecture '{value}'")
        else:
            head[key] = value

    def _check_sentence(self, id_: str, level: object, sentence: str, at: int) -> None:
        if not sentence:
            self._fault(f"{id_}: its sentence is missing", at)
            return
        words = _LEVEL_WORD.findall(sentence)
        if words != [level]:
            said = ", ".join(words) or "none"
            self._fault(
                f"{id_}: the sentence has to hold {level} exactly once and no other level word; "
                f"it holds {said}",
                at,
            )
        if not sentence.endswith("."):
            self._fault(f"{id_}: the sentence does not end with a full stop", at)
        if _SENTENCE_END.search(sentence):
            self._fault(f"{id_}: more than one sentence", at)

    def _quote(self, id_: str | None) -> str | None:
        """The quotes after a sentence, or one in free text: rationale and freedoms."""
        why = None
        while text := self._one_quote(id_):
            begin, words = text
            if words.startswith("Why: ") and id_ and why is None:
                why = words.removeprefix("Why: ")
            elif words.startswith("Freedom: "):
                self._freedom(id_, words, begin)
            else:
                self._fault(
                    f"{id_ or 'free text'}: a quote begins with 'Why: ', once after a "
                    f"requirement, or with 'Freedom: '",
                    begin,
                )
        return why

    def _one_quote(self, id_: str | None) -> tuple[int, str] | None:
        """Its line and its text."""
        self._skip_blank()
        begin, words = self._at, []
        while self._at < len(self.lines) and self.lines[self._at].startswith(">"):
            line = self.lines[self._at][1:].strip()
            self._note_references(line)
            if word := _LEVEL_WORD.search(line):
                self._fault(f"{id_ or 'quote'}: {word[1]} in a quote, which binds no one")
            words.append(line)
            self._at += 1
        return (begin, " ".join(words)) if words else None

    def _freedom(self, id_: str | None, text: str, at: int) -> None:
        match = _FREEDOM.fullmatch(text)
        if not match:
            form = "> Freedom: name — Text. [Guests: UHY-AREA-000.] [No variant: reason.]"
            self._fault(f"a freedom that is not of the form '{form}'", at)
            return
        guests = tuple(re.split(r",\s*", match["guests"])) if match["guests"] else ()
        if odd := [guest for guest in guests if not ID.fullmatch(guest)]:
            self._fault(f"freedom {match['name']}: '{odd[0]}' is not an id", at)
        self.freedoms.append(
            Freedom(match["name"], match["text"], id_, guests, match["why"], self.path, at + 1)
        )
