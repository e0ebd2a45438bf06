# SPDX-License-Identifier: MIT OR Apache-2.0
"""The rules of judging, one by one; no process is started."""

from __future__ import annotations

from dataclasses import replace

import pytest
from uhyve_conformance.executor import Node, Outcome
from uhyve_conformance.image import response
from uhyve_conformance.judge import judge
from uhyve_conformance.manifest import Run
from uhyve_conformance.manifest_keys import After, Expected, Status
from uhyve_conformance.verdicts import Verdict

A, B, C = "UHY-OPEN-001", "UHY-OPEN-002", "UHY-OPEN-003"
CHALLENGE = 5
ANSWER = f"{response(CHALLENGE):#x}"
RUN = Run("g", "summary", (A, B, C))


def console(*lines: str, answer: str = ANSWER) -> bytes:
    return "\n".join(["TAP version 14", f"# response {answer}", *lines, ""]).encode()


def ok(number: int, id_: str) -> str:
    return f"# begin {id_}\nok {number} - {id_} text"


def not_ok(number: int, id_: str) -> str:
    return (
        f"# begin {id_}\nnot ok {number} - {id_} text\n"
        '  ---\n  what: "x == 1"\n  expected:\n    - 1\n'
        "    - 2\n  actual: 3\n  call: FileOpen\n  block:\n    fd: 0x3\n    ret: 0x1\n  ..."
    )


def verdicts(run: Run, outcome: Outcome) -> dict[str, str]:
    """The worst for each id."""
    _, checks = judge(run, outcome, CHALLENGE, {101})
    found: dict[str, list[Verdict]] = {}
    for check in checks:
        found.setdefault(check.id, []).append(check.verdict)
    return {id_: "+".join(sorted(set(v))) for id_, v in found.items()}


def outcome(*lines: str, status: int | None = 0, **more: object) -> Outcome:
    return Outcome(status=status, stdout=console(*lines), **more)


END = "1..3"
ALL_OK = (ok(1, A), ok(2, B), ok(3, C), END)


def test_all_ok() -> None:
    assert verdicts(RUN, outcome(*ALL_OK)) == {A: "PASS", B: "PASS", C: "PASS"}


def test_a_failed_check_has_its_evidence() -> None:
    _, checks = judge(RUN, outcome(ok(1, A), not_ok(2, B), ok(3, C), END, status=1), CHALLENGE)
    assert [c.verdict for c in checks] == ["PASS", "FAIL", "PASS"]
    failed = checks[1]
    assert (failed.reason, failed.expected, failed.actual) == ("x == 1", "1 or 2", "3")
    assert failed.details == {"call": "FileOpen", "block": {"fd": "0x3", "ret": "0x1"}}


def test_the_last_check_fails() -> None:
    assert verdicts(RUN, outcome(ok(1, A), ok(2, B), not_ok(3, C), END, status=1)) == {
        A: "PASS", B: "PASS", C: "FAIL",
    }  # fmt: skip


# ---- Rule 1 and 2: what does not count at all ------------------------------------------------


def test_a_job_that_could_not_be_done() -> None:
    assert set(verdicts(RUN, Outcome(error="no disk")).values()) == {"ERROR"}


@pytest.mark.parametrize(
    "stdout", [b"", b"hello\n", console(*ALL_OK, answer="0x1"), console(*ALL_OK)[20:]]
)
def test_a_console_without_the_answer_or_the_plan(stdout: bytes) -> None:
    assert set(verdicts(RUN, Outcome(status=0, stdout=stdout)).values()) == {"FAIL"}


@pytest.mark.parametrize(
    "lines",
    [
        (ok(1, A), ok(3, B), ok(2, C), END),
        (ok(1, A), ok(2, B), ok(2, B), ok(3, C), END),
        (*ALL_OK, END),
        (END, *ALL_OK[:-1]),
        (*ALL_OK[:-1], "1..4"),
        ALL_OK[:-1],
        (ok(1, A), ok(2, B), f"# begin {C}\nok 3 - {C} text # SKIP no reason", END),
        (ok(1, A), ok(2, B), f"# begin {C}\nok 3 - {C} text # TODO later", END),
        (ok(1, A), ok(2, B), f"# begin {A}\nok 3 - {C} text", END),
        (ok(1, A), ok(2, B), "ok 3"),
        (*ALL_OK, ok(4, A)),
        (ok(1, A), ok(2, B), f"not ok 3 - {C} text"),
    ],
)
def test_a_console_that_is_not_in_order(lines: tuple[str, ...]) -> None:
    assert set(verdicts(RUN, outcome(*lines)).values()) == {"FAIL"}


def test_a_guest_that_gives_up() -> None:
    assert set(verdicts(RUN, outcome(ok(1, A), "Bail out! no", status=1)).values()) == {"ERROR"}


# ---- Rule 3: the machine ends in a test --------------------------------------------------------


@pytest.mark.parametrize(
    ("end", "verdict"),
    [
        ({"status": None, "signal": 6}, "CRASH"),
        ({"status": 134}, "CRASH"),
        ({"status": 101}, "CRASH"),
        ({"status": None, "timed_out": True}, "TIMEOUT"),
        ({"status": None, "flooded": True}, "FAIL"),
        ({"status": 0}, "FAIL"),
        ({"status": 3}, "FAIL"),
    ],
)
def test_the_end_is_blamed_on_the_test_that_had_begun(end: dict[str, object], verdict: str) -> None:
    assert verdicts(RUN, outcome(ok(1, A), f"# begin {B}", **end)) == {
        A: "PASS",
        B: verdict,
        C: "BLOCKED",
    }


def test_a_crash_behind_a_failed_check_of_the_same_test() -> None:
    end = {"status": None, "signal": 11}
    assert verdicts(RUN, outcome(ok(1, A), ok(2, B), not_ok(3, C), **end))[C] == "CRASH+FAIL"


def test_a_crash_between_two_tests() -> None:
    assert verdicts(RUN, outcome(ok(1, A), status=None, signal=11)) == {
        A: "PASS",
        B: "CRASH",
        C: "CRASH",
    }


@pytest.mark.parametrize(
    ("lines", "end", "verdict"),
    [
        ((f"# may end {C}",), {"status": 3}, "PASS"),
        ((f"# may end {C}",), {"status": 0}, "FAIL"),
        ((f"# may end {C}",), {"status": 101}, "CRASH"),
        ((f"# may end {C}",), {"status": None, "signal": 6}, "CRASH"),
        ((f"# may end {C}",), {"status": None, "timed_out": True}, "TIMEOUT"),
        ((f"# may end {C}", "# went on"), {"status": 3}, "FAIL"),
    ],
)
def test_where_the_machine_may_end(
    lines: tuple[str, ...], end: dict[str, object], verdict: str
) -> None:
    found = verdicts(RUN, outcome(ok(1, A), ok(2, B), f"# begin {C}", *lines, **end))
    assert found == {A: "PASS", B: "PASS", C: verdict}


def test_what_comes_behind_an_allowed_end_is_blocked() -> None:
    found = verdicts(RUN, outcome(ok(1, A), f"# begin {B}", f"# may end {B}", status=3))
    assert found == {A: "PASS", B: "PASS", C: "BLOCKED"}


def test_permission_ends_with_its_test() -> None:
    lines = (ok(1, A), f"# begin {B}", f"# may end {B}", f"ok 2 - {B} text", f"# begin {C}")
    assert verdicts(RUN, outcome(*lines, status=3)) == {A: "PASS", B: "PASS", C: "FAIL"}


# ---- Rule 4 and 5 --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("end", "verdict"),
    [
        ({"status": 1}, "FAIL"),
        ({"status": 7}, "FAIL"),
        ({"status": None, "signal": 6}, "CRASH"),
        ({"status": None, "timed_out": True}, "TIMEOUT"),
    ],
)
def test_an_end_that_contradicts_the_console(end: dict[str, object], verdict: str) -> None:
    assert set(verdicts(RUN, outcome(*ALL_OK, **end)).values()) == {verdict}


@pytest.mark.parametrize(
    ("status", "verdict"),
    [(128, "FAIL"), (129, "CRASH"), (192, "CRASH"), (193, "FAIL")],
)
def test_what_a_shell_makes_of_each_signal_is_a_crash(status: int, verdict: str) -> None:
    run = replace(RUN, tests=(), tap=False, status=Status(A, any_of=(0,)))
    assert verdicts(run, Outcome(status=status)) == {A: verdict}


def test_status_0_with_a_failed_check() -> None:
    assert set(
        verdicts(RUN, outcome(ok(1, A), ok(2, B), not_ok(3, C), END, status=0)).values()
    ) >= {"FAIL"}
    assert verdicts(RUN, outcome(not_ok(1, A), ok(2, B), ok(3, C), END, status=0))[B] == "FAIL"


def test_a_promise_that_nobody_keeps() -> None:
    assert verdicts(RUN, outcome(ok(1, A), ok(2, B), "1..2"))[C] == "ERROR"


def test_a_report_that_was_not_promised() -> None:
    found = verdicts(replace(RUN, tests=(A, B)), outcome(*ALL_OK))
    assert found == {A: "PASS", B: "PASS", C: "ERROR"}


# ---- Rule 6: what the host judges -------------------------------------------------------

BYTES = Run(
    "g", "s", tap=False, stdout=Expected(A, data=b"", text=None)
)  # data is replaced in the tests


@pytest.mark.parametrize(
    ("stdout", "verdict"), [(b"a\0b", "PASS"), (b"a\0b\n", "FAIL"), (b"a\0", "FAIL"), (b"", "FAIL")]
)
def test_exact_output(stdout: bytes, verdict: str) -> None:
    run = replace(BYTES, stdout=Expected(A, data=b"a\0b"))
    assert verdicts(run, Outcome(status=0, stdout=stdout)) == {A: verdict}


EARLY = replace(BYTES, stdout=Expected(A, text="{response}\n> ", early=True))


@pytest.mark.parametrize(
    ("end", "text", "verdict"),
    [
        ({"enough": True}, "{response}\n> ", "PASS"),
        ({"enough": True}, "{response}\n> more", "FAIL"),
        ({"enough": True}, "{other}\n> ", "FAIL"),
        ({"timed_out": True}, "{response}\n", "FAIL"),
        ({"timed_out": True}, "{response}\n> ", "FAIL"),
        ({"status": 0}, "{response}\n> ", "FAIL"),
        ({"signal": 6}, "{response}\n> ", "CRASH"),
        ({"error": "no"}, "", "ERROR"),
    ],
)
def test_output_while_the_guest_goes_on(end: dict[str, object], text: str, verdict: str) -> None:
    stdout = text.replace("{response}", ANSWER).encode()
    assert verdicts(EARLY, Outcome(stdout=stdout, **end)) == {A: verdict}


def test_bytes_that_differ_far_behind_are_shown() -> None:
    due = b"x" * 1000
    run_ = replace(RUN, tap=False, tests=(), stdout=Expected(A, due.decode()))
    _, checks = judge(run_, Outcome(status=0, stdout=due[:900] + b"y" + due[901:]), CHALLENGE)
    assert "first difference is at byte 900" in checks[0].reason
    assert "y" in checks[0].actual and checks[0].actual.startswith("from byte 868: ")


def test_output_with_the_answer() -> None:
    run = replace(BYTES, stdout=Expected(A, text="it is {response}\n"))
    assert verdicts(run, Outcome(status=0, stdout=f"it is {ANSWER}\n".encode())) == {A: "PASS"}
    assert verdicts(run, Outcome(status=0, stdout=b"it is {response}\n")) == {A: "FAIL"}


@pytest.mark.parametrize(
    ("expected", "end", "verdict"),
    [
        (Status(A, (42,)), {"status": 42}, "PASS"),
        (Status(A, (42,)), {"status": 0}, "FAIL"),
        (Status(A, (1, 2)), {"status": 2}, "PASS"),
        (Status(A, (255,)), {"status": 255}, "PASS"),
        (Status(A, (101,)), {"status": 101}, "PASS"),
        (Status(A, nonzero=True), {"status": 3}, "PASS"),
        (Status(A, nonzero=True), {"status": 0}, "FAIL"),
        (Status(A, nonzero=True), {"status": 101}, "CRASH"),
        (Status(A, nonzero=True), {"signal": 6}, "CRASH"),
        (Status(A, (0,)), {"timed_out": True}, "TIMEOUT"),
    ],
)
def test_exit_status(expected: Status, end: dict[str, object], verdict: str) -> None:
    assert verdicts(Run("g", "s", tap=False, status=expected), Outcome(**end)) == {A: verdict}


def test_a_status_alone_proves_nothing() -> None:
    run = Run("g", "s", tap=False, stdout=Expected(A, text="{response}"), status=Status(B, (42,)))
    assert verdicts(run, Outcome(status=42, stdout=ANSWER.encode())) == {A: "PASS", B: "PASS"}
    assert verdicts(run, Outcome(status=42, stdout=b"0x1")) == {A: "FAIL", B: "FAIL"}


@pytest.mark.parametrize(
    ("condition", "node", "verdict"),
    [
        ({"content": b"x"}, Node("file", b"x", 1, 0o644), "PASS"),
        ({"content": b"x"}, Node("file", b"y", 1, 0o644), "FAIL"),
        ({"content": b"x"}, Node("file", None, 1 << 30, 0o644), "FAIL"),
        ({"content": b"x"}, None, "FAIL"),
        ({"size": 5 << 30}, Node("file", None, 5 << 30, 0o644), "PASS"),
        ({"size": 5}, Node("file", b"", 0, 0o644), "FAIL"),
        ({"mode": 0o600}, Node("file", b"", 0, 0o644), "FAIL"),
        ({"type": "dir"}, Node("file", b"", 0, 0o644), "FAIL"),
        ({"type": "dir"}, Node("dir", None, 0, 0o755), "PASS"),
        ({"absent": True}, None, "PASS"),
        ({"absent": True}, Node("symlink", target="x"), "FAIL"),
    ],
)
def test_files_afterwards(condition: dict[str, object], node: Node | None, verdict: str) -> None:
    run = Run("g", "s", (B, C), after=(After(A, "data/f", **condition),))
    tree = {"data/f": node} if node else {}
    lines = (ok(1, B), ok(2, C))
    stdout = console(*lines, "1..2")
    assert verdicts(run, Outcome(status=0, stdout=stdout, tree=tree))[A] == verdict


@pytest.mark.parametrize("end", [{"signal": 6}, {"timed_out": True}, {"status": 0, "stdout": b""}])
def test_files_of_a_run_that_went_wrong_say_nothing(end: dict[str, object]) -> None:
    run = Run("g", "s", (B,), after=(After(A, "data/f", absent=True),))
    assert verdicts(run, Outcome(**end))[A] == "BLOCKED"


@pytest.mark.parametrize(
    ("end", "verdict"),
    [
        ({"status": 1, "stderr": b"unknown version"}, "PASS"),
        ({"status": 1}, "FAIL"),
        ({"status": 0, "stderr": b"warning"}, "FAIL"),
        ({"status": 101, "stderr": b"panicked"}, "PASS"),  # but see below
        ({"status": 139, "stderr": b"x"}, "CRASH"),
        ({"signal": 11, "stderr": b"x"}, "CRASH"),
        ({"timed_out": True}, "TIMEOUT"),
        ({"status": 1, "stdout": console(*ALL_OK), "stderr": b"x"}, "FAIL"),
        ({"status": 1, "stdout": ANSWER.encode(), "stderr": b"x"}, "FAIL"),
    ],
)
def test_a_refusal_is_exact(end: dict[str, object], verdict: str) -> None:
    assert verdicts(Run("g", "s", tap=False, refused=A), Outcome(**end)) == {A: verdict}


@pytest.mark.parametrize(
    ("tree", "verdict"),
    [
        ({"tmp": Node("dir")}, "PASS"),
        ({"tmp": Node("dir"), "tmp/d": Node("dir")}, "PASS"),
        ({"tmp": Node("dir"), "tmp/d": Node("dir"), "tmp/d/f": Node()}, "FAIL"),
        ({"tmp": Node("dir"), "tmp/l": Node("symlink", target="x")}, "FAIL"),
        ({"tmp": Node("dir"), "tmpfile": Node()}, "PASS"),
        ({}, "FAIL"),
    ],
)
def test_a_directory_without_files(tree: dict[str, Node], verdict: str) -> None:
    run = Run("g", "s", (B, C), after=(After(A, "tmp", no_files=True),))
    printed = console(ok(1, B), ok(2, C), "1..2")
    assert verdicts(run, Outcome(status=0, stdout=printed, tree=tree))[A] == verdict


def test_the_status_of_a_refusal_is_another_matter() -> None:
    status = Status(B, nonzero=True)
    run = Run("g", "s", tap=False, refused=A, status=status)
    assert verdicts(run, Outcome(status=1, stderr=b"no")) == {A: "PASS", B: "PASS"}
    assert verdicts(run, Outcome(status=101, stderr=b"panicked")) == {A: "PASS", B: "CRASH"}
    ran = Outcome(status=0, stdout=console(*ALL_OK))
    assert verdicts(run, ran) == {A: "FAIL", B: "BLOCKED"}
