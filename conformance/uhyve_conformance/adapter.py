# SPDX-License-Identifier: MIT OR Apache-2.0
"""A hypervisor as the suite knows it: a TOML file with its command line.

The keys are described in conformance/README.md. Everything is checked when the file is
read, so that a typing error is one message and never a list of failures.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .architectures import JUDGED
from .capabilities import BASE, CAPABILITIES, VERSIONS, of_version
from .errors import SuiteError, UsageError
from .executor import IMAGE, Job
from .guarded import scratch
from .limits import VERSION
from .local import run_job
from .manifest import Run
from .paths import ADAPTERS, ROOT, shown
from .text import did_you_mean, printable

VERSION_LIMIT = 4096  # bytes of what a program says of itself

# Names that each list may hold: {name} within a word, or a word that becomes several.
_WORDS = {
    "command": {
        "root",
        "release",
        "image",
        "memory",
        "vcpus",
        "mappings",
        "env",
        "kernel_args",
        "args",
    },
    "mapping": {"host", "guest"},
    "variable": {"name", "value"},
    "kernel_args": {"kernel_args"},
    "args": {"args"},
    "version": {"root"},
    "prefix": {"root"},
    "files": {"root"},
}
_PLACEHOLDER = re.compile(r"\{(\w*)\}")
# Those that become several words or none, so that each is a word of its own.
_SEVERAL = ("mappings", "env", "kernel_args", "args")
# What a template has to hold, so that nothing that a run needs is lost.
_HOLDS = {
    "mapping": ("host", "guest"),
    "variable": ("name", "value"),
    "kernel_args": ("kernel_args",),
    "args": ("args",),
}
# Placeholders that a run may need in `command`, and what to add, which may be a line, too.
_TO_ADD = {
    "mappings": '"{mappings}", and the line: mapping = ["--file-mapping", "{host}:{guest}"]',
    "env": '"{env}", and the line: variable = ["--env-vars", "{name}={value}"]',
    "kernel_args": '"--", "{kernel_args}"',
    "args": '"{args}", and the line: args = ["--", "{args}"]',
    "vcpus": '"--cpu-count", "{vcpus}"',
}


class UnsuitableError(Exception):
    """A run asks for something that the adapter's command line cannot say."""


@dataclass(frozen=True)
class Adapter:
    """One hypervisor. The first word of `command` is the program."""

    name: str
    path: Path
    command: tuple[str, ...]
    summary: str = ""
    mapping: tuple[str, ...] = ()
    variable: tuple[str, ...] = ()
    kernel_args: tuple[str, ...] = ("{kernel_args}",)
    args: tuple[str, ...] = ("{args}",)
    version: tuple[str, ...] = ()  # options of the program that print its version
    environment: tuple[tuple[str, str], ...] = ()
    capabilities: tuple[str, ...] = (of_version(BASE),)
    crash: tuple[int, ...] = ()
    cause: str = ""  # a regular expression for its last words, which groups failures
    files: tuple[str, ...] = ()  # what the program needs besides itself on another machine
    # The program for another architecture, or "qemu ARCH": for that machine.
    programs: tuple[tuple[str, str], ...] = ()
    prefix: tuple[str, ...] = ()  # words in front of the program, which need not be here then
    kvm: bool = True  # False: it runs without /dev/kvm
    hint: str = ""
    release: str = ""  # which of its releases, where the file knows several
    further: bool = False  # another release than the one that is taken without asking

    def program(self) -> str:
        """Absolute path of the program, or of what a prefix starts; SuiteError when there
        is none."""
        word = self._located(self.prefix[0] if self.prefix else self.command[0])
        found = shutil.which(word)
        if not found:
            hint = f"; {self.hint}" if self.hint else ""
            raise SuiteError(f"hypervisor '{self.name}': no program {word}{hint}")
        return str(Path(found).absolute())

    def digest(self) -> str:
        """The digest of the program's file."""
        with Path(self.program()).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    @property
    def selector(self) -> str:
        """The value of HYPERVISOR for it: the name of a shipped one, or its path, and @ and
        the release when that was chosen."""
        word = self.path.stem if self.path.parent == ADAPTERS else shown(self.path)
        return f"{word}@{self.release}" if self.further else word

    def started(self) -> tuple[str, ...]:
        """The words up to the program and with it."""
        if not self.prefix:
            return (self.program(),)
        return (self.program(), *self.prefix[1:], self.command[0].replace("{root}", str(ROOT)))

    def bundle(self) -> list[Path]:
        """The further files, as absolute paths."""
        return [Path(self._located(word)) for word in self.files]

    def argv(self, run: Run) -> tuple[str, ...]:
        """The command line of a run, in the run's directory; UnsuitableError."""
        single = {
            "root": str(ROOT),
            "image": IMAGE,
            "memory": str(run.memory),
            "vcpus": str(run.vcpus),
        }
        several = {
            "mappings": [
                word.format(host=host, guest=guest)
                for guest, host in run.mappings.items()
                for word in self.mapping
            ],
            "env": [
                word.format(name=name, value=value)
                for name, value in run.env.items()
                for word in self.variable
            ],
            "kernel_args": _tail(self.kernel_args, "{kernel_args}", run.kernel_args),
            "args": _tail(self.args, "{args}", run.args),
        }
        for name in self.lacks(run):
            raise UnsuitableError(f"the adapter's command has no {{{name}}}")
        words = [*self.started()]
        for word in self.command[1:]:
            if word[1:-1] in several and word == f"{{{word[1:-1]}}}":
                words += several[word[1:-1]]
            else:
                words.append(word.format(**single))
        return tuple(words)

    def lacks(self, run: Run) -> list[str]:
        """The placeholders that this run needs, and that the command line does not have."""
        needed = {
            "mappings": bool(run.mappings),
            "env": bool(run.env),
            "kernel_args": bool(run.kernel_args),
            "args": bool(run.args),
            "vcpus": run.vcpus > 1,
        }
        given = {name for word in self.command for name in _PLACEHOLDER.findall(word)}
        return [name for name, need in needed.items() if need and name not in given]

    def check_runs(self, runs: Iterable[Run]) -> None:
        """UsageError, with what to add, if the command line cannot say what these runs need.
        What a run needs is not asked of a hypervisor that does not claim to have it."""
        lacking: dict[str, list[str]] = {}
        claimed = {*self.capabilities}
        for run in runs:
            wanted = {*run.needs, of_version(run.interface)} | ({run.probe} if run.probe else set())
            for name in self.lacks(run) if wanted <= claimed else ():
                lacking.setdefault(name, []).append(run.name)
        if lacking:
            raise UsageError(
                f"{shown(self.path)}: 'command' lacks what guests need; add to it\n"
                + "\n".join(
                    f"    {_TO_ADD[name]}  # or as your program has it; for {names[0]}"
                    + (f" and {len(names) - 1} more" if names[1:] else "")
                    for name, names in lacking.items()
                )
            )

    def ask_version(self) -> str:
        """The version that the program prints; SuiteError if it prints none."""
        argv = self.version_argv()
        if not argv:
            return "unknown"
        with scratch("uhyve-version-") as place:
            job = Job("version", argv, env=dict(self.environment), timeout=VERSION)
            answer = run_job(job, place / "work")
        if problem := answer.trouble:
            raise SuiteError(f"hypervisor '{self.name}' does not start: {argv[0]} {problem}")
        return self.read_version(answer.status, answer.stdout or answer.stderr)

    def version_argv(self) -> tuple[str, ...]:
        """The command line that prints the version; empty when there is none."""
        words = self.started()
        return (*words, *(word.format(root=ROOT) for word in self.version)) if self.version else ()

    def read_version(self, status: int | None, answer: bytes) -> str:
        """Its output for that command line; SuiteError if it failed."""
        text = printable(answer[:VERSION_LIMIT].decode(errors="replace")).strip()
        first = text.splitlines()[0] if text else "unknown"
        if status != 0:
            raise SuiteError(
                f"hypervisor '{self.name}' does not start: {' '.join(self.version_argv())} ended "
                f"with status {status}: {first}"
            )
        return first

    def for_machine(self, arch: str, machine: str) -> Adapter:
        """The same with the program for guests of this architecture on this machine: one for
        just this machine is taken when it is there."""
        programs = dict(self.programs)
        program = programs.get(arch, self.command[0])
        special = programs.get(f"{machine} {arch}")
        if special and Path(self._located(special)).exists():
            program = special
        return replace(self, command=(program, *self.command[1:]))

    def with_options(self, *options: str, name: str | None = None) -> Adapter:
        """The same with further options right after the program."""
        command = (self.command[0], *options, *self.command[1:])
        return replace(self, command=command, name=name or self.name)

    def _located(self, word: str) -> str:
        """A program's path: a bare name is looked up in PATH, others are relative to this file."""
        text = word.replace("{root}", str(ROOT))
        return text if "/" not in text else str(self.path.parent / Path(text).expanduser())


def _tail(template: tuple[str, ...], placeholder: str, values: tuple[str, ...]) -> list[str]:
    """Arguments in their template; nothing at all when there are none."""
    if not values:
        return []
    words: list[str] = []
    for word in template:
        words += values if word == placeholder else [word]
    return words


# ---- Reading ---------------------------------------------------------------------------------


def shipped_adapters() -> dict[str, Path]:
    """The adapters that come with the project."""
    return {path.stem: path for path in sorted(ADAPTERS.glob("*.toml"))}


def load_adapter(word: str) -> Adapter:
    """By the name of a shipped one, or by the path of a TOML file, either with @RELEASE after
    it; UsageError."""
    shipped = shipped_adapters()
    name, _, release = word.partition("@")
    path = shipped.get(name) or Path(name)
    if not path.is_file():
        known = ", ".join(shipped)
        raise UsageError(
            f"no hypervisor '{name}': neither one of {known}, nor a TOML file "
            f"(conformance/README.md shows how to write one){did_you_mean(name, shipped)}"
        )
    try:
        return parse_adapter(path, path.read_text(encoding="utf-8"), release)
    except (OSError, UnicodeDecodeError) as problem:
        raise UsageError(f"{shown(path)}: {problem}") from None


def parse_adapter(path: Path, text: str, release: str = "") -> Adapter:
    """The adapter in a text, for one of its releases; UsageError names the file and the key."""
    fault = _Fault(path)
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise fault(f"not TOML: {problem}") from None
    table, further = _of_release(table, release, fault)
    for key in table:
        if key not in _KEYS:
            hint = did_you_mean(key, _KEYS) or f"; keys are {', '.join(_KEYS)}"
            raise fault(f"unknown key '{key}'{hint}")
    for key in ("name", "command"):
        if not table.get(key):
            raise fault(f"the key '{key}' is missing")
    values = {key: _KEYS[key](value, key, fault) for key, value in table.items()}
    if not any("{image}" in word for word in values["command"][1:]):
        raise fault("'command' has to hold {image}")
    for lists, word in (("mapping", "mappings"), ("variable", "env")):
        if f"{{{word}}}" in values["command"] and not values.get(lists):
            raise fault(f"'command' has {{{word}}}, so '{lists}' is needed")
    for key, names in _HOLDS.items():
        for name in names if key in values else ():
            if not any(f"{{{name}}}" in word for word in values[key]):
                raise fault(f"'{key}' has to hold {{{name}}}")
    for word in values["command"]:
        for name in _SEVERAL:
            if f"{{{name}}}" in word and word != f"{{{name}}}":
                raise fault(f"'command': {{{name}}} has to be a word of its own, not in '{word}'")
    _check_versions(values.get("capabilities", Adapter.capabilities), fault)
    if further:
        values["name"] += f"-{values['release']}"
    for key in ("command", "hint"):
        values[key] = _with_release(values.get(key, ""), values.get("release", ""))
    return Adapter(path=path.absolute(), further=further, **values)


def _of_release(table: dict[str, Any], release: str, fault: _Fault) -> tuple[dict[str, Any], bool]:
    """The keys for a release, and whether it is another than the one of the file."""
    usual = table.get("release", "")
    releases = table.pop("releases", {})
    if not isinstance(releases, dict) or not all(isinstance(t, dict) for t in releases.values()):
        raise fault("'releases' has to be a table from releases to the keys that differ")
    if releases and not usual:
        raise fault("'releases' needs 'release', the one that is taken without asking")
    release = release or usual
    known = [usual, *releases] if usual else []
    if release and release not in known:
        raise fault(f"no release '{release}'; there are {', '.join(known) or 'none'}")
    return table | releases.get(release, {}) | {"release": release}, release != usual


def _with_release(words: Any, release: str) -> Any:
    if isinstance(words, str):
        return words.replace("{release}", release)
    return tuple(word.replace("{release}", release) for word in words)


def _check_versions(claimed: tuple[str, ...], fault: _Fault) -> None:
    known = [of_version(n) for n in VERSIONS]
    if not set(known) & set(claimed):
        raise fault(f"'capabilities' claims no version of the interface: {', '.join(known)}")
    if of_version(3) in claimed and of_version(BASE) not in claimed:
        raise fault(
            f"'capabilities': {of_version(3)} includes {of_version(BASE)}, which is not claimed"
        )


class _Fault:
    """Makes the error of one file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, text: str) -> UsageError:
        return UsageError(f"{shown(self._path)}: {text}")


def _text(value: Any, key: str, fault: _Fault) -> str:
    if not isinstance(value, str):
        raise fault(f"'{key}' has to be a string")
    if "\0" in value:
        raise fault(f"'{key}' holds a NUL character, which no command line can have")
    return value


def _name(value: Any, key: str, fault: _Fault) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.+-]*", _text(value, key, fault)):
        raise fault(f"'{key}' is letters, digits, _ . + - (it becomes part of a path)")
    if len(value) > 64:
        raise fault(f"'{key}' has more than 64 characters (it becomes part of a path)")
    return value


def _words(value: Any, key: str, fault: _Fault) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise fault(f"'{key}' has to be a list of strings, one for each word of the command line")
    if key in ("command", "prefix") and value and not value[0]:
        raise fault(f"'{key}' begins with an empty word, which is not a program")
    for word in value:
        _text(word, key, fault)
        for name in _PLACEHOLDER.findall(word):
            if name not in _WORDS[key]:
                known = ", ".join(f"{{{w}}}" for w in sorted(_WORDS[key]))
                raise fault(f"'{key}': unknown placeholder {{{name}}}; there are {known}")
        if _PLACEHOLDER.sub("", word).strip("{}") != _PLACEHOLDER.sub("", word):
            raise fault(f"'{key}': a lone brace in '{word}'")
    return tuple(value)


def _capabilities(value: Any, key: str, fault: _Fault) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise fault(f"'{key}' has to be a list of strings")
    for name in value:
        if name not in CAPABILITIES:
            raise fault(
                f"'{key}': unknown capability '{name}'; there are {', '.join(CAPABILITIES)}"
            )
    return tuple(value)


def _statuses(value: Any, key: str, fault: _Fault) -> tuple[int, ...]:
    if not isinstance(value, list) or not all(
        isinstance(n, int) and not isinstance(n, bool) and 0 < n < 256 for n in value
    ):
        raise fault(f"'{key}' has to be a list of exit statuses, 1 to 255")
    return tuple(value)


def _rule(value: Any, key: str, fault: _Fault) -> str:
    try:
        rule = re.compile(_text(value, key, fault), re.MULTILINE)
    except re.error as problem:
        raise fault(f"'{key}' is not a regular expression: {problem}") from None
    if rule.search("") is not None:
        raise fault(f"'{key}' matches a text that is empty, so it tells no cause from another")
    if odd := sorted(set(rule.groupindex) - {"where", "message"}):
        raise fault(f"'{key}': unknown group {odd[0]}; there are (?P<where>…) and (?P<message>…)")
    return value


def _boolean(value: Any, key: str, fault: _Fault) -> bool:
    if not isinstance(value, bool):
        raise fault(f"'{key}' has to be true or false")
    return value


def _table(value: Any, key: str, fault: _Fault) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        raise fault(f"'{key}' has to be a table of strings")
    for pair in value.items():
        for text in pair:
            _text(text, key, fault)
    return tuple(value.items())


def _environment(value: Any, key: str, fault: _Fault) -> tuple[tuple[str, str], ...]:
    for name in value if isinstance(value, dict) else ():
        if not name or "=" in name:
            raise fault(f"'{key}': '{name}' is not a name of a variable")
    return _table(value, key, fault)


def _programs(value: Any, key: str, fault: _Fault) -> tuple[tuple[str, str], ...]:
    known = [*JUDGED, *(f"qemu {arch}" for arch in JUDGED)]
    for name in value if isinstance(value, dict) else ():
        if name not in known:
            raise fault(f"'{key}': unknown machine '{name}'; there are {', '.join(known)}")
    return _table(value, key, fault)


_KEYS = {
    "name": _name,
    "summary": _text,
    "command": _words,
    "mapping": _words,
    "variable": _words,
    "kernel_args": _words,
    "args": _words,
    "version": _words,
    "environment": _environment,
    "capabilities": _capabilities,
    "crash": _statuses,
    "cause": _rule,
    "files": _words,
    "programs": _programs,
    "prefix": _words,
    "kvm": _boolean,
    "hint": _text,
    "release": _text,
}
