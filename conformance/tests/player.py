# SPDX-License-Identifier: MIT OR Apache-2.0
"""A hypervisor that runs nothing: it plays the role that the guest's summary names, and
knows the answer to the challenge. Every way in which a run can go wrong is a role.

usage: player.py IMAGE
"""

from __future__ import annotations

import os
import re
import signal
import struct
import sys
import time
from pathlib import Path

MASK = (1 << 64) - 1


def answer(challenge: int) -> int:
    """SplitMix64's finaliser, written down a second time on purpose."""
    z = (challenge + 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def say(text: str) -> None:
    """A line on the console, at once."""
    print(text, flush=True)


def ok(number: int, id_: str) -> None:
    """A test that succeeds."""
    say(f"# begin {id_}\nok {number} - {id_} text")


def not_ok(number: int, id_: str) -> None:
    """A test that fails, with its diagnosis."""
    say(f'# begin {id_}\nnot ok {number} - {id_} text\n  ---\n  what: "thing"')
    say("  expected: 1\n  actual: 2\n  call: FileOpen\n  block:\n    ret: 0x2\n  ...")


def play(role: str, ids: list[str], response: int, variant: int) -> int:
    """The exit status of the role."""
    if role == "silent":
        return 0
    if role == "silent-loop":
        time.sleep(60)
    if role == "refuses":
        print("no such image", file=sys.stderr)
        return 1
    if role == "refuses-mutely":
        return 1
    if role in MISCHIEF:
        MISCHIEF[role]()
    if role == "response-only":
        say(f"{response:#x}")
        return 0
    say("TAP version 14")
    say(f"# response {response ^ (role == 'wrong-response'):#x}")
    if role == "no-tests":
        return 0
    if role == "no-plan":
        for number, id_ in enumerate(ids, 1):
            ok(number, id_)
        return 0
    for number, id_ in enumerate(ids, 1):
        last = number == len(ids)
        if (
            last
            and role == "false-check"
            or last
            and role == "false-in-one-variant"
            and variant == 1
        ):
            not_ok(number, id_)
        elif last and role in LAST:
            say(f"# begin {id_}")
            return LAST[role](id_)
        elif role != "never-reports" or not last:
            ok(number, id_)
    if role == "never-reports":
        ok(len(ids), ids[0])
    say(f"1..{len(ids)}")
    if role == "crash-at-end":
        os.abort()
    return {"wrong-status": 7, "false-check": 1}.get(
        role, int(role == "false-in-one-variant" and variant == 1)
    )


def flaky() -> None:
    """Crashes each PLAYER_EVERY-th time that it is run; a file counts."""
    path = Path(os.environ["PLAYER_COUNT"])
    number = int(path.read_text() or 0) + 1 if path.exists() else 1
    path.write_text(str(number))
    if number % int(os.environ["PLAYER_EVERY"]) == 0:
        os.abort()


def kill_harness() -> None:
    """Kills the process of the harness that runs this: the parent of its guardian."""
    guardian = Path(f"/proc/{os.getppid()}/stat").read_bytes().rpartition(b")")[2].split()
    os.kill(int(guardian[1]), signal.SIGKILL)
    time.sleep(20)


def kill_guardian() -> None:
    """Kills its own parent, and does not end."""
    os.kill(os.getppid(), signal.SIGKILL)
    os.execv("/bin/sleep", ["sleep", os.environ["PLAYER_SLEEP"]])


def escape() -> None:
    """A child that leaves the session, and outlives everyone who does not look for it."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execv("/bin/sleep", ["sleep", os.environ["PLAYER_SLEEP"]])
        os._exit(0)


def escape_and_loop() -> None:
    """The same, and it does not end."""
    escape()
    say("looping")
    time.sleep(60)


def spoil() -> None:
    """Puts links, a FIFO and a deep tree where the evidence goes."""
    victim = os.environ["PLAYER_VICTIM"]
    for place in (Path(), Path("..")):
        for name in ("console.txt", "stderr.txt", "repeat.sh"):
            (place / name).symlink_to(victim)
    Path("../stderr.txt").unlink()
    os.mkfifo("../stderr.txt")
    for _ in range(1200):
        Path("deep").mkdir()
        os.chdir("deep")


MISCHIEF = {
    "flaky": flaky,
    "kills-harness": kill_harness,
    "kills-guardian": kill_guardian,
    "escapes": escape,
    "escapes-and-loops": escape_and_loop,
    "spoils": spoil,
    "sleeps": lambda: time.sleep(float(os.environ["PLAYER_SLEEP"])),
}


def loop(_: str) -> int:
    """Never ends."""
    time.sleep(60)
    return 0


def flood(_: str) -> int:
    """Prints without end."""
    while True:
        sys.stdout.write("x" * 65536 + "\n")


def crash(_: str) -> int:
    """Dies as C programs do."""
    os.abort()


def bail(_: str) -> int:
    """The guest gives up."""
    say("Bail out! no disk")
    return 1


def may_end(status: int):  # noqa: ANN201
    """The guest allows an end, which comes with this status."""

    def end(id_: str) -> int:
        say(f"# may end {id_}")
        return status

    return end


def went_on(_: str) -> int:
    """It did not end where it might have, and then it does."""
    say(f"# may end {_}\n# went on")
    return 3


# Behaviours of the last test.
LAST = {
    "early-return": lambda _: 0,
    "loop": loop,
    "flood": flood,
    "crash": crash,
    "panic": lambda _: 101,
    "bail": bail,
    "may-end": may_end(3),
    "may-end-with-0": may_end(0),
    "may-end-with-panic": may_end(101),
    "went-on-then-ends": went_on,
}


def main(image: Path) -> int:
    """Reads the role and the challenge out of the image."""
    data = image.read_bytes()
    at = data.index(b"UHYPATCH")
    challenge, variant = struct.unpack_from("<QI", data, at + 8)
    text = data[64:at].decode("latin-1")
    role = re.search(r'summary = "([^"]*)"', text)[1]
    ids = re.findall(r"UHY-[A-Z0-9]+-\d{3}(?=\0)", text)
    return play(role, ids, answer(challenge), variant)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
