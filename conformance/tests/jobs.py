# SPDX-License-Identifier: MIT OR Apache-2.0
"""What each field of a job means, as jobs with their outcomes. Whatever runs jobs is tested with
them: this machine, the script that repeats a run, and a machine under QEMU. The scripts use
nothing but what a shell has in itself."""

from __future__ import annotations

import dataclasses
import signal
from dataclasses import dataclass
from typing import Any

from uhyve_conformance.executor import COLLECT_LIMIT, Job, Node, Outcome

# Until it is killed.
FOREVER = "while :; do :; done"
EVERY_BYTE = bytes(range(256)) * 400
ODD = b"\x80\\%'\xff\n"
FILES = {
    "data/f": Node(content=b"abc\n", mode=0o640),
    "data/odd ä'": Node(content=b"\0\\%'\n\xff"),
    "data/more": Node(content=EVERY_BYTE),
    "data/sparse": Node(content=b"s", size=5 << 30),
    "data/large": Node(size=COLLECT_LIMIT),
    "data/link": Node("symlink", target="f"),
    "data/closed": Node("dir", mode=0o500),
    "data/closed/in": Node(content=b"in"),
    "data/fifo": Node("fifo"),
    "guest.elf": Node(content=b"elf"),
    "other/f": Node(),
}
COLLECTED = {
    "data": Node("dir", mode=0o755),
    "data/f": Node("file", b"abc\n", 4, 0o640),
    "data/odd ä'": Node("file", b"\0\\%'\n\xff", 6, 0o644),
    "data/more": Node("file", EVERY_BYTE, len(EVERY_BYTE), 0o644),
    "data/sparse": Node("file", None, 5 << 30, 0o644),
    "data/large": Node("file", bytes(COLLECT_LIMIT), COLLECT_LIMIT, 0o644),
    "data/link": Node("symlink", target="f"),
    "data/fifo": Node("other", mode=0o644),
    "data/closed": Node("dir", mode=0o500),
    "data/closed/in": Node("file", b"in", 2, 0o644),
    "data/new": Node("file", b"new\n", 4, 0o600),
    "data/zeros": Node("file", b"\0\0a\0", 4, 0o600),
}
# A descriptor besides the standard ones that is a device of characters.
INHERITS = (
    "for f in /proc/self/fd/*; do if [ ${f##*/} -gt 2 ] && [ -c $f ]; then echo yes; fi; done"
)
SAYS_BYE = f"trap 'echo bye >said; exit' TERM; printf '> '; {FOREVER}"
DEAF = f"trap '' TERM; printf '> '; {FOREVER}"


@dataclass(frozen=True)
class Case:
    """A job, and those fields of its outcome that matter."""

    job: Job
    outcome: dict[str, Any]

    def check(self, done: Outcome) -> None:
        """AssertionError when it came out otherwise."""
        assert not done.error, done.error
        expected = {
            "timed_out": False,
            "flooded": False,
            "enough": False,
        } | self.outcome
        tree = expected.pop("tree", None)
        assert {name: getattr(done, name) for name in expected} == expected, done.stderr
        if tree is not None:
            assert {path: _essence(node) for path, node in done.tree.items()} == tree


def _essence(node: Node) -> Node:
    """Without what a host decides about what is no file."""
    if node.kind == "file":
        return node
    mode = None if node.kind == "symlink" else node.mode
    return dataclasses.replace(node, size=None, mode=mode)


def case(name: str, script: str, outcome: dict[str, Any], **job: Any) -> Case:
    """A job of a shell."""
    return Case(Job(name, ("/bin/sh", "-c", script), **job), outcome)


CASES = [
    case("status", "echo out; echo err >&2; exit 7",
         {"status": 7, "stdout": b"out\n", "stderr": b"err\n"}),
    case("signal", "kill -ABRT $$", {"signal": signal.SIGABRT}),
    case("timeout", f"echo begun; {FOREVER}", {"timed_out": True, "stdout": b"begun\n"},
         timeout=0.5),
    case("asked", f"echo begun; {FOREVER}", {"timed_out": True, "stdout": b"begun\n"},
         timeout=0.5, terminate=True),
    case("stdin", "while read -r line; do echo $line; done",
         {"status": 0, "stdout": b"one\ntwo\n"}, stdin=b"one\ntwo\n"),
    case("ends", "read -r line; echo $?", {"stdout": b"1\n"}),
    case("held", "read -r x; echo $x; read -r x", {"timed_out": True, "stdout": b"x\n"},
         stdin=b"x\n", hold_stdin=True, timeout=0.7),
    case("held-and-over", "read -r x; exit 3", {"status": 3}, stdin=b"x\n", hold_stdin=True),
    case("unread", "exec <&-; exit 4", {"status": 4}, stdin=EVERY_BYTE),
    case("bytes", "while read -r x; do printf %s\\\\n \"$x\"; done",
         {"stdout": ODD}, stdin=ODD),
    case("silent", "exec >&- 2>&-; x=0; while [ $x -lt 2000 ]; do x=$((x+1)); done; exit 3",
         {"status": 3}),
    case("full", "printf x || exit 5", {"status": 5, "stdout": b""}, full_stdout=True),
    case("enough", f"printf '> '; {FOREVER}", {"enough": True, "stdout": b"> "},
         enough=2, timeout=1),
    case("less", f"printf '>'; {FOREVER}", {"timed_out": True, "stdout": b">"},
         enough=2, timeout=0.5),
    case("over", "printf '> '; exit 6", {"status": 6, "stdout": b"> "}, enough=2),
    case("bye", SAYS_BYE, {"enough": True, "tree": {"said": Node("file", b"bye\n", 4, 0o644)}},
         enough=2, terminate=True, timeout=1),
    case("deaf", DEAF, {"enough": True, "stdout": b"> "}, enough=2, terminate=True, timeout=0.5),
    case("killed", SAYS_BYE, {"enough": True, "tree": {}}, enough=2, timeout=0.5),
    Case(Job("arguments", ("/bin/sh", "-c", "echo $#", *map(str, range(600)))),
         {"stdout": b"599\n"}),
    case("umask", "umask; echo *", {"stdout": b"0027\n*\n"}, umask=0o027),
    case("environment", "echo $MINE $TMPDIR $LANG $HOME $PATH",
         {"stdout": b"my own data C.UTF-8 /nonexistent /usr/local/bin:/usr/bin:/bin\n"},
         env={"MINE": "my own", "TMPDIR": "data"}),
    case("temporary", "[ -d ${TMPDIR-/} ] && [ -z ${PWD##*/work} ]", {"status": 0}),
    case("descriptors", "ulimit -n; ulimit -Hn", {"stdout": b"77\n77\n"}, descriptors=77),
    case("inherited", INHERITS, {"stdout": b"yes\n"}, inherited=True),
    case("no-more", INHERITS, {"stdout": b""}),
    case("files", "echo new > data/new; printf '\\0\\0a\\0' > data/zeros; read -r l <data/link; "
         "[ -p data/fifo ] && [ -f other/f ] && echo $l",
         {"stdout": b"abc\n", "tree": COLLECTED}, files=FILES, umask=0o077, collect=("data",)),
]  # fmt: skip


def unused() -> set[str]:
    """Fields of a job that have no case with another value than the usual one."""
    return {
        field.name
        for field in dataclasses.fields(Job)
        if field.default is not dataclasses.MISSING
        and all(getattr(case.job, field.name) == field.default for case in CASES)
    }
