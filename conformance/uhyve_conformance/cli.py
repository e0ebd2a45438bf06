# SPDX-License-Identifier: MIT OR Apache-2.0
"""The command line: one function for each command, no work of its own."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from . import paths
from .adapter import load_adapter, shipped_adapters
from .architectures import ARCHITECTURES
from .capabilities import CAPABILITIES
from .errors import Exit, SuiteError, UsageError
from .guarded import close_guardian, ends_by_sigterm
from .limits import set_scale
from .options import between, count, guest_options, guests_of, several
from .results import read_results
from .session import Request, make_plan
from .spec import read_spec

# The other commands, by the module that adds them. It is imported for its own commands and for
# the list of all: what `run` does not need costs it nothing.
FAMILIES = {
    "bundle.cli": ("verify", "report", "merge", "gate", "history", "shard-times"),
    "explore.cli": ("explore",),
    "binding.cli": ("check-binding",),
    "judged.cli": ("guest", "judge-check"),
    "cli_gates": ("defects", "mutants", "freedoms", "mutate"),
    "cli_texts": ("spec-check", "spec", "site", "lock"),
}
_OWN = ("run", "show", "list", "compare")


def main(arguments: Sequence[str]) -> int:
    """Runs one command; its exit status."""
    options = parser_for(arguments).parse_args(arguments)
    ends_by_sigterm()
    try:
        return options.command(options)
    except SuiteError as problem:
        print(f"error: {problem}", file=sys.stderr)
        return problem.status
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return Exit.INTERRUPTED
    except BrokenPipeError:
        return Exit.OK
    except OSError as problem:
        print(f"error: {problem}", file=sys.stderr)
        return Exit.SETUP
    finally:
        close_guardian()


def program() -> int:
    """The installed command."""
    return main(sys.argv[1:])


# These prove the project itself, and need its sources.
_OF_THE_PROJECT = (
    "freedoms", "judge-check", "lock", "mutants", "mutate", "shard-times", "site", "spec-check",
)  # fmt: skip


def _needs_sources(options: argparse.Namespace) -> int:
    raise UsageError("this command concerns the project itself: use it in a checkout")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:
        self.exit(Exit.USAGE, f"error: {message}; see {self.prog} --help\n")


def families_of(arguments: Sequence[str]) -> list[str]:
    """The modules whose commands these arguments can mean: all, if they begin with no command."""
    word = arguments[0] if arguments else ""
    if word in _OWN:
        return []
    return [family for family, words in FAMILIES.items() if word in words] or [*FAMILIES]


def parser_for(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """A parser that knows the command of these arguments, or all commands."""
    parser = _Parser(prog="uhyve-conformance", description="Judges Uhyve hypervisors.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name: str, function: object, text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        about_project = paths.INSTALLED and name in _OF_THE_PROJECT
        sub.set_defaults(command=_needs_sources if about_project else function)
        return sub

    sub = command("run", _run, "judge a hypervisor")
    sub.add_argument("--hypervisor", default="reference", help="a name, or an adapter's TOML file")
    sub.add_argument("--machine", choices=("auto", "kvm", "qemu"), default="auto")
    guest_options(sub)
    sub.add_argument("--output", type=Path, help="directory of the results")
    sub.add_argument(
        "--jobs",
        type=count,
        default=os.cpu_count() or 1,
        help="number of processors to keep busy",
    )
    sub.add_argument(
        "--repeat",
        type=count,
        default=1,
        metavar="N",
        help="repeat each run N times; runs that differ are FLAKY",
    )
    sub.add_argument(
        "--timeout-scale",
        type=between(0.01, 1000),
        default=1.0,
        metavar="FACTOR",
        help="multiply all time limits, for a slow machine",
    )
    sub.add_argument("--shard", metavar="K/N", help="run the K-th of N parts; `merge` joins them")
    sub.add_argument(
        "--program", type=Path, help="use another program in the adapter's command line"
    )
    sub.add_argument("--shuffle", metavar="SEED", help="run in another order")
    several(
        sub,
        "--only",
        metavar="NAME",
        help="a guest, guest[variant] or requirement; several are allowed",
    )
    sub.add_argument("pytest", nargs="*", metavar="-- OPTION", help="options for pytest")

    sub = command(
        "show", _show, "show a requirement or guest: text, checks, last verdicts, command line"
    )
    sub.add_argument("word", metavar="ID", help="an id, a guest, or guest[variant]")
    guest_options(sub)
    sub = command("list", _list, "list guests, requirements, hypervisors or capabilities")
    sub.add_argument(
        "what",
        nargs="?",
        choices=("guests", "requirements", "hypervisors", "capabilities"),
        default="guests",
    )
    guest_options(sub, ARCHITECTURES)
    sub = command("compare", _compare, "compare two results.json; status 1 if the second is worse")
    sub.add_argument("old", type=Path)
    sub.add_argument("new", type=Path)
    sub.add_argument(
        "--same",
        action="store_true",
        help="status 1 for any difference; between architectures, ignore what only one of them has",
    )
    for family in families_of(arguments):
        import_module(f".{family}", __package__).add_parsers(command)
    return parser


def _run(options: argparse.Namespace) -> int:
    request = Request(
        hypervisor=options.hypervisor,
        arch=options.arch,
        machine=options.machine,
        spec=options.spec,
        guests=options.guests,
        output=options.output,
        only=tuple(options.only),
        shuffle=options.shuffle,
        shard=options.shard,
        program=options.program,
        guest_lock=options.guest_lock,
        repeat=options.repeat,
        timeout_scale=options.timeout_scale,
    )
    from .suite import run_suite  # pytest is slow to import

    set_scale(options.timeout_scale)
    return run_suite(make_plan(request), options.jobs, options.pytest)


def _show(options: argparse.Namespace) -> int:
    from . import show  # reads the last results

    spec, guests = read_spec(options.spec), guests_of(options)
    print(show.show(options.word, spec, guests, options.spec))
    return Exit.OK


def _list(options: argparse.Namespace) -> int:
    if options.what == "guests":
        rows = [(run.name, run.summary) for guest in guests_of(options) for run in guest.runs]
    elif options.what == "requirements":
        rows = [(r.id, r.sentence) for r in read_spec(options.spec).requirements.values()]
    elif options.what == "hypervisors":
        rows = [(name, load_adapter(name).summary) for name in shipped_adapters()]
    else:
        rows = list(CAPABILITIES.items())
    width = max(len(name) for name, _ in rows)
    for name, text in rows:
        print(f"{name:<{width}}  {text}")
    return Exit.OK


def _compare(options: argparse.Namespace) -> int:
    from . import compare

    old, new = read_results(options.old), read_results(options.new)
    other_arch = options.same and old["arch"] != new["arch"]
    difference = compare.compare(old, new, ignore_arch=other_arch)
    print(compare.describe(difference))
    worse = difference.worse or (options.same and not difference.same)
    return Exit.FAILURES if worse else Exit.OK
