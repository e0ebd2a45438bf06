# SPDX-License-Identifier: MIT OR Apache-2.0
"""The search: draws batches, runs them, shrinks what differs, and continues around it.

What is drawn depends on the seed and on what was found before, never on the
clock: time only decides where the search stops.
"""

from __future__ import annotations

import random
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from ..executor import Executor, Outcome
from . import groups, world
from .check import Coverage, Difference, Verdict, judge
from .findings import Finding, blame, label_features
from .generate import BASES, Generator, Screen
from .model import Ram
from .script import MOST_CPUS, Group
from .shrink import shrink
from .steps import Step
from .subject import Batch, Subject

UMASKS = (0o022, 0o022, 0o022, 0o077)
KNOWN_SMALL = 3  # steps of a sequence of the corpus that is not made smaller
GROUPS_EVERY = 20  # batches
GUESTS_IN_A_ROUND = 32  # where all jobs are wanted at once
LANES = 2  # batches that run at the same time
EMPTY = 40  # draws in a row of which nothing is left, before a batch is closed


@dataclass
class Limits:
    seconds: float = 60.0
    sequences: int | None = None
    findings: int | None = None
    batch: int = 32
    most_faults: int = 1


@dataclass
class Campaign:
    """One run of the explorer on one hypervisor."""

    subject: Subject
    executor: Executor
    seed: int = 1
    limits: Limits = field(default_factory=Limits)
    calls: frozenset[str] | None = None
    tell: Callable[[str], None] = print
    cpus: int = 1  # up to so many vCPUs at a time
    groups_only: bool = False  # no sequences on one vCPU

    findings: dict[str, Finding] = field(default_factory=dict)
    coverage: Coverage = field(default_factory=Coverage)
    echoes: Counter[str] = field(default_factory=Counter)
    sequences: int = 0
    steps: int = 0
    batches: int = 0

    def __post_init__(self) -> None:
        rnd = random.Random(self.seed)
        self._generator = Generator(rnd, links=self.subject.links)
        if self.calls is not None:
            self._generator = Generator(rnd, self.calls, self.subject.links)
        self._groups = groups.Groups(random.Random(self.seed), self._generator.calls)
        self._rounds = 0
        parts = world.EVERYTHING - (set() if self.subject.links else {"links"})
        self._fresh = world.initial_state(Ram(BASES[2], BASES[3]), 0o022, parts)
        self.screen = Screen(self._fresh, most_faults=self.limits.most_faults)
        self._corpus: Sequence[list[Step]] = ()
        self._begin = time.monotonic()

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self._begin

    def out_of_limits(self) -> bool:
        limits = self.limits
        return (
            self.elapsed >= limits.seconds
            or limits.sequences is not None
            and self.sequences >= limits.sequences
            or limits.findings is not None
            and len(self.findings) >= limits.findings
        )

    # ---- Running ------------------------------------------------------------

    def run(
        self, corpus: Sequence[list[Step]] = (), progress: Callable[[], None] = lambda: None
    ) -> None:
        """Replays the corpus, then searches until a limit is reached."""
        if self.executor.batch:
            self._run_rounds(corpus, progress)
            return
        while self.groups_only and not self.out_of_limits():
            self._run_groups()
            progress()
        with ThreadPoolExecutor(LANES) as pool:
            running: deque[tuple[Batch, Future[Outcome]]] = deque()
            for batch in self._batches(corpus):
                if self.cpus > 1 and self.batches % GROUPS_EVERY == 0:
                    self._run_groups()
                running.append((batch, pool.submit(self._run_batch, batch)))
                if len(running) > LANES:  # one is judged while the others run
                    judged, outcome = running.popleft()
                    self._learn(judged, outcome.result())
                    progress()
                if self.out_of_limits():
                    break

    def _run_rounds(self, corpus: list[list[Step]], progress: Callable[[], None]) -> None:
        """For hosts where each start is expensive: many guests at a time, and no shrinking."""
        drawn = self._batches(corpus)
        while not self.out_of_limits():
            batches = [next(drawn) for _ in range(GUESTS_IN_A_ROUND)]
            for batch, outcome in zip(batches, self.executor.run([b.job for b in batches])):
                for plan, verdict in zip(
                    batch.plans, judge(self.subject, batch, outcome, self.coverage)
                ):
                    self.sequences += verdict.ran
                    self.steps += verdict.steps
                    if (difference := verdict.difference) is not None:
                        sequence = tuple(planned.layout.step for planned in plan)
                        self._add(
                            Finding(
                                difference.signature,
                                sequence,
                                difference,
                                difference.index,
                                self.elapsed,
                                self.sequences,
                                batch.umask,
                            ),
                            label_features(difference.label),
                        )
            progress()

    def _batches(self, corpus: list[list[Step]]) -> Iterator[Batch]:
        """The corpus, then what is drawn, without end."""
        self._corpus = corpus
        may_end, plain = [], []
        for sequence in corpus:
            (plain if self.screen.sequence(sequence) == sequence else may_end).append(sequence)
        for at in range(0, len(plain), self.limits.batch):
            yield self._batch(plain[at : at + self.limits.batch], lane=True)
        for sequence in may_end:
            yield self._batch([sequence], lane=True)
        while True:
            yield self._draw()

    def _draw(self) -> Batch:
        """One batch; only its last sequence may end the machine."""
        sequences: list[list[Step]] = []
        empty = 0  # draws of which the screen left nothing
        last = False
        while not (last and sequences) and len(sequences) < self.limits.batch:
            # Also when every call that there is may end the machine.
            last = len(sequences) == self.limits.batch - 1 or empty >= EMPTY
            drawn = self._generator.sequence()
            if last:
                drawn = [*drawn[: self._generator.longest // 2], self._generator.ending_step()]
            if kept := self.screen.sequence(drawn, may_end=last):
                sequences.append(kept)
            empty = 0 if kept else empty + 1
        return self._batch(sequences, UMASKS[self._generator.rnd.randrange(len(UMASKS))], lane=True)

    def _batch(self, sequences: list[list[Step]], umask: int = 0o022, lane: bool = False) -> Batch:
        """lane: it will run beside others, so that it needs a directory that none of them has."""
        if not lane:
            return self.subject.batch("alone", sequences, umask)
        self.batches += 1
        number = self.batches if self.executor.batch else self.batches % (LANES + 2)
        return self.subject.batch(f"lane{number}", sequences, umask)

    def _run_batch(self, batch: Batch) -> Outcome:
        return self.executor.run([batch.job])[0]

    def _alone(self, sequence: list[Step], umask: int) -> Verdict:
        batch = self._batch([sequence], umask)
        return judge(self.subject, batch, self._run_batch(batch))[0]

    def _learn(self, batch: Batch, outcome: Outcome) -> None:
        """Counts, and follows up on each difference; what did not run because of one is run again."""
        while True:
            verdicts = judge(self.subject, batch, outcome, self.coverage)
            again: list[list[Step]] = []
            differed = False
            for plan, verdict in zip(batch.plans, verdicts):
                sequence = [planned.layout.step for planned in plan]
                if not verdict.ran:
                    again.append(sequence)
                    continue
                self.sequences += 1
                self.steps += verdict.steps
                if verdict.difference is not None:
                    if not self._follow_up(sequence, verdict.difference, batch.umask, differed):
                        again.append(sequence)
                    differed = True
            if not again or self.out_of_limits():
                return
            again = [
                kept for sequence in again if (kept := self.screen.sequence(sequence, may_end=True))
            ]
            if not again:
                return
            batch = self._batch(again, batch.umask)
            outcome = self._run_batch(batch)

    # ---- Several vCPUs ---------------------------------------------------------

    def _run_groups(self) -> None:
        """Groups of two vCPUs, then of three and of four, as far as there are so many."""
        cpus = 2 + self._rounds % (min(self.cpus, MOST_CPUS) - 1)
        self._rounds += 1
        drawn = [self._groups.draw(self.screen, cpus) for _ in range(groups.IN_A_GUEST)]
        for group, verdict in zip(drawn, self._judge_groups(drawn, self.coverage)):
            if not verdict.ran:
                continue
            self.sequences += cpus
            self.steps += verdict.steps
            difference = verdict.difference
            if (
                difference is None
                or difference.signature in self.findings
                or self._needs_one_vcpu(group)
            ):
                continue
            signature = difference.signature
            small = groups.shrink(group, lambda g, known=signature: known in self._signatures(g))
            if self._needs_one_vcpu(small):  # fewer calls, more of whose orders can be tried
                continue
            self.findings[signature] = finding = Finding(
                signature,
                small.steps,
                difference,
                difference.index,
                self.elapsed,
                self.sequences,
                group=small,
            )
            self._tell(finding)

    def _needs_one_vcpu(self, group: Group) -> bool:
        """True if the same calls differ on one vCPU, too: then that is the difference."""
        for sequence in groups.one_after_the_other(group):
            difference = self._alone(sequence, 0o022).difference
            if difference is not None:
                self._follow_up(sequence, difference, 0o022, suspicious=False)
                return True
        return False

    def _signatures(self, group: Group) -> set[str]:
        """The differences over several runs of a group; each run depends on chance."""
        verdicts = self._judge_groups([group] * groups.IN_A_GUEST, Coverage())
        return {v.difference.signature for v in verdicts if v.difference is not None}

    def _judge_groups(self, drawn: list[Group], coverage: Coverage) -> list[Verdict]:
        batch = groups.batch_of(self.subject, "groups", drawn)
        outcome = self.executor.run([batch.job])[0]
        return groups.judge_groups(self.subject, batch, outcome, coverage)

    # ---- Differences ---------------------------------------------------------

    def _follow_up(
        self, sequence: list[Step], difference: Difference, umask: int, suspicious: bool
    ) -> bool:
        """Shrinks and names a difference; False when it may be the work of another one in the batch."""
        noticed = self.elapsed
        # In a batch a call that ends the machine cannot be told from those before it.
        alone = self._alone(sequence, umask).difference
        if alone is None and suspicious:
            return False
        difference = alone or difference
        signature, known = difference.signature, label_features(difference.label)
        for avoided, name in self.screen.avoid.items():
            if avoided <= known:
                self.echoes[name] += 1
                return True

        def same(candidate: list[Step]) -> bool:
            found = self._alone(candidate, umask).difference
            return found is not None and found.signature == signature

        if alone is None:
            self._add(
                Finding(
                    f"only in a batch: {signature}",
                    tuple(sequence),
                    difference,
                    difference.index,
                    noticed,
                    self.sequences,
                    umask,
                    only_in_batch=True,
                ),
                known,
            )
            return True
        small = (
            shrink(sequence, same)
            if len(sequence) > KNOWN_SMALL or sequence not in self._corpus
            else sequence
        )
        final = self._alone(small, umask).difference
        if final is None or final.signature != signature:
            self._add(
                Finding(
                    f"not every time: {signature}",
                    tuple(small),
                    difference,
                    difference.index,
                    noticed,
                    self.sequences,
                    umask,
                ),
                known,
            )
            return True
        avoid, name, blamed = blame(final, small)
        self._add(Finding(name, tuple(small), final, blamed, noticed, self.sequences, umask), avoid)
        return True

    def _add(self, finding: Finding, avoid: frozenset[str]) -> None:
        known = self.screen.avoid.setdefault(avoid, finding.name)
        if known != finding.name or finding.name in self.findings:
            self.echoes[known] += 1
            return
        self.findings[finding.name] = finding
        self._tell(finding)

    def _tell(self, finding: Finding) -> None:
        self.tell(
            f"[{finding.seconds:5.1f} s] {finding.name}\n    {finding.text}\n"
            f"    expected {finding.difference.expected}; actual {finding.difference.actual}"
        )
