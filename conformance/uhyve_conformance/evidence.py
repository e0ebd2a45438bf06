# SPDX-License-Identifier: MIT OR Apache-2.0
"""What a run leaves behind: its image, what it printed, and a script that runs the job again
without the suite."""

from __future__ import annotations

import base64
import os
import shlex
from collections.abc import Iterable
from pathlib import Path

from .executor import IMAGE, Job, Node, Outcome
from .host import full_for_shell
from .limits import GRACE
from .local import ENVIRONMENT, WORK
from .trees import remove_tree

# The number of a descriptor that a job inherits; a shell knows those of one digit alone.
_INHERITED = 9


def leave_evidence(
    place: Path, title: str, job: Job, outcome: Outcome, by_hand: tuple[str, ...]
) -> None:
    """New files in `place`, whatever the hypervisor put there. by_hand as Executor has it.
    OSError when they cannot be written."""
    if place.is_symlink():
        place.unlink()
    place.mkdir(parents=True, exist_ok=True)
    script = "\n".join(_script(title, job, by_hand)) + "\n"
    image = job.files.get(IMAGE, Node()).content or b""
    for name, content, mode in (
        (IMAGE, image, 0o644),
        ("console.txt", outcome.stdout, 0o644),
        ("stderr.txt", outcome.stderr, 0o644),
        ("repeat.sh", script.encode(errors="surrogateescape"), 0o755),
    ):
        remove_tree(place / name)
        new = os.open(place / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
        with open(new, "wb") as file:  # noqa: PTH123
            file.write(content)


def _script(title: str, job: Job, by_hand: tuple[str, ...]) -> Iterable[str]:
    yield f"#!/bin/sh\n# {title}"
    yield "# Creates the files again and runs the hypervisor as the suite did."
    if not by_hand:
        yield "# With the argument 0 there is no time limit."
    yield 'set -eu\ncd "$(dirname "$0")"\nscratch=$PWD/tmp'
    yield f'for old in {WORK} "$scratch"; do'
    yield '  chmod -R u+rwx "$old" 2>/dev/null || :\n  rm -rf "$old"\ndone'
    yield f'umask 022\nmkdir {WORK} "$scratch"\ncd {WORK}'
    if IMAGE in job.files:
        yield f"cp ../{IMAGE} ."
    files = {path: node for path, node in job.files.items() if path != IMAGE}
    for path, node in files.items():
        yield from _make(path, node)
    # The deepest first: a directory's mode may keep its owner out.
    for path, node in reversed(files.items()):
        if node.mode is not None:
            yield f"chmod {node.mode:04o} {shlex.quote(path)}"
    yield f"umask {job.umask:03o}"
    yield from _by_executor(job, by_hand) if by_hand else _by_shell(job)


def _by_executor(job: Job, words: tuple[str, ...]) -> Iterable[str]:
    yield _fed(job, shlex.join((*words, *job.argv)))


def _fed(job: Job, command: str) -> str:
    """With the job's input, and its end."""
    return f"{_printed(job.stdin)} | {command}" if job.stdin else f"{command} </dev/null"


def _by_shell(job: Job) -> Iterable[str]:
    """As LocalExecutor does it. What is killed at its limit has the status 124 or 137."""
    yield 'command -v timeout >/dev/null || timeout() { shift 3; "$@"; }'
    if job.descriptors:
        yield f"ulimit -n {job.descriptors}"
    variables = ENVIRONMENT | {"TMPDIR": "$scratch"} | dict(job.env)
    words = " ".join(f"{name}={_quoted(value)}" for name, value in variables.items())
    # Without `terminate` nothing asks it to end.
    how = f"-k{GRACE:g}" if job.terminate else "-sKILL"
    # In the foreground Ctrl-C ends it, too.
    begin = f'timeout --foreground {how} "${{1-{job.timeout:g}}}"'
    command = f"{begin} env -i {words} \\\n  {shlex.join(job.argv)}"
    if job.full_stdout:
        command += f" {full_for_shell()}"
    if job.inherited:
        command += f" {_INHERITED}<>/dev/zero"
    if job.hold_stdin:
        # This shell is the other end.
        yield 'mkfifo "$scratch/stdin"\nexec 8<>"$scratch/stdin"'
        yield f'{_printed(job.stdin)} >&8 &\n{command} <"$scratch/stdin" 8<&-'
    else:
        yield _fed(job, command)


def _quoted(value: str) -> str:
    return f'"{value}"' if value == "$scratch" else shlex.quote(value)


def _make(path: str, node: Node) -> Iterable[str]:
    name = shlex.quote(path)
    if "/" in path:
        yield f"mkdir -p {shlex.quote(str(Path(path).parent))}"
    if node.kind == "dir":
        yield f"mkdir -p {name}"
    elif node.kind == "symlink":
        yield f"ln -s {shlex.quote(node.target or '')} {name}"
    elif node.kind == "fifo":
        yield f"mkfifo {name}"
    else:
        yield f"{_printed(node.content or b'')} >{name}"
        if node.size is not None and node.size > len(node.content or b""):
            yield f"truncate -s {node.size} {name}"


def _printed(data: bytes) -> str:
    """A command that prints these bytes."""
    if len(data) > 1024:
        return f"printf %s {base64.b64encode(data).decode()} | base64 -d"
    text = data.decode("ascii", "replace")
    if text.isprintable() and "\ufffd" not in text:
        return f"printf %s {shlex.quote(text)}"
    octal = "".join(
        chr(b) if 32 <= b < 127 and chr(b) not in "\\%'" else f"\\{b:03o}" for b in data
    )
    return f"printf '{octal}'"
