# SPDX-License-Identifier: MIT OR Apache-2.0
"""`explore`: random sequences of calls against the executable specification."""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from .. import paths
from ..adapter import Adapter, load_adapter
from ..architectures import JUDGED
from ..capabilities import of_version
from ..environment import check_limits, claim, empty
from ..errors import Exit, SuiteError, UsageError
from ..executor import Executor
from ..explored import place
from ..guarded import scratch
from ..host import in_memory
from ..local import LocalExecutor
from ..machine.choose import choose
from ..manifest import Run
from ..options import count, seconds, several
from ..paths import shown
from ..report import write_reports as refresh_reports
from ..results import read_results
from ..session import make_machine
from ..spec import Specification, read_spec
from ..text import did_you_mean
from . import requirements
from .campaign import Campaign, Limits
from .check import Coverage, Difference, judge
from .findings import Finding
from .folder import slug, summary, write_finding, write_reports
from .groups import IN_A_GUEST, batch_of, judge_groups, parse_group
from .merge import merge
from .probe import NoGuest, declared, offered
from .script import MOST_CPUS
from .steps import Step, parse
from .subject import Subject

CORPUS = Path(__file__).parent / "corpus.txt"
GROUP_RUNS = 20  # guests in which a group is replayed: each run depends on chance
PROGRESS = 5.0  # seconds between two lines, where no one sees them change


def add_parsers(command: Callable[[str, object, str], argparse.ArgumentParser]) -> None:
    sub = command("explore", explore, "search for differences by random sequences of calls")
    sub.add_argument("--hypervisor", default="reference", help="a name, or an adapter's TOML file")
    sub.add_argument("--arch", choices=JUDGED, default="x86_64")
    sub.add_argument("--machine", choices=("auto", "kvm", "qemu"), default="auto")
    sub.add_argument(
        "--program", type=Path, help="use another program in the adapter's command line"
    )
    sub.add_argument("--seconds", type=seconds, default=60.0, help="duration (60)")
    sub.add_argument("--sequences", type=count, help="stop after this many sequences")
    sub.add_argument("--findings", type=count, help="stop after this many differences")
    sub.add_argument("--seed", type=int, default=1, help="the same seed gives the same sequences")
    sub.add_argument(
        "--interface",
        type=int,
        choices=(2, 3),
        help="version in the guest's interface note (the newest)",
    )
    sub.add_argument("--batch", type=count, default=32, help="sequences per guest (32)")
    sub.add_argument("--faults", type=count, default=1, help="most mistakes in one call (1)")
    several(sub, "--only", metavar="CALL", help="explore only this call; may be repeated")
    sub.add_argument("--one-vcpu", action="store_true", help="no sequences on several vCPUs")
    sub.add_argument("--vcpus", type=int, choices=(2, 3, 4), help="only those, on up to so many")
    sub.add_argument(
        "--reached", type=float, metavar="PERCENT", help="fail below this part of the model"
    )
    sub.add_argument("--no-corpus", action="store_true", help="do not replay known sequences first")
    several(sub, "--replay", metavar="SEQUENCE", help="run only this sequence")
    sub.add_argument("--output", type=Path, help="directory of the results")
    sub.add_argument(
        "--merge",
        nargs="+",
        type=Path,
        metavar="DIRECTORY",
        help="explore nothing; join what several machines found, by difference",
    )
    sub.add_argument("--guest", type=Path, help="the script guest's ELF")


def explore(options: argparse.Namespace) -> int:
    spec = _spec()
    if options.merge:
        return _merge(options, spec)
    adapter = load_adapter(options.hypervisor)
    machine = choose(options.machine, options.arch)[0] if adapter.kvm else "kvm"
    adapter = adapter.for_machine(options.arch, machine)
    version = adapter.ask_version() if machine == "kvm" else "on an emulated machine"
    claimed = [n for n in (2, 3) if of_version(n) in adapter.capabilities]
    interface = options.interface or max(claimed, default=2)
    elf = options.guest or paths.BUILD / "explore" / options.arch / "script.elf"
    if not elf.is_file():
        raise SuiteError(f"{shown(elf)} is missing; `make explore` builds it")
    directory = options.output or place(adapter.name, options.arch)
    adapter.check_runs([_run(vcpus=2 if "smp" in adapter.capabilities else 1)])
    check_limits()
    if not options.replay:
        claim(directory)
    with scratch(f"explore-{os.getpid()}-", in_memory()) as place_of_jobs:
        executor: Executor = LocalExecutor(place_of_jobs, scratch=True)
        if machine != "kvm":
            executor = make_machine("qemu", options.arch, place_of_jobs, adapter.bundle())
        subject = Subject(
            adapter.name,
            _command(adapter, options.program),
            elf.read_bytes(),
            frozenset(adapter.crash),
            interface,
            shrinks=not executor.batch,
        )
        try:
            if executor.batch:
                calls, absent = declared(adapter.capabilities, interface)
            else:
                calls, absent = offered(subject, executor, interface)
        except NoGuest as problem:
            raise SuiteError(str(problem)) from None
        for call, reason in absent.items():
            print(f"not explored: {call}: {reason}")
        calls = _selected(calls, options.only)
        limits = Limits(
            options.seconds, options.sequences, options.findings, options.batch, options.faults
        )
        campaign = Campaign(subject, executor, options.seed, limits, calls)
        if "smp" in adapter.capabilities and not options.one_vcpu:
            campaign.cpus = options.vcpus or MOST_CPUS
        campaign.groups_only = options.vcpus is not None
        if options.replay:
            return _replay(subject, executor, options.replay)
        corpus = [] if options.no_corpus else read_corpus(CORPUS, calls)
        empty(directory)
        gc.set_threshold(100_000, 50, 50)  # states have no cycles, and there are many of them
        status = _search(campaign, corpus, directory, version, spec)
        if status == Exit.OK and options.reached and _part(campaign) < options.reached:
            print(f"{_part(campaign):.1f} % of the model seen, {options.reached:g} % are asked for")
            status = Exit.FAILURES
    if options.output is None:
        _refresh(adapter.name, options.arch)
    return status


def _merge(options: argparse.Namespace, spec: Specification | None) -> int:
    """Joins the results of several searches."""
    if options.output is None:
        raise UsageError("--merge needs --output, the directory of the joined results")
    results = merge(options.merge, options.output)
    if spec is not None:
        text = requirements.coverage(spec, results["requirements"]["reached"])
        (options.output / "coverage.txt").write_text(text + "\n")
    for finding in results["findings"]:
        print(f"{finding['name']}  (seeds {', '.join(map(str, finding['seeds']))})")
    found = len(results["findings"])
    print(
        f"{len(options.merge)} searches, {results['sequences']:,} sequences, {results['steps']:,} "
        f"steps: {found} differences; {shown(options.output)}"
    )
    return Exit.FAILURES if found else Exit.OK


def _refresh(name: str, arch: str) -> None:
    """Rewrites the suite's reports on this hypervisor, so that they show what was found."""
    suite = paths.OUTPUT / "conformance" / f"{name}-{arch}"
    if (suite / "results.json").is_file():
        refresh_reports(read_results(suite / "results.json"), suite)


def _search(
    campaign: Campaign,
    corpus: list[list[Step]],
    directory: Path,
    version: str,
    spec: Specification | None,
) -> int:
    print(
        f"{campaign.subject.name} ({version}), seed {campaign.seed}, {len(corpus)} sequences of the corpus first"
    )
    progress = _Progress(campaign)
    interrupted = False
    try:
        campaign.run(corpus, progress.tick)
    except KeyboardInterrupt:
        interrupted = True
    progress.clear()
    folders = {}
    for number, finding in enumerate(campaign.findings.values(), 1):
        folders[finding.name] = f"{number:02}-{slug(finding.name)}"
        if finding.group:
            job = batch_of(campaign.subject, "repeat", [finding.group]).job
        else:
            job = campaign.subject.batch("repeat", [list(finding.sequence)], finding.umask).job
        write_finding(directory / folders[finding.name], finding, job, campaign, version, spec)
    write_reports(directory, summary(campaign, directory, folders, version))
    if spec is not None:
        (directory / "coverage.txt").write_text(
            requirements.coverage(spec, campaign.coverage.reached) + "\n"
        )
    print_summary(campaign, directory)
    if interrupted:
        return Exit.INTERRUPTED
    if not campaign.sequences:
        return Exit.NOTHING
    return Exit.FAILURES if campaign.findings else Exit.OK


def _part(campaign: Campaign) -> float:
    """How much of the model was seen, in percent."""
    named = requirements.named()
    return 100 * len(named & set(campaign.coverage.reached)) / len(named)


def print_summary(campaign: Campaign, directory: Path) -> None:
    families: dict[str, list[Finding]] = {}
    for finding in campaign.findings.values():
        call, _, rest = finding.name.partition(" ")
        families.setdefault(rest, []).append(finding)
    if campaign.findings:
        print(f"\n{len(campaign.findings)} differences of {len(families)} kinds:")
    for kind, findings in families.items():
        print(f"  {kind}: {', '.join(f.name.partition(' ')[0] for f in findings)}")
    if campaign.coverage.unmet:
        unmet = ", ".join(f"{i} ({n})" for i, n in sorted(campaign.coverage.unmet.items()))
        print(f"tolerated, a SHOULD is not met: {unmet}")
    named = requirements.named()
    reached = named & set(campaign.coverage.reached)
    rate = campaign.steps / max(campaign.elapsed, 0.001)
    print(
        f"{campaign.sequences:,} sequences, {campaign.steps:,} steps in {campaign.elapsed:.1f} s "
        f"({rate:,.0f} steps/s); {len(reached)} of {len(named)} requirements of the model seen; "
        f"{len(campaign.findings)} differences"
    )
    print(
        "1 passed, 0 failed"
        if not campaign.findings
        else f"0 passed, {len(campaign.findings)} failed"
    )
    print(f"results, and coverage.txt: {shown(directory)}")


class _Progress:
    """A line that changes on a terminal, and one now and then elsewhere."""

    def __init__(self, campaign: Campaign) -> None:
        self._campaign, self._live, self._last = campaign, sys.stdout.isatty(), time.monotonic()
        campaign.tell = self.tell
        self._named = requirements.named()

    def tell(self, text: str) -> None:
        self.clear()
        print(text, flush=True)

    def clear(self) -> None:
        if self._live:
            print("\r\033[K", end="")

    def tick(self) -> None:
        now = time.monotonic()
        if now - self._last < (0.2 if self._live else PROGRESS):
            return
        self._last, campaign = now, self._campaign
        reached = len(self._named & set(campaign.coverage.reached))
        line = (
            f"{campaign.elapsed:5.0f} s  {campaign.sequences:,} sequences  {campaign.steps:,} steps  "
            f"{len(campaign.findings)} differences  {reached}/{len(self._named)} requirements"
        )
        print(f"\r\033[K{line}" if self._live else line, end="" if self._live else "\n", flush=True)


def _replay(subject: Subject, executor: Executor, lines: list[str]) -> int:
    failed = False
    for line in lines:
        try:
            difference = _replayed(subject, executor, line)
        except (ValueError, SyntaxError) as problem:
            raise UsageError(f"not a sequence: {problem}") from None
        failed |= difference is not None
        print(
            line
            if difference is None
            else f"{line}\n  {difference.signature}\n  expected {difference.expected}\n"
            f"  actual {difference.actual}"
        )
        print(
            "  as allowed" if difference is None else f"  requirements {', '.join(difference.ids)}"
        )
    return Exit.FAILURES if failed else Exit.OK


def _replayed(subject: Subject, executor: Executor, line: str) -> Difference | None:
    """The difference of a sequence, or of one of several runs of a group."""
    if "||" not in line:
        batch = subject.batch("replay", [parse(line)])
        return judge(subject, batch, executor.run([batch.job])[0])[0].difference
    made = batch_of(subject, "replay", [parse_group(line)] * IN_A_GUEST)
    for _ in range(GROUP_RUNS):
        outcome = executor.run([made.job])[0]
        for verdict in judge_groups(subject, made, outcome, Coverage()):
            if verdict.difference is not None:
                return verdict.difference
    return None


def read_corpus(path: Path, calls: frozenset[str]) -> list[list[Step]]:
    """The sequences of a file, those whose calls are all there."""
    sequences = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            sequence = parse(line)
        except (ValueError, SyntaxError) as problem:
            raise SuiteError(f"{shown(path)}:{number}: {problem}") from None
        if all(step.call in calls for step in sequence):
            sequences.append(sequence)
    return sequences


def _selected(calls: frozenset[str], only: list[str]) -> frozenset[str]:
    if unknown := set(only) - calls:
        raise UsageError(
            f"'{min(unknown)}' is not a call that can be explored; there are {', '.join(sorted(calls))}"
            f"{did_you_mean(min(unknown), calls)}"
        )
    return frozenset(only) or calls


def _command(
    adapter: Adapter, program: Path | None
) -> Callable[[dict[str, str], int], tuple[str, ...]]:
    located = str(program.resolve()) if program else adapter.program()

    def command(mappings: dict[str, str], vcpus: int) -> tuple[str, ...]:
        return (located, *adapter.argv(_run(mappings, vcpus))[1:])

    return command


def _run(mappings: Mapping[str, str] | None = None, vcpus: int = 1) -> Run:
    """What the adapter sees of a sequence."""
    return Run("explore", "", (), memory=64, vcpus=vcpus, mappings=mappings or {"/m": "m"})


def _spec() -> Specification | None:
    return read_spec(paths.SPEC) if paths.SPEC.is_dir() else None
