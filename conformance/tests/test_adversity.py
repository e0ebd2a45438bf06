# SPDX-License-Identifier: MIT OR Apache-2.0
"""The harness under adversity: what is lost, what is left behind, what is hostile, and what
is this machine's fault and not the hypervisor's."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from test_local import command_lines
from tools import PLAYER, ROOT, A, B, World, command, manifest


def start(
    world: World, *options: str, program: tuple[str, ...] = ("-m", "uhyve_conformance")
) -> subprocess.Popen[str]:
    """`run` on all this, not waited for."""
    world.write_guest_lock()
    places = ["--spec", world.spec, "--guests", world.guests, "--guest-lock", world.guest_lock]
    return subprocess.Popen(
        [sys.executable, *program, "run", "--hypervisor", world.place / "player.toml",
         *places, "--output", world.output, *options],
        cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True,
    )  # fmt: skip


def wait_for(condition: object, seconds: float = 90.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


# ---- What is lost is an error -------------------------------------------------------------


LOSES_A_RUN = """
import sys
from uhyve_conformance import cli, runners

def execute(plan, executor, entries, real=runners.execute):
    if entries[0].run.guest == "z":
        raise RuntimeError("a fault of the harness")
    real(plan, executor, entries)

runners.execute = execute
sys.exit(cli.main(sys.argv[1:]))
"""


def test_a_run_that_is_lost_costs_itself_and_the_verdict(pair: World) -> None:
    for name in "abcdefgh":
        pair.guest(name, f'summary = "good", tests = ["{A}"]')
    pair.guest("z", f'summary = "good", tests = ["{B}"]')
    pair.adapter()
    harness = start(pair, "--jobs", "2", program=("-c", LOSES_A_RUN))
    text = harness.communicate(timeout=120)[0]
    assert harness.returncode == 1, text
    results = json.loads((pair.output / "results.json").read_text())
    verdicts = {r["id"]: (r["verdict"], r["reason"]) for r in results["requirements"]}
    assert verdicts[A][0] == "PASS" and verdicts[B][0] == "ERROR", verdicts
    assert "the run was lost: " in verdicts[B][1] and "RuntimeError" in verdicts[B][1]
    assert not results["selected"] and not results["conforms"] and results["exit_status"] == 1
    junit = (pair.output / "junit.xml").read_text()
    assert 'errors="1"' in junit and "the run was lost" in junit


def test_a_job_that_kills_its_guardian_ends_and_is_an_error(pair: World) -> None:
    pair.guest("a", f'summary = "kills-guardian", tests = ["{A}"]')
    pair.guest("b", f'summary = "good", tests = ["{B}"]')
    done = pair.run(adapter=pair.adapter('environment = { PLAYER_SLEEP = "64323.5" }'))
    assert (done.status, done.verdict(A), done.verdict(B)) == (1, "ERROR", "PASS"), done.text
    assert "the process that watches over jobs is gone" in done.reason(A)
    assert not sleeping("64323.5")


def test_a_job_that_cannot_be_made_is_an_error(pair: World) -> None:
    pair.guest("g", manifest("good"))
    pair.output.mkdir()
    (pair.output / "runs").write_text("in the way")
    done = pair.run()
    assert (done.status, done.verdict(A)) == (1, "ERROR"), done.text
    assert "could not be made" in done.reason(A)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_reports_of_an_earlier_session_do_not_stay(pair: World, jobs: str) -> None:
    pair.guest("g", manifest("good"))
    assert pair.run().status == 0 and (pair.output / "junit.xml").exists()
    pair.guest("g", manifest("kills-harness"))
    harness = start(pair, "--jobs", jobs)
    assert harness.wait(120) == -signal.SIGKILL
    assert not (pair.output / "junit.xml").exists()
    assert not (pair.output / "results.json").exists()


# ---- The guests are those of the suite ------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda w: (w.guests / "h.elf").unlink(), "the guest h is missing"),
        (lambda w: w.guest("x", manifest("good")), "the guest x is none of the suite's"),
        (lambda w: w.guest("h", manifest("good", "memory = 32")), "h.elf is not the guest h"),
        (lambda w: w.guest_lock.unlink(), "no guests are listed"),
    ],
)
def test_other_guests_are_no_suite(
    pair: World, monkeypatch: pytest.MonkeyPatch, change: object, message: str
) -> None:
    pair.guest("g", f'summary = "good", tests = ["{A}"]')
    pair.guest("h", f'summary = "good", tests = ["{B}"]')
    assert pair.run().results["conforms"]
    change(pair)
    monkeypatch.setattr(World, "write_guest_lock", lambda _: None)
    done = pair.run()
    assert done.status == 1 and not done.results["conforms"], done.text
    assert message in done.text and "no answer" in done.text or "does not conform" in done.text
    assert any(message in problem for problem in done.results["problems"])


# ---- Nothing is left behind -----------------------------------------------------------------


def sleeping(seconds: str) -> bool:
    return b"sleep\0" + seconds.encode() + b"\0" in command_lines()


def test_a_child_that_left_the_session_is_gone(pair: World) -> None:
    pair.guest("g", manifest("escapes"))
    done = pair.run(adapter=pair.adapter('environment = { PLAYER_SLEEP = "64321.5" }'))
    assert done.status == 0, done.text
    assert not sleeping("64321.5")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_cancelled_session_takes_everything_with_it(
    pair: World, number: signal.Signals, jobs: str, tmp_path: Path
) -> None:
    seconds = f"6{number.value:02}{jobs}.5"
    for name in "abcdefgh":
        pair.guest(name, manifest("escapes-and-loops", "timeout = 300"))
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    pair.adapter(f'environment = {{ PLAYER_SLEEP = "{seconds}" }}')
    os.environ["TMPDIR"], old = str(temporary), os.environ.get("TMPDIR")
    try:
        harness = start(pair, "--jobs", jobs)
    finally:
        os.environ.pop("TMPDIR")
        if old:
            os.environ["TMPDIR"] = old
    assert wait_for(lambda: sleeping(seconds)), harness.communicate(timeout=120)[0]
    harness.send_signal(number)
    text = harness.communicate(timeout=120)[0]
    assert harness.returncode == (2 if number == signal.SIGTERM else -number), text
    said = "cancelled after 0 of 8 runs: no verdicts"
    assert text.strip() == (said if number == signal.SIGTERM else ""), text
    assert wait_for(lambda: not sleeping(seconds))
    assert wait_for(lambda: not any(str(PLAYER).encode() in line and str(pair.place).encode() in line
                                    for line in command_lines()))  # fmt: skip
    # pytest's own empty directory stays.
    assert wait_for(lambda: not list(temporary.glob("uhyve-*"))), list(temporary.iterdir())
    assert not list(pair.output.rglob("*.pickle"))


def test_two_sessions_in_one_place(pair: World) -> None:
    pair.guest("g", manifest("escapes-and-loops", "timeout = 300"))
    pair.adapter('environment = { PLAYER_SLEEP = "64322.5" }')
    first = start(pair, "--jobs", "1")
    assert wait_for(lambda: sleeping("64322.5"))
    second = start(pair, "--jobs", "1")
    text = second.communicate(timeout=120)[0]
    assert second.returncode == 3 and "another session writes to" in text
    assert text.count("\n") == 1
    first.terminate()
    first.communicate(timeout=120)
    assert first.returncode == 2 and not sleeping("64322.5")


# ---- The explorer ---------------------------------------------------------------------------

SCRIPT = ROOT / "build/explore/x86_64/script.elf"


def explorer(world: World, seconds: str) -> subprocess.Popen[str]:
    """`explore` on a hypervisor that only sleeps."""
    script = f"sleep {seconds}; exit 3"
    adapter = world.adapter(command=f'["/bin/sh", "-c", "{script}", "{{image}}", "{{mappings}}"]')
    return subprocess.Popen(
        [sys.executable, "-m", "uhyve_conformance", "explore", "--hypervisor", adapter,
         "--guest", SCRIPT, "--output", world.output],
        cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True,
    )  # fmt: skip


def scratch(process: subprocess.Popen[str]) -> list[Path]:
    """What the explorer has in memory."""
    return list(Path("/dev/shm").glob(f"explore-{process.pid}-*"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_cancelled_explorer_leaves_nothing(world: World, number: signal.Signals) -> None:
    seconds = f"643{number.value:02}.5"
    process = explorer(world, seconds)
    assert wait_for(lambda: sleeping(seconds)), process.communicate(timeout=120)[0]
    assert scratch(process) or not Path("/dev/shm").is_dir()
    second = explorer(world, seconds)
    text = second.communicate(timeout=120)[0]
    assert second.returncode == 3 and "another session writes to" in text, text
    process.send_signal(number)
    text = process.communicate(timeout=120)[0]
    assert process.returncode == (2 if number == signal.SIGTERM else -number), text
    assert "Traceback" not in text
    assert wait_for(lambda: not sleeping(seconds) and not scratch(process)), scratch(process)


@pytest.mark.parametrize("text", ["nan", "-1", "inf", "0", "soon", "-inf", "1e99"])
def test_a_duration_that_is_none(text: str) -> None:
    done = command("explore", f"--seconds={text}")
    assert done.status == 4 and f"'{text}' is not a number from 0.01 to" in done.text, done.text


def test_other_numbers_of_the_explorer() -> None:
    for option in ("--sequences", "--findings", "--batch", "--faults"):
        for text in ("0", "-3", "nan", "1.5", "٣"):
            done = command("explore", f"{option}={text}")
            assert done.status == 4 and "is not a number from 1 upwards" in done.text, done.text


# ---- Hostile evidence -------------------------------------------------------------------------


def test_evidence_is_written_where_the_hypervisor_does_not_reach(
    pair: World, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("untouched")
    pair.guest("g", manifest("spoils"))
    adapter = pair.adapter(f'environment = {{ PLAYER_VICTIM = "{victim}" }}')
    for _ in "12":  # the second run removes what the first one left
        done = pair.run(adapter=adapter)
        assert done.results, done.text
        place = pair.output / "runs" / "g"
        for name in ("console.txt", "stderr.txt", "repeat.sh", "guest.elf"):
            assert (place / name).is_file() and not (place / name).is_symlink()
        assert "TAP version" in (place / "console.txt").read_text() or done.status == 1
        assert victim.read_text() == "untouched"


def test_a_version_without_end(pair: World) -> None:
    pair.guest("g", manifest("good"))
    done = pair.run(adapter=pair.adapter('version = ["-c", "while True: print(9999 * chr(120))"]'))
    assert done.status == 3 and "printed more than 64 MiB" in done.text
    assert done.text.count("\n") == 1


def test_terminal_escapes_do_not_reach_the_terminal(pair: World) -> None:
    pair.guest("g", manifest("good"))
    done = pair.run(adapter=pair.adapter('version = ["-c", "print(\'\\\\u001b[31mv1\')"]'))
    assert done.status == 0 and "v1" in done.text and "\x1b" not in done.text


# ---- This machine's faults ----------------------------------------------------------------------


def test_a_limit_of_the_shell_is_named(pair: World) -> None:
    pair.guest("g", manifest("good"))
    pair.adapter()
    pair.write_guest_lock()
    done = subprocess.run(
        [sys.executable, "-m", "uhyve_conformance", "run", "--hypervisor", pair.place / "player.toml",
         "--spec", pair.spec, "--guests", pair.guests, "--output", pair.output],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)),
    )  # fmt: skip
    assert done.returncode == 3 and "ulimit -n" in done.stderr, done.stderr


def test_mistakes_are_one_message(pair: World, tmp_path: Path) -> None:
    pair.guest("g", manifest("good"))
    file = tmp_path / "file"
    file.write_text("{}")
    for options in (
        ("--output", file),
        ("--output", file / "below"),
        ("--repeat", "0"),
        ("--timeout-scale", "nan"),
    ):
        done = pair.run(*options)
        assert done.status == 4 and "Traceback" not in done.text, (options, done.text)
    for text in ("{}", "[1]", '{"schema": "uhyve-conformance-results/1"}', "\xff", "{"):
        file.write_bytes(text.encode("latin-1"))
        done = command("compare", file, file)
        assert done.status in (3, 4) and "Traceback" not in done.text, (text, done.text)


# ---- Repetition ------------------------------------------------------------------------------------


def test_what_is_wrong_once_is_flaky(pair: World, tmp_path: Path) -> None:
    pair.guest("g", manifest("flaky"))
    count = f'PLAYER_COUNT = "{tmp_path / "count"}", PLAYER_EVERY = "3"'
    adapter = pair.adapter(f"environment = {{ {count} }}")
    done = pair.run("--repeat", "5", adapter=adapter)
    assert (done.status, done.verdict(A), done.verdict(B)) == (1, "FLAKY", "FLAKY"), done.text
    assert "of 5 runs: CRASH 1, PASS 4" in done.reason(A)
    assert not done.results["conforms"] and not done.results["selected"]
    lines = [line for line in done.text.splitlines() if "UHY-OPEN" in line]
    assert lines and lines[0].split()[0] == "FLAKY", done.text
    # Only what is the same each time counts.
    pair.guest("g", manifest("good"))
    steady = pair.run("--repeat", "3", adapter=adapter)
    assert (steady.status, steady.verdict(A)) == (0, "PASS") and steady.results["conforms"]
    assert "3 passed" in steady.text


def test_what_is_wrong_once_in_fifty_is_found(pair: World, tmp_path: Path) -> None:
    pair.guest("g", manifest("flaky"))
    words = f'["{sys.executable}", "-IS", "{PLAYER}", "{{image}}", "{{mappings}}"]'  # starts sooner
    count = f'PLAYER_COUNT = "{tmp_path / "count"}", PLAYER_EVERY = "50"'
    adapter = pair.adapter(f"environment = {{ {count} }}", command=words)
    done = pair.run("--repeat", "100", "--only", "g", adapter=adapter)
    assert (done.status, done.verdict(A)) == (1, "FLAKY"), done.text
    assert "of 100 runs: CRASH 2, PASS 98" in done.reason(A)
    assert f"FLAKY    {A} (2 of 100)" in done.text


def test_time_limits_can_be_scaled(pair: World) -> None:
    pair.guest("g", manifest("loop", "timeout = 20"))
    begin = time.monotonic()
    done = pair.run("--timeout-scale", "0.02")
    assert done.verdict(B) == "TIMEOUT" and "no end within 0.4 s" in done.reason(B)
    assert time.monotonic() - begin < 15
