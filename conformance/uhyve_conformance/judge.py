# SPDX-License-Identifier: MIT OR Apache-2.0
"""From what a run did to what it says about each requirement: a pure function.

The rules, in the order in which they apply:

1. A job that could not be done says nothing: ERROR.
2. A console without the right answer to the challenge does not come from this run of
   this guest: no test of it counts. The same goes for a console that is not TAP, and
   for a guest that bails out (ERROR).
3. A test that ended has its own verdict. A test that had begun when the machine ended
   gets that end as its verdict (CRASH, TIMEOUT, FAIL), unless it had said that the
   machine may end and it ended in an orderly way with a status other than 0: PASS.
   What comes after it is BLOCKED by it.
4. An end that contradicts the console (all tests ok, but a crash or another status)
   takes all of its tests with it.
5. A test that the image owes and that no one reported is ERROR, or what ended the run.
6. The host judges its own expectations by exact output, status and files, but only in a
   run that answered the challenge, where it is to answer. What the host judges in a run
   with TAP takes what happened to that run, like every other id of it: a console that
   stops short, or an end that contradicts it, leaves nothing to be judged as sound.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field, replace

from .executor import OUTPUT_FLOOD, Node, Outcome
from .image import response
from .limits import scaled
from .manifest import Run
from .manifest_keys import After
from .tap import Tap, parse_tap
from .verdicts import Verdict

_SILENT = "the guest did not answer the challenge: it did not run, or its console is lost"
# A shell reports a signal as 128 plus its number, which is at most 64.
SIGNALLED = range(129, 193)
# Exit codes of a guest whose tests were all ok, and of one with a test that was not.
OK, FAILED = 0, 1


@dataclass(frozen=True)
class Check:
    """One answer to one requirement from one run."""

    id: str
    verdict: Verdict
    what: str  # what was checked
    source: str  # console, stdout, status, files, refusal, suite
    reason: str = ""  # why it is not PASS
    expected: str = ""
    actual: str = ""
    details: dict[str, object] = field(default_factory=dict)  # call, block, at_byte …


@dataclass(frozen=True)
class End:
    """The way the hypervisor ended; the verdict is PASS if the end was orderly."""

    verdict: Verdict
    text: str
    status: int | None = None


def judge(
    run: Run, outcome: Outcome, challenge: int, crash_statuses: Collection[int] = ()
) -> tuple[End, list[Check]]:
    """The end of the run, and a check for each test and each host expectation."""
    end = _end(run, outcome, crash_statuses)
    if end.verdict is Verdict.ERROR:
        return end, _all(run.requirements, Verdict.ERROR, end.text)
    answer = response(challenge)
    checks: list[Check] = []
    if run.refused:
        checks.append(_refused(run, outcome, end, answer))
    if run.tap:
        checks += _console(run, outcome, end, answer)
    if run.stdout:
        checks.append(_stdout(run, outcome, end, answer))
    ran = _answered(run, outcome, answer)
    if run.status:
        ran = _began(outcome, answer) if run.refused else ran
        checks.append(_status(run, end, ran))
    checks += [_after(after, outcome, end, ran) for after in run.after]
    return end, checks


# ---- The end -----------------------------------------------------------------------------


def _end(run: Run, outcome: Outcome, crash_statuses: Collection[int]) -> End:
    if outcome.error is not None:
        return End(Verdict.ERROR, outcome.error)
    if outcome.timed_out:
        return End(Verdict.TIMEOUT, f"no end within {scaled(run.timeout):g} s")
    if outcome.flooded:
        return End(Verdict.FAIL, f"printed more than {OUTPUT_FLOOD >> 20} MiB and was stopped")
    if outcome.enough:
        return End(Verdict.PASS, "stopped when its output was there")
    if outcome.signal is not None:
        return End(Verdict.CRASH, f"the hypervisor was ended by signal {outcome.signal}")
    status = outcome.status
    asked_for = run.status.any_of if run.status else ()
    if status not in asked_for and (status in crash_statuses or status in SIGNALLED):
        return End(Verdict.CRASH, f"the hypervisor crashed with status {status}", status)
    return End(Verdict.PASS, f"status {status}", status)


# ---- The console -------------------------------------------------------------------------


def _console(run: Run, outcome: Outcome, end: End, answer: int) -> list[Check]:
    """The checks of a guest that speaks TAP."""
    tap = parse_tap(outcome.stdout)
    promised = [id_ for id_ in run.tests if id_ not in run.host_judged]
    if distrust := _distrust(tap, end, answer):
        verdict, reason = distrust
        ids = dict.fromkeys([*promised, *(test.id for test in tap.tests)])
        return _all([id_ for id_ in ids if id_ in run.requirements], verdict, reason)
    checks = [
        Check(
            test.id,
            Verdict.PASS if test.ok else Verdict.FAIL,
            test.text,
            "console",
            reason="" if test.ok else str(test.details.pop("what", "")),
            expected=_shown(test.details.pop("expected", "")),
            actual=_shown(test.details.pop("actual", "")),
            details=test.details,
        )
        for test in tap.tests
    ]
    if _ended(run, tap, end):
        contradiction = _contradiction(run, tap, end)
        if contradiction:
            # It takes the ids that only the host judges, too.
            promised = list(run.requirements)
            checks = [
                replace(c, verdict=contradiction[0], reason=contradiction[1])
                if c.verdict is Verdict.PASS
                else c
                for c in checks
            ]
        rest, why = contradiction or (Verdict.ERROR, "the image has a test of it that did not run")
    elif tap.begun:
        last, rest = _interrupted(tap, end), Verdict.BLOCKED
        checks.append(last)
        if last.verdict is not Verdict.PASS:
            promised = list(run.requirements)
        why = f"{last.verdict} in the test of {last.id}: {end.text}"
    else:
        promised = list(run.requirements)
        rest = Verdict.FAIL if end.verdict is Verdict.PASS else end.verdict
        why = f"between two tests: {end.text}"
    missing = Counter(promised) - Counter(check.id for check in checks)
    checks += _all([id_ for id_ in dict.fromkeys(promised) if missing[id_]], rest, why)
    return [_promised(run, check) for check in checks]


def _distrust(tap: Tap, end: End, answer: int) -> tuple[Verdict, str] | None:
    """Why no test of this console counts."""
    if tap.bail_out:
        return Verdict.ERROR, f"the guest gave up: {tap.bail_out}"
    if tap.response == answer and not tap.faults:
        return None
    if tap.response == answer:
        reason = f"the console is not in order: {tap.faults[0]}"
    elif tap.response is None:
        reason = _SILENT
    else:
        reason = f"a wrong answer to the challenge: {tap.response:#x}, {answer:#x} expected"
    if end.verdict is Verdict.PASS:
        return Verdict.FAIL, f"{reason} ({end.text})"
    return end.verdict, f"{end.text}; {reason}"


def _ended(run: Run, tap: Tap, end: End) -> bool:
    """True if all tests are over, by the plan at the end or as the image owes no other. A
    failed test continues; only the guest's own end closes it."""
    if tap.plan is not None:
        return True
    owed = Counter(run.tests) - Counter(test.id for test in tap.tests)
    return not owed and (not tap.begun or end.status == FAILED)


def _contradiction(run: Run, tap: Tap, end: End) -> tuple[Verdict, str] | None:
    """The contradiction between the end and a complete console."""
    due = OK if tap.all_ok else FAILED
    if end.verdict is Verdict.PASS and (run.status or end.status == due):
        if tap.plan is not None:
            return None
        return Verdict.FAIL, f"the console stops before the plan, then: {end.text}"
    verdict = Verdict.FAIL if end.verdict is Verdict.PASS else end.verdict
    return verdict, f"all tests ended, then: {end.text}, where status {due} was due"


def _interrupted(tap: Tap, end: End) -> Check:
    """The test in which the machine ended."""
    id_, orderly = tap.begun or "", end.verdict is Verdict.PASS
    if orderly and tap.may_end and end.status:
        return Check(id_, Verdict.PASS, "the machine may end here, and did", "console")
    verdict = Verdict.FAIL if orderly else end.verdict
    return Check(
        id_, verdict, "the test that had begun", "console", reason=f"during this test: {end.text}"
    )


def _promised(run: Run, check: Check) -> Check:
    if check.id in run.requirements:
        return check
    reason = f"the guest reports {check.id}, of which its image has no test in this run"
    return replace(check, verdict=Verdict.ERROR, reason=reason, source="suite")


def _all(ids: Collection[str], verdict: Verdict, reason: str) -> list[Check]:
    return [Check(id_, verdict, "", "suite", reason=reason) for id_ in ids]


def _shown(value: object) -> str:
    return " or ".join(value) if isinstance(value, list) else str(value)


# ---- What the host judges ------------------------------------------------------------------


def _refused(run: Run, outcome: Outcome, end: End, answer: int) -> Check:
    what = "the image is refused, in an orderly way and with a message"
    check = Check(
        run.refused or "",
        Verdict.PASS,
        what,
        "refusal",
        expected="a message and a status other than 0, before the guest runs",
        actual=end.text,
    )
    # A panic with a message refuses, too: with a status that is another requirement's matter.
    if end.verdict is not Verdict.PASS and (end.status is None or end.status in SIGNALLED):
        return replace(check, verdict=end.verdict, reason=end.text)
    if _began(outcome, answer):
        return replace(check, verdict=Verdict.FAIL, reason="the guest ran")
    if end.status == 0:
        return replace(check, verdict=Verdict.FAIL, reason="status 0 says that all went well")
    if not (outcome.stdout + outcome.stderr).strip():
        return replace(check, verdict=Verdict.FAIL, reason="no message says why")
    return check


def _began(outcome: Outcome, answer: int) -> bool:
    """True if an image that has to be refused was started."""
    return b"TAP version" in outcome.stdout or f"{answer:#x}".encode() in outcome.stdout


def _stdout(run: Run, outcome: Outcome, end: End, answer: int) -> Check:
    due = run.stdout.due(answer)
    what = "the console holds exactly these bytes"
    check = Check(
        run.stdout.id,
        Verdict.PASS,
        what,
        "stdout",
        expected=_excerpt(due),
        actual=_excerpt(outcome.stdout),
    )
    if run.stdout.early and outcome.timed_out:
        reason = f"not there after {run.timeout:g} s, while the guest continued"
        return replace(check, verdict=Verdict.FAIL, reason=reason)
    if end.verdict is not Verdict.PASS:
        return replace(check, verdict=end.verdict, reason=end.text)
    if run.stdout.early and not outcome.enough:
        reason = f"the machine ended by itself: {end.text}"
        return replace(check, verdict=Verdict.FAIL, reason=reason)
    if outcome.stdout == due:
        return check
    at = _first_difference(outcome.stdout, due)
    check = replace(check, expected=_excerpt(due, at), actual=_excerpt(outcome.stdout, at))
    reason = (
        f"{len(outcome.stdout)} bytes, {len(due)} expected; the first difference is at byte {at}"
    )
    if not _answered(run, outcome, answer):
        reason = f"{_SILENT}; {reason}"
    return replace(check, verdict=Verdict.FAIL, reason=reason)


def _answered(run: Run, outcome: Outcome, answer: int) -> bool:
    """True if the answer to the challenge shows that the guest ran, where it is to give one."""
    if run.tap:
        return parse_tap(outcome.stdout).response == answer
    if run.stdout and "{response}" in (run.stdout.text or ""):
        return f"{answer:#x}".encode() in outcome.stdout
    return True


def _status(run: Run, end: End, ran: bool) -> Check:
    allowed = " or ".join(map(str, run.status.any_of)) or "any but 0, in an orderly way"
    what = "the exit status of the hypervisor"
    check = Check(
        run.status.id,
        Verdict.PASS,
        what,
        "status",
        expected=allowed,
        actual=end.text if end.status is None else str(end.status),
    )
    if end.verdict is not Verdict.PASS:
        return replace(check, verdict=end.verdict, reason=end.text)
    if run.refused and ran:
        reason = f"not judged: the guest ran, see {run.refused}"
        return replace(check, verdict=Verdict.BLOCKED, reason=reason)
    if not ran and not run.refused:
        reason = f"{_SILENT} ({end.text})"
        return replace(check, verdict=Verdict.FAIL, reason=reason)
    if end.status in run.status.any_of or (run.status.nonzero and end.status):
        return check
    return replace(check, verdict=Verdict.FAIL, reason=f"status {end.status}")


def _after(after: After, outcome: Outcome, end: End, ran: bool) -> Check:
    """A condition on a file. Files of a run that did not end by itself, or never began, say
    nothing."""
    what = f"{after.path} on the host afterwards"
    if end.verdict is not Verdict.PASS:
        return Check(after.id, Verdict.BLOCKED, what, "files", reason=f"not judged: {end.text}")
    if not ran:
        return Check(
            after.id, Verdict.BLOCKED, what, "files", reason="not judged: the guest did not run"
        )
    node = outcome.tree.get(after.path)
    wrong = _differences(after, node)
    files = [path for path, inner in outcome.tree.items() if inner.kind != "dir"]
    inside = [path for path in files if path.startswith(f"{after.path}/")]
    if after.no_files and inside:
        wrong.append(("it holds files", "none", ", ".join(inside[:3])))
    return Check(
        after.id,
        Verdict.FAIL if wrong else Verdict.PASS,
        what,
        "files",
        reason="; ".join(reason for reason, _, _ in wrong),
        expected="; ".join(expected for _, expected, _ in wrong),
        actual="; ".join(actual for _, _, actual in wrong),
    )


def _differences(after: After, node: Node | None) -> list[tuple[str, str, str]]:
    """(reason, expected, actual) for each condition that does not hold."""
    if after.absent or node is None:
        if after.absent and node is not None:
            return [("it is there", "nothing", f"a {node.kind}")]
        return [] if after.absent else [("it is not there", "it is there", "nothing")]
    wrong = []
    if after.type and node.kind != after.type:
        wrong.append(("its type differs", after.type, node.kind))
    if after.size is not None and node.size != after.size:
        wrong.append(("its size differs", str(after.size), str(node.size)))
    if after.mode is not None and node.mode != after.mode:
        wrong.append(("its mode differs", f"{after.mode:04o}", f"{node.mode:04o}"))
    if after.content is not None and node.content != after.content:
        at = _first_difference(node.content or b"", after.content)
        actual = f"{node.size} bytes" if node.content is None else _excerpt(node.content, at)
        wrong.append(("its content differs", _excerpt(after.content, at), actual))
    return wrong


def _first_difference(one: bytes, other: bytes) -> int:
    """The first byte in which they differ, or the end of the shorter one."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))


def _excerpt(data: bytes, at: int = 0, limit: int = 256) -> str:
    """Bytes for a human: as a literal, bounded, and so that this byte is among them."""
    begin = 0 if at < limit or len(data) <= limit else at - limit // 8
    shown = data[begin : begin + limit]
    left = len(data) - begin - len(shown)
    text = f"from byte {begin}: " * bool(begin) + repr(shown)[1:]
    return f"{text} and {left} more bytes" if left else text
