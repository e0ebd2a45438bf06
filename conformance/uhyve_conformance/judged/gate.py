# SPDX-License-Identifier: MIT OR Apache-2.0
"""The judge's own gate: each mistake of guests/bad is named, where it is made and by nothing
else; the suite's guests are clean but for what they test with; table and chapters agree."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ..errors import Exit, SuiteError, UsageError
from ..guarded import scratch
from ..image import prepare
from ..local import WORK
from ..options import at_once
from ..paths import BUILD, GUESTS, shown
from ..spec import Specification, read_spec
from . import elsewhere, verdict
from .rules import Rule, faults, read_rules
from .run import Here, Request, Runner, Settings

BAD = GUESTS / "bad"
BREAKS = BAD / "breaks.toml"
TABLES = (("mistakes.def", "bad-2.elf"), ("mistakes_3.def", "bad-3.elf"))
FOLDERS = {"x86_64": BUILD / "bad", "aarch64": BUILD / "bad/aarch64"}
FILES = {"f": b"0123456789", "second": b"2", "third-and-longer": b"3"}
_ROW = re.compile(r'^MISTAKE(?:_(X86_64|AARCH64))?\((\w+), "([^"]*)", "([^"]*)"\)$', re.M)
_MAGIC = b"UHYPATCH"


@dataclass(frozen=True)
class Mistake:
    """A row of mistakes.def."""

    name: str
    number: int
    image: str
    arch: str | None  # None: a guest of either can make it
    says: frozenset[str]
    settings: tuple[str, ...]

    def value(self, key: str, default: str = "") -> str:
        """The value of KEY=VALUE among the settings."""
        return next((w[len(key) + 1 :] for w in self.settings if w.startswith(key + "=")), default)


def read_mistakes() -> list[Mistake]:
    """All mistakes, in the order of their numbers."""
    found: list[Mistake] = []
    for table, image in TABLES:
        for arch, name, says, settings in _ROW.findall((BAD / table).read_text(encoding="utf-8")):
            found.append(
                Mistake(
                    name,
                    len(found) + 1,
                    image,
                    arch.lower() or None,
                    frozenset(says.split()),
                    tuple(settings.split()),
                )
            )
    return found


def check(
    only: list[str],
    jobs: int,
    suite: Path | None,
    correct: list[Path],
    arch: str = "x86_64",
    skipped: Sequence[str] = (),
    vmm: Path | None = None,
) -> int:
    """Runs the gate; its exit status. Elsewhere than here what is correct is not judged again."""
    spec, rules = read_spec(), read_rules()
    mistakes = read_mistakes()
    away = elsewhere.is_elsewhere("auto", arch)
    chosen = [
        mistake
        for mistake in mistakes
        if mistake.arch in (None, arch) and (not only or mistake.name in only)
    ]
    if not chosen:
        raise UsageError(f"no mistake {' or '.join(only)}; guests/bad has all")
    problems = faults(rules, spec)
    if not only:
        problems += list(_without_mistake(mistakes, rules))
    with scratch("uhyve-judge-") as place:
        lay_out_files(place)
        settings = [settings_of(mistake, place, arch) for mistake in chosen]
        runner: Runner = elsewhere.Elsewhere(arch) if away else Here(vmm)
        if isinstance(runner, elsewhere.Elsewhere):
            runs = [r for m, s in zip(chosen, settings, strict=True) for r in _runs_of(m, s)]
            runner.make(runs, listing=any(run.freedoms for run in runs))

        def try_one(i: int) -> list[str]:
            return _try(chosen[i], settings[i], runner, arch, spec, rules)

        with ThreadPoolExecutor(at_once(jobs)) as pool:
            for lines in pool.map(try_one, range(len(chosen))):
                problems += lines
        edits = 0 if only or away else len(EDITS)
        if edits:
            problems += _try_edits(place, spec, rules)
        for image in correct:
            problems += _try_correct(image, place, Here(vmm), spec, rules)
    guests = 0
    if suite:
        guests, lines = _suite(suite)
        problems += lines
    for problem in problems:
        print(f"FAIL  {problem}")
    print(
        f"{len(chosen)} mistakes, {edits} edited images, {len(correct)} correct guests, "
        f"{guests} guests of the suite"
    )
    passed = max(len(chosen) + edits + len(correct) + guests - len(problems), 0)
    left_out = f", {len(skipped)} skipped: {'; '.join(skipped)}" if skipped else ""
    print(f"{passed} passed, {len(problems)} failed{left_out}")
    return Exit.FAILURES if problems else Exit.OK


def lay_out_files(place: Path) -> None:
    """The files that the mistakes find below /data."""
    (place / "data").mkdir()
    for name, content in FILES.items():
        (place / "data" / name).write_bytes(content)


def _without_mistake(mistakes: list[Mistake], rules: dict[str, Rule]) -> Iterator[str]:
    """Each rule that can be decided is shown by a mistake, or by an edit of an image."""
    shown_ids = {id_ for m in mistakes for id_ in m.says} | {e.says for e in EDITS}
    for id_, rule in rules.items():
        if rule.how != "NEVER" and id_ not in shown_ids:
            yield f"{id_}: no mistake of guests/bad shows it"


# ---- Mistakes ------------------------------------------------------------------------------------


def image_of(mistake: Mistake, place: Path, arch: str = "x86_64") -> Path:
    """The image in which it makes this mistake."""
    built = FOLDERS[arch] / mistake.image
    if not built.exists():
        raise SuiteError(f"{shown(built)} is missing; `make judge ARCH={arch}` builds it")
    elf = built.read_bytes()
    edits = tuple(word[5:] for word in mistake.settings if word.startswith("edit="))
    path = place / f"{mistake.name}.elf"
    path.write_bytes(prepare(elf, elf.index(_MAGIC), 0, mistake.number, edits))
    return path


def settings_of(mistake: Mistake, place: Path, arch: str) -> Settings:
    """How it is run."""
    return Settings(
        image=image_of(mistake, place, arch),
        cpus=int(mistake.value("cpus", "1")),
        mappings=((place / "data", "/data"),),
        stdin=mistake.value("stdin").encode(),
        hold_stdin="input" in mistake.settings,
        time_limit=float(mistake.value("stop", "20")),
    )


def _runs_of(mistake: Mistake, settings: Settings) -> list[Request]:
    """The runs that judging it takes."""
    plain, freedom = Request(settings), mistake.value("freedom")
    return [plain, plain, Request(settings, (freedom,))] if freedom else [plain]


def _try(
    mistake: Mistake,
    settings: Settings,
    runner: Runner,
    arch: str,
    spec: Specification,
    rules: dict[str, Rule],
) -> list[str]:
    """The faults in the judgement of a mistake."""
    freedom = mistake.value("freedom")
    options = verdict.Options(freedoms=(freedom,) if freedom else ())
    judged = verdict.judge(settings, arch, options, spec, rules, runner)
    got = {finding.rule for finding in judged.findings}
    problems = []
    if got != mistake.says:
        problems.append(
            f"{mistake.name}: wanted {' '.join(sorted(mistake.says))}, "
            f"got {' '.join(sorted(got)) or 'nothing'}"
        )
    for finding in judged.findings:
        wrong_place = finding.place and f"(mistake_{mistake.name}+" not in finding.place
        if wrong_place and "nowhere" not in mistake.settings:
            problems.append(f"{mistake.name}: {finding.rule} is said to be at {finding.place}")
    return problems


def _try_correct(
    image: Path, place: Path, runner: Runner, spec: Specification, rules: dict[str, Rule]
) -> list[str]:
    """A correct guest under every freedom that it can notice."""
    settings = Settings(image.absolute(), mappings=((place / "data", "/data"),))
    judged = verdict.judge(settings, "x86_64", verdict.Options(), spec, rules, runner)
    problems = [f"{image.name}: {f.rule} is said of it: {f.what}" for f in judged.findings]
    if judged.ended != "exit" or len(judged.runs) < 2:
        problems.append(f"{image.name}: it was not judged: {judged.ended}, {judged.runs}")
    return problems


# ---- Images ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Edit:
    """A change of a correct image that breaks what the image alone shows."""

    says: str
    edits: tuple[str, ...]
    image: str = "bad-2.elf"


EDITS = (
    Edit("UHY-BOOT-100", ("no-entry-note",)),
    Edit("UHY-BOOT-101", ("no-interface-note",)),
    Edit("UHY-BOOT-101", ("interface=0x02000000",)),
    Edit("UHY-BOOT-102", ("type=2",)),
    Edit("UHY-VER-060", (), "needless.elf"),
    Edit("image-os-abi", ("osabi=0",)),
    Edit("image-form", ("entry=0x7fffffff",)),
    Edit("image-form", ("segments-overlap",)),
    Edit("image-form", ("machine=183",)),
    Edit("image-form", ("not-elf",)),
)


def _try_edits(place: Path, spec: Specification, rules: dict[str, Rule]) -> list[str]:
    problems = []
    for number, edit in enumerate((Edit("", ()), Edit("", (), "bad-3.elf"), *EDITS)):
        elf = (BUILD / "bad" / edit.image).read_bytes()
        path = place / f"edit-{number}.elf"
        if edit.edits:
            elf = prepare(elf, elf.index(_MAGIC), 0, 0, edit.edits)
        path.write_bytes(elf)
        options = verdict.Options(image_only=True)
        judged = verdict.judge(Settings(path), "x86_64", options, spec, rules)
        got = {finding.rule for finding in judged.findings}
        if got != ({edit.says} if edit.says else set()):
            name = " ".join(edit.edits) or f"unchanged {edit.image}"
            problems.append(f"{name}: wanted {edit.says or 'nothing'}, got {got or 'nothing'}")
    return problems


# ---- The suite's guests -------------------------------------------------------------------------------


def _suite(runs: Path) -> tuple[int, list[str]]:
    """The number of guests in the suite, and the differences between the VMM's reports on
    them and the rules that they break on purpose."""
    breaks = tomllib.loads(BREAKS.read_text(encoding="utf-8"))
    unjudged, anything = set(breaks.pop("unjudged")), set(breaks.pop("anything"))
    wanted: dict[str, set[str]] = {}
    for id_, guests in breaks.items():
        for guest in guests:
            wanted.setdefault(guest, set()).add(id_)
    got: dict[str, set[str]] = {}
    ran: set[str] = set()
    problems = []
    for run in sorted(runs.iterdir()):
        guest, report = run.name.split(".")[0], run / WORK / "judge.json"
        ran.add(guest)
        if not report.exists() or not report.stat().st_size:
            if guest not in unjudged:
                problems.append(f"{run.name}: the VMM left no report")
            continue
        found = json.loads(report.read_text(encoding="utf-8"))["findings"]
        got.setdefault(guest, set()).update(finding["id"] for finding in found)
    if not got:
        raise SuiteError(f"{shown(runs)}: no run left a judge.json")
    for guest in sorted({*wanted, *unjudged, *anything} - ran):
        problems.append(f"{guest} of {shown(BREAKS)} did not run")
    for guest in sorted(({*wanted, *got} & ran) - anything):
        has, may = got.get(guest, set()), wanted.get(guest, set())
        for id_ in sorted(has - may):
            problems.append(f"{guest} breaks {id_}: mend it, or say why in {shown(BREAKS)}")
        for id_ in sorted(may - has):
            problems.append(f"{guest} does not break {id_}, as {shown(BREAKS)} has it")
    return len(ran), problems
