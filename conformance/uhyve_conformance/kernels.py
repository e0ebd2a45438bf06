# SPDX-License-Identifier: MIT OR Apache-2.0
"""python -m uhyve_conformance.kernels: real kernels on one or more hypervisors.

The images are not part of the project. A list (conformance/kernels/published.toml, and every
*.toml of the folder of images) names them, by digest where someone else publishes them, and
says what each run is to print, to leave behind and to end with. Without a folder, what is
published is fetched with git. Every hypervisor gets the same options. What is not there is SKIP
with its reason and never counts as passed.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from itertools import product
from pathlib import Path
from typing import Any

from .adapter import Adapter, UnsuitableError, load_adapter
from .architectures import JUDGED
from .errors import Exit, NothingError, SuiteError, UsageError
from .executor import IMAGE, Job, Node, Outcome
from .guarded import ends_by_sigterm, scratch
from .last_words import death_text, last_words
from .limits import FETCH, KERNEL
from .machine.choose import settle
from .manifest import Run
from .options import several
from .paths import BUILD, ROOT, shown
from .session import make_machine

PUBLISHED = ROOT / "conformance" / "kernels" / "published.toml"
FETCHED = BUILD / "kernels"
LAST_WORDS = 3  # lines, where nothing says more


@dataclass(frozen=True, eq=False)
class KernelRun:
    """One start of an image, and what has to come of it."""

    name: str
    status: int
    console: tuple[str, ...]  # lines that the console has, in this order, among others
    vcpus: tuple[int, ...] = (1,)  # one run for each
    aslr: tuple[bool, ...] = (True, False)
    memory: tuple[int, ...] = (64,)  # MiB; one run for each
    times: int = 1  # starts of each of these
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    stdin: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    mappings: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)  # what files hold; "": absent

    def failure(self, outcome: Outcome) -> str:
        """The fault in an outcome, or ""."""
        if outcome.status is None:
            how = outcome.error or ("time limit" if outcome.timed_out else "signal or flood")
            return f"no status: {how}"
        if outcome.status != self.status:
            return f"status {outcome.status} instead of {self.status}"
        lines = iter(outcome.stdout.decode(errors="replace").splitlines())
        for wanted in self.console:
            if not any(wanted in line for line in lines):
                return f"the console lacks '{wanted}'"
        for path, text in self.after.items():
            node = outcome.tree.get(path)
            if bool(node) != bool(text) or (node and node.content != text.encode()):
                return f"{path} is not as it has to be afterwards"
        return ""


@dataclass(frozen=True, eq=False)
class Kernel:
    """An image: where it is (None: not here), and its runs."""

    name: str
    arch: str
    path: Path | None
    absent: str  # why it is not here
    runs: tuple[KernelRun, ...]


@dataclass(frozen=True, eq=False)
class Start:
    """One cell of the table, `run.times` jobs."""

    kernel: Kernel
    run: KernelRun
    vcpus: int
    aslr: bool
    memory: int

    def __str__(self) -> str:
        aslr = "on" if self.aslr else "off"
        memory = f" memory={self.memory}" if len(self.run.memory) > 1 else ""
        times = f" {self.run.times} times" if self.run.times > 1 else ""
        return f"{self.kernel.name} {self.run.name} vcpus={self.vcpus} aslr={aslr}{memory}{times}"

    def job(self, name: str, adapter: Adapter) -> Job:
        """The command line of this hypervisor; UnsuitableError."""
        run = self.run
        assert self.kernel.path
        if not self.aslr:
            adapter = adapter.with_options("--no-aslr")
        argv = adapter.argv(
            Run(
                guest=self.kernel.name,
                summary="",
                memory=self.memory,
                vcpus=self.vcpus,
                args=run.args,
                env=run.env,
                mappings=run.mappings,
            )
        )
        files = {path: Node(content=text.encode()) for path, text in run.files.items()}
        files[IMAGE] = Node(content=self.kernel.path.read_bytes())
        return Job(
            name,
            argv,
            files,
            run.stdin.encode(),
            timeout=KERNEL,
            # uhyve's Cmdsize counts the variables of the host, Cmdval copies those of the run.
            env={**run.env, **dict(adapter.environment)},
        )


def _taken(table: Mapping[str, Any], where: str) -> KernelRun:
    """A run from a table of TOML; UsageError names a key that is not right."""
    known = {f.name for f in fields(KernelRun)}
    for key in table:
        if key not in known:
            raise UsageError(f"{where}: unknown key '{key}'; keys are {', '.join(sorted(known))}")
    values = {k: tuple(v) if isinstance(v, list) else v for k, v in table.items()}
    for key in ("vcpus", "aslr", "memory"):  # one value is a list of one
        if key in values and not isinstance(values[key], tuple):
            values[key] = (values[key],)
    try:
        taken = KernelRun(**values)
    except TypeError as problem:
        raise UsageError(f"{where}: {problem}") from None
    if not (taken.vcpus and taken.aslr and taken.memory and taken.times > 0):
        raise UsageError(f"{where}: it starts nothing")
    return taken


def read_list(path: Path, by_digest: Mapping[str, Path]) -> list[Kernel]:
    """The images of a list. An image with `sha256` is found by it, one with `file` beside the
    list. {arch} in names is each of several architectures."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("image", [])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise UsageError(f"{shown(path)}: {problem}") from None
    kernels = []
    for number, table in enumerate(tables, 1):
        where = f"{shown(path)}: image {number}"
        unknown = set(table) - {"name", "arch", "file", "sha256", "published", "run"}
        missing = {"name", "arch", "run"} - set(table)
        if unknown or missing:
            raise UsageError(
                f"{where}: "
                + ", ".join(
                    [*(f"unknown key '{k}'" for k in sorted(unknown))]
                    + [*(f"the key '{k}' is missing" for k in sorted(missing))]
                )
            )
        runs = tuple(_taken(run, f"{where}, a run") for run in table["run"])
        archs = table["arch"] if isinstance(table["arch"], list) else [table["arch"]]
        for arch in archs:
            name = table["name"].replace("{arch}", arch)
            if "sha256" in table:
                found = by_digest.get(table["sha256"])
                absent = f"not among the images; published: {table.get('published', 'nowhere')}"
            else:
                found = path.parent / table.get("file", name).replace("{arch}", arch)
                absent = f"no file {found}"
                found = found if found.is_file() else None
            kernels.append(Kernel(name, arch, found, absent, runs))
    return kernels


def fetch(published: Path, to: Path) -> str:
    """Brings the folder of images that the list names as its source; why that failed, or ""."""
    source = tomllib.loads(published.read_text(encoding="utf-8"))["source"]
    if (to / source["commit"]).is_dir():
        return ""
    to.mkdir(parents=True, exist_ok=True)
    with scratch("fetch-", str(to)) as fetched:
        git = ("git", "-C", str(fetched))
        for words in (
            ("init", "--quiet"),
            ("fetch", "--quiet", "--depth=1", source["repository"], source["commit"]),
            ("checkout", "--quiet", "FETCH_HEAD", "--", source["folder"]),
        ):
            try:
                done = subprocess.run(
                    (*git, *words), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                    timeout=FETCH, check=False,
                )  # fmt: skip
            except (OSError, subprocess.TimeoutExpired) as problem:
                return str(problem)
            if done.returncode:
                return " ".join(done.stderr.split()) or f"git ended with {done.returncode}"
        (fetched / source["folder"]).rename(to / source["commit"])
    return ""


def find_kernels(folder: Path | None) -> list[Kernel]:
    """All that the lists name; the folder is searched for what is published."""
    by_digest: dict[str, Path] = {}
    lists = [PUBLISHED]
    if folder:
        if not folder.is_dir():
            raise UsageError(f"KERNELS: {folder} is not a folder")
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                by_digest[hashlib.sha256(path.read_bytes()).hexdigest()] = path
        lists += sorted(folder.glob("*.toml"))
    return [kernel for path in lists for kernel in read_list(path, by_digest)]


def starts_of(kernel: Kernel) -> Iterable[Start]:
    """Every run with every number of vCPUs, with and without ASLR, with every size of memory."""
    for run in kernel.runs:
        for vcpus, aslr, memory in product(run.vcpus, run.aslr, run.memory):
            yield Start(kernel, run, vcpus, aslr, memory)


def with_runs(
    kernels: Iterable[Kernel], change: Callable[[KernelRun], KernelRun | None]
) -> list[Kernel]:
    """The images with other runs; None takes one away."""
    return [
        replace(kernel, runs=tuple(run for old in kernel.runs if (run := change(old))))
        for kernel in kernels
    ]


def judge(
    word: str,
    arch: str,
    kernels: list[Kernel],
    machine: str,
    tell: Callable[[Start, str], None],
) -> None:
    """Tells the outcome of each start on one hypervisor as soon as it is known: "" passed,
    "SKIP ..." not run, else the failure."""
    starts = [start for kernel in kernels for start in starts_of(kernel)]
    there = []
    for start in starts:
        if start.kernel.path:
            there.append(start)
        else:
            tell(start, f"SKIP {start.kernel.absent}")
    if not there:
        return
    try:
        adapter = load_adapter(word)
        elsewhere = adapter.prefix or not adapter.kvm
        where = "kvm" if elsewhere else settle(machine, arch)  # type: ignore[arg-type]
        adapter = adapter.for_machine(arch, where)
        adapter.program()
        cells = [start for start in there for _ in range(start.run.times)]
        jobs = [start.job(f"{number:04}", adapter) for number, start in enumerate(cells)]
    except UsageError:
        raise
    except (SuiteError, UnsuitableError) as problem:
        for start in there:
            tell(start, f"SKIP {problem}")
        return
    start_of = {job.name: start for job, start in zip(jobs, cells, strict=True)}
    outcomes: dict[Start, list[str]] = {start: [] for start in there}

    def ended(job: Job, outcome: Outcome) -> None:
        start = start_of[job.name]
        said = outcomes[start]
        fault = start.run.failure(outcome)
        said.append(fault and fault + _last_words(outcome))
        if len(said) == start.run.times:
            tell(start, _summary(said))

    with scratch("uhyve-kernels-") as place:
        engine = make_machine(where, arch, place, adapter.bundle())
        try:
            engine.run(jobs, ended)
        finally:
            engine.close()


def _last_words(outcome: Outcome) -> str:
    """What the hypervisor said of its end, or else the guest, in lines of their own."""
    for stream in (outcome.stderr, outcome.stdout):
        text = stream.decode(errors="replace")
        words = death_text(text) or last_words(text, frozenset(), LAST_WORDS)
        if words:
            return "".join(f"\n       {line}" for line in words.splitlines())
    return ""


def _summary(outcomes: list[str]) -> str:
    """The first failure, and how many of the starts failed; "" when none did."""
    failures = [said for said in outcomes if said]
    if not failures or len(outcomes) == 1:
        return "".join(failures)
    return f"{len(failures)} of {len(outcomes)} starts failed, the first by: {failures[0]}"


def main(arguments: list[str]) -> int:
    """Prints one line for each start; FAILURES when one is not as it has to be."""
    parser = argparse.ArgumentParser(prog="python -m uhyve_conformance.kernels")
    parser.add_argument("--folder", type=Path, help="folder of the images (KERNELS=)")
    several(parser, "--hypervisor")
    several(parser, "--arch", choices=JUDGED)
    parser.add_argument("--machine", default="auto", choices=("auto", "kvm", "qemu"))
    several(parser, "--only", metavar="IMAGE")
    several(parser, "--run", help="only runs of this name")
    parser.add_argument("--times", type=int, help="starts of each run that has several (RUNS=)")
    options = parser.parse_args(arguments)
    folder = options.folder
    if folder is None:
        if problem := fetch(PUBLISHED, FETCHED):
            print(f"kernels: what is published cannot be fetched: {problem}", file=sys.stderr)
        else:
            folder = FETCHED
    kernels = find_kernels(folder)
    if unknown := set(options.only) - {kernel.name for kernel in kernels}:
        raise UsageError(f"--only: no image '{min(unknown)}' in the lists")
    if options.only:
        kernels = [kernel for kernel in kernels if kernel.name in options.only]
    if unknown := set(options.run) - {run.name for kernel in kernels for run in kernel.runs}:
        raise UsageError(f"--run: no run '{min(unknown)}' in the lists")
    if options.run:
        kernels = with_runs(kernels, lambda run: run if run.name in options.run else None)
    if options.times is not None:
        if options.times < 1:
            raise UsageError(f"--times: {options.times} starts nothing")
        kernels = with_runs(
            kernels, lambda run: replace(run, times=options.times) if run.times > 1 else run
        )
    counts = {"ok": 0, "FAIL": 0, "SKIP": 0}
    for arch in options.arch or JUDGED:
        chosen = [kernel for kernel in kernels if kernel.arch == arch]
        for word in options.hypervisor or ["reference", "uhyve"]:

            def tell(start: Start, said: str, word: str = word) -> None:
                verdict = "SKIP" if said.startswith("SKIP") else "FAIL" if said else "ok"
                counts[verdict] += 1
                print(
                    f"{verdict:4} {word:9} {start} {said.removeprefix('SKIP ')}".rstrip(),
                    flush=True,
                )

            judge(word, arch, chosen, options.machine, tell)
    print(", ".join(f"{count} {verdict}" for verdict, count in counts.items()))
    if not counts["ok"] + counts["FAIL"]:
        raise NothingError("no kernel was run; KERNELS=folder says where images are")
    return Exit.FAILURES if counts["FAIL"] else Exit.OK


if __name__ == "__main__":
    ends_by_sigterm()  # a shell starts what is in the background without SIGINT
    try:
        sys.exit(main(sys.argv[1:]))
    except SuiteError as problem:
        print(f"kernels: {problem}", file=sys.stderr)
        sys.exit(problem.status)
    except KeyboardInterrupt:
        print("kernels: interrupted", file=sys.stderr)
        sys.exit(Exit.INTERRUPTED)
