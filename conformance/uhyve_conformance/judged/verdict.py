# SPDX-License-Identifier: MIT OR Apache-2.0
"""The judgement of a guest: image, plain run, a run for each freedom, put together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from ..errors import SuiteError, UsageError
from ..spec import Requirement, Specification
from . import compare, elf, symbols
from .compare import Comparison
from .rules import RELIES, Rule
from .run import Here, Observation, Request, Runner, Settings

UNUSABLE = "image-form"  # a warning: the image is refused
IMAGE_SIZE = 1 << 30  # bytes of an image that are read


class Verdict(StrEnum):
    """The report on one requirement."""

    BROKEN = "BROKEN"
    OBEYED = "OBEYED"
    SILENT = "NOT_EXERCISED"
    UNDECIDED = "CANNOT_BE_DECIDED"


@dataclass(frozen=True)
class Finding:
    """A rule that was broken at one place."""

    rule: str
    what: str
    mend: str
    under: str = ""  # "image", or the freedom of the run; "": the plain run
    call: str = ""
    vcpu: int | None = None
    pc: int | None = None
    linked: int | None = None
    place: str = ""  # as the VMM has it
    function: str = ""
    source: str = ""
    count: int = 1


@dataclass(frozen=True)
class Stop:
    """Where a vCPU was when the guest was stopped, and what it did."""

    vcpu: int
    linked: int
    place: str
    what: str
    source: str = ""


@dataclass(frozen=True)
class Row:
    """One requirement on guests."""

    requirement: Requirement
    rule: Rule
    verdict: Verdict
    count: int  # how often obeyed
    reason: str
    findings: tuple[Finding, ...]


@dataclass
class Judgement:
    """All of it."""

    image: Path
    arch: str
    rows: list[Row]
    warnings: list[Finding]
    runs: list[str] = field(default_factory=list)  # "plain", or the freedoms of each run
    ended: str = ""
    messages: str = ""
    stops: list[Stop] = field(default_factory=list)  # of every vCPU, if it was stopped

    @property
    def broken(self) -> list[Row]:
        """The rules that the guest broke."""
        return [row for row in self.rows if row.verdict is Verdict.BROKEN]

    @property
    def ended_by_exit(self) -> bool:
        """Or was not run at all."""
        return self.ended in ("", "exit")

    @property
    def unusable(self) -> bool:
        """The image is refused, or would be."""
        return self.ended == "refused" or any(f.rule == UNUSABLE for f in self.warnings)

    @property
    def bad(self) -> bool:
        """It breaks a requirement, or does not get as far as to show whether it does."""
        return bool(self.broken) or not self.ended_by_exit or self.unusable

    @property
    def findings(self) -> list[Finding]:
        """Everything that is wrong or looks so."""
        return [f for row in self.broken for f in row.findings] + self.warnings


@dataclass(frozen=True)
class Options:
    """The image and the run to judge."""

    image_only: bool = False
    freedoms: tuple[str, ...] | None = None  # None: all that the guest can notice
    ignored: tuple[str, ...] = ()  # of compare.WHAT
    ignored_lines: tuple[str, ...] = ()


class _Evidence:
    """The findings so far."""

    def __init__(self, rules: dict[str, Rule]) -> None:
        self.rules = rules
        self.findings: list[Finding] = []
        self.obeyed: dict[str, int] = {}
        self.reasons: dict[str, str] = {}

    def add(self, finding: Finding) -> None:
        """Once for each place, in whatever run it was seen first."""
        for other in self.findings:
            if other.rule == finding.rule and (
                (finding.linked is not None and other.linked == finding.linked)
                or (finding.linked is None and other.what == finding.what)
            ):
                return
        self.findings.append(finding)

    def obey(self, rule: str, count: int) -> None:
        """The rule was kept that often."""
        self.obeyed[rule] = self.obeyed.get(rule, 0) + count


def judge(
    settings: Settings,
    arch: str,
    options: Options,
    spec: Specification,
    rules: dict[str, Rule],
    runner: Runner | None = None,
) -> Judgement:
    """Looks at the image and, unless only that is wanted, at its runs."""
    evidence = _Evidence(rules)
    image = _look_at_image(settings.image, arch, evidence)
    judgement = Judgement(settings.image, arch, [], [])
    if not options.image_only:
        _Runs(settings, options, evidence, judgement, runner or Here()).look()
        if judgement.ended == "refused":
            _take_refusal(judgement.messages, image, evidence)
    _add_sources(settings.image, evidence, judgement)
    for requirement in spec.of("guest"):
        judgement.rows.append(_row(requirement, arch, options, evidence))
    judgement.warnings = [f for f in evidence.findings if rules[f.rule].warning]
    return judgement


# ---- The image -----------------------------------------------------------------------------------


def _look_at_image(path: Path, arch: str, evidence: _Evidence) -> elf.Image:
    try:
        if not path.is_file():
            raise UsageError(f"{path}: {'not a file' if path.exists() else 'no such file'}")
        if path.stat().st_size > IMAGE_SIZE:
            raise UsageError(f"{path}: it has more than {IMAGE_SIZE >> 20} MiB")
        image = elf.look(path.read_bytes(), arch)
    except OSError as problem:
        raise UsageError(f"{path}: {problem.strerror}") from None
    for found in image.found:
        evidence.add(Finding(found.rule, found.what, evidence.rules[found.rule].mend, "image"))
    for rule in image.obeyed:
        evidence.obey(rule, 1)
    return image


# ---- The runs --------------------------------------------------------------------------------------


class _Runs:
    """The runs of one guest, and what they show."""

    def __init__(
        self,
        settings: Settings,
        options: Options,
        evidence: _Evidence,
        judgement: Judgement,
        runner: Runner,
    ) -> None:
        self.settings, self.options = settings, options
        self.evidence, self.judgement, self.runner = evidence, judgement, runner

    def look(self) -> None:
        """A plain run; if it ends by Exit, a second one and those under freedoms."""
        (plain,) = self.runner.run([Request(self.settings)])
        self.judgement.runs.append("plain")
        self.judgement.ended, self.judgement.messages = plain.ended, plain.messages
        self.judgement.stops = [
            Stop(number, stop["linked"], stop["place"], stop["what"])
            for number, stop in enumerate((plain.report or {}).get("vcpus", []))
        ]
        _take(plain, "", self.evidence)
        if plain.ended == "exit" and self.options.freedoms != ():
            self._under_freedoms(plain)
        elif self.options.freedoms != ():
            _give_reason(self.evidence, "the guest did not end by Exit")

    def _under_freedoms(self, plain: Observation) -> None:
        options, (again,) = self.options, self._run([()])
        comparison = compare.prepare(plain, again, options.ignored, options.ignored_lines)
        names, texts = self._choose()
        for name, seen in zip(names, self._run([(name,) for name in names]), strict=True):
            if name not in seen.taken:
                continue
            self.judgement.runs.append(name)
            _take(seen, name, self.evidence)
            _compare(name, texts[name], seen, comparison, self.evidence)

    def _choose(self) -> tuple[list[str], dict[str, str]]:
        """The freedoms to run under, and what each is. Only those that the guest can notice."""
        known = {name: (goes, what) for name, goes, what in self.runner.freedoms()}
        texts = {name: what for name, (_, what) in known.items()}
        if self.options.freedoms is not None:
            for name in self.options.freedoms:
                if name not in known:
                    raise UsageError(
                        f"no freedom '{name}'; `uhyve-ref-freedoms --list-freedoms` has all"
                    )
            return list(self.options.freedoms), texts
        together = [name for name, (goes, _) in known.items() if goes == "together"]
        # One freedom may keep the guest from where it would meet another: few at a time.
        groups = [tuple(together[i : i + 8]) for i in range(0, len(together), 8)]
        taken = frozenset[str]().union(*(seen.taken for seen in self._run(groups)))
        return [name for name in together if name in taken], texts

    def _run(self, freedoms: Sequence[tuple[str, ...]]) -> list[Observation]:
        """Runs that have to have been some, since the plain one was."""
        seen = self.runner.run([Request(self.settings, each) for each in freedoms])
        return [_whole(one, each) for one, each in zip(seen, freedoms, strict=True)]


def _whole(seen: Observation, freedoms: tuple[str, ...]) -> Observation:
    if seen.report is None:
        under = f"under {', '.join(freedoms)}" if freedoms else "the second time"
        raise SuiteError(f"the VMM gave no report {under}: {seen.messages.strip()}")
    return seen


def _give_reason(evidence: _Evidence, reason: str) -> None:
    """Why what a freedom shows was not exercised."""
    for id_, rule in evidence.rules.items():
        if rule.how == "FREEDOM":
            evidence.reasons[id_] = reason


def _take_refusal(messages: str, image: elf.Image, evidence: _Evidence) -> None:
    """The VMM did not start it: for the image, for the options, or for the host."""
    of_image = re.search(r"^uhyve-ref[a-z-]*: image [^:]*: (.*)$", messages, re.M)
    if not of_image:
        said = messages.strip() or "it says nothing"
        raise (UsageError if " --help" in said else SuiteError)(f"the VMM did not run it: {said}")
    if not image.found:
        mend = evidence.rules[UNUSABLE].mend
        evidence.add(Finding(UNUSABLE, f"the VMM refuses it: {of_image[1]}", mend, "image"))


def _take(observed: Observation, under: str, evidence: _Evidence) -> None:
    """The findings of the VMM itself."""
    if not observed.report:
        return
    placed = {found["id"] for found in observed.report["findings"]}
    for row in observed.report["rules"]:
        rule = evidence.rules[row["id"]]
        if not under and row["obeyed"]:
            evidence.obey(rule.id, row["obeyed"])
        if row["broken"] and rule.id not in placed:
            what = "where is not known: it has done too much else that is wrong"
            evidence.add(Finding(rule.id, what, rule.mend, under, count=row["broken"]))
    for found in observed.report["findings"]:
        evidence.add(
            Finding(
                rule=found["id"],
                what=found["what"],
                mend=evidence.rules[found["id"]].mend,
                under=under,
                call=found["call"] or "",
                vcpu=found["vcpu"],
                pc=found["pc"],
                linked=found["linked"],
                place=found["place"],
                count=found["count"],
            )
        )


def _compare(
    name: str, text: str, observed: Observation, comparison: Comparison, evidence: _Evidence
) -> None:
    """True if the guest depends on what the freedom changed."""
    rule = next((r for r in evidence.rules.values() if name in r.freedoms), None)
    differences = comparison.differences(observed)
    if not differences:
        if rule:
            evidence.obey(rule.id, 1)
        return
    # To print another error number is not a mistake; to end because of it is one.
    if rule and rule.id == "UHY-ERR-060" and differences[0].what != "status":
        rule = None
    id_ = rule.id if rule else RELIES
    what = f"when {text}: " + "; ".join(d.text for d in differences)
    evidence.add(Finding(id_, what, evidence.rules[id_].mend, name))


# ---- Together -----------------------------------------------------------------------------------------


def _add_sources(image: Path, evidence: _Evidence, judgement: Judgement) -> None:
    places = [_instruction(f) for f in evidence.findings if f.linked]
    found = symbols.frames(image, places + [stop.linked for stop in judgement.stops])
    for i, stop in enumerate(judgement.stops):
        frame = symbols.relevant(found.get(stop.linked, []))
        if frame:
            judgement.stops[i] = replace(stop, source=frame.source)
    for i, finding in enumerate(evidence.findings):
        frame = symbols.relevant(found.get(_instruction(finding), []))
        if finding.linked is not None and frame:
            evidence.findings[i] = replace(finding, function=frame.function, source=frame.source)


def _instruction(finding: Finding) -> int:
    """An address of the instruction: on some hosts that of a call is the one after it."""
    return (finding.linked or 0) - (1 if finding.call else 0)


def _row(requirement: Requirement, arch: str, options: Options, evidence: _Evidence) -> Row:
    rule = evidence.rules[requirement.id]
    findings = tuple(f for f in evidence.findings if f.rule == requirement.id)
    count = evidence.obeyed.get(requirement.id, 0)
    reason = evidence.reasons.get(requirement.id, "")
    if findings:
        verdict = Verdict.BROKEN
    elif requirement.arch not in (None, arch):
        verdict, reason = Verdict.SILENT, f"it is about {requirement.arch}"
    elif rule.how == "NEVER":
        verdict, reason = Verdict.UNDECIDED, rule.mend
    elif count:
        verdict = Verdict.OBEYED
    else:
        verdict = Verdict.SILENT
        if options.image_only and rule.how != "STATIC":
            reason = "the image alone does not show it"
    return Row(requirement, rule, verdict, count, reason, findings)


def unmet(judgement: Judgement, required: Sequence[str]) -> list[str]:
    """Ids that were to be exercised and were not."""
    verdicts = {row.requirement.id: row.verdict for row in judgement.rows}
    return [id_ for id_ in required if verdicts[id_] in (Verdict.SILENT, Verdict.UNDECIDED)]
