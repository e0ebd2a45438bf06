# SPDX-License-Identifier: MIT OR Apache-2.0
"""python -m uhyve_conformance.machine: caches, and one command by hand."""

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from ..architectures import JUDGED
from ..errors import SuiteError
from ..executor import SETTINGS, Job, Node
from ..options import seconds, several
from ..paths import machines
from .choose import executor
from .kernel import cached_kernel
from .sysroot import sysroot

_SMALL = 64 << 20  # bytes of files that are brought to a machine by hand


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m uhyve_conformance.machine")
    parser.add_argument(
        "--machines",
        type=Path,
        default=machines(),
        metavar="DIR",
        help="directory of the cache (default: %(default)s)",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (
        ("kernel", "fills the cache with a Linux kernel"),
        ("sysroot", "fills the cache with static libraries to link against"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("arch", choices=JUDGED)
    run = commands.add_parser(
        "run", help="runs a program under QEMU, with the files of this directory"
    )
    run.add_argument("arch", choices=JUDGED)
    run.add_argument("--timeout", type=seconds, default=60, metavar="SECONDS")
    several(run, "--env", metavar="NAME=VALUE")
    for name in [name for name in SETTINGS if name != "timeout"]:
        run.add_argument(f"--{name.replace('_', '-')}", type=int, default=0, metavar="NUMBER")
    run.add_argument("argv", nargs=argparse.REMAINDER, metavar="-- PROGRAM [ARGUMENT]...")
    options = parser.parse_args(arguments)
    if options.command == "kernel":
        print(cached_kernel(options.machines, options.arch).name)
    elif options.command == "sysroot":
        print(sysroot(options.machines, options.arch))
    else:
        return _run(
            options, [word for index, word in enumerate(options.argv) if index or word != "--"]
        )
    return 0


def _run(options: argparse.Namespace, argv: list[str]) -> int:
    """One job with a copy of the current directory; its files afterwards stay over there."""
    if not argv:
        raise SuiteError("no program to run")
    here = Path.cwd()
    umask = os.umask(0)
    os.umask(umask)
    stdin = b"" if sys.stdin.isatty() else sys.stdin.buffer.read()
    paths = sorted(here.rglob("*"))
    if sum(path.lstat().st_size for path in paths) > _SMALL:
        raise SuiteError(f"all of {here} would have to be brought along; use a small directory")
    files = {str(path.relative_to(here)): _node(path) for path in paths}
    argv[0] = str(Path(argv[0]).absolute())
    scratch = Path(tempfile.mkdtemp(prefix="uhyve-machine."))
    machine = executor("qemu", options.arch, scratch, options.machines.absolute())
    settings = {name: type(getattr(Job, name))(getattr(options, name)) for name in SETTINGS}
    variables = {name: value for name, _, value in (text.partition("=") for text in options.env)}
    job = Job("run", tuple(argv), files, stdin, umask=umask, env=variables, **settings)
    (outcome,) = machine.run([job])
    shutil.rmtree(scratch)  # where it failed, the log stays
    sys.stdout.buffer.write(outcome.stdout)
    sys.stderr.buffer.write(outcome.stderr)
    if outcome.status is not None:
        return outcome.status
    ending = outcome.error or (
        f"signal {outcome.signal}" if outcome.signal else "killed at its limit"
    )
    print(f"machine: {ending}", file=sys.stderr)
    return 128 + (outcome.signal or 0)


def _node(path: Path) -> Node:
    if path.is_symlink():
        return Node("symlink", target=str(path.readlink()))
    mode = path.stat().st_mode & 0o7777
    return Node("dir", mode=mode) if path.is_dir() else Node(content=path.read_bytes(), mode=mode)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except SuiteError as problem:
        print(f"machine: {problem}", file=sys.stderr)
        sys.exit(problem.status)
    except KeyboardInterrupt:
        sys.exit(2)
