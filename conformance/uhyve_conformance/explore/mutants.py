# SPDX-License-Identifier: MIT OR Apache-2.0
"""Can the explorer fail? One line of the model is made wrong at a time, which looks like a
hypervisor that is wrong there: every one has to be noticed on the reference VMM.

    python -m uhyve_conformance.explore.mutants [NAME...]      (make explore-mutants)
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from .. import paths
from ..errors import Exit

PACKAGE = Path(__file__).resolve().parents[1]
SECONDS = 10.0
SEED = 3


@dataclass(frozen=True)
class Mutation:
    name: str
    module: str
    old: str
    new: str
    equivalent: str = ""  # why no one can notice it

    @property
    def file(self) -> str:
        return f"explore/model/{self.module}.py"


def source_of(mutation: Mutation) -> str:
    return (PACKAGE / mutation.file).read_text(encoding="utf-8")


def _m(name: str, module: str, old: str, new: str, equivalent: str = "") -> Mutation:
    return Mutation(name, module, old, new, equivalent)


MUTATIONS = (
    # Positions.
    _m("read does not move", "transfer", "after.move(call.fd, descriptor.position + seen.result)", "pass"),
    _m("write does not move", "transfer", "after.move(call.fd, start + seen.result)", "pass"),
    _m("write moves from the old position", "transfer", "after.move(call.fd, start + seen.result)",
       "after.move(call.fd, descriptor.position + seen.result)"),
    _m("append is ignored", "transfer", "appends = bool(descriptor.flags & O_APPEND)", "appends = False"),
    _m("append everywhere", "transfer", "appends = bool(descriptor.flags & O_APPEND)", "appends = True"),
    _m("lseek does not move", "transfer", "after.move(call.fd, seen.result)\n\n    file",
       "pass\n\n    file"),
    _m("SEEK_CUR counts from 0", "transfer", 'SEEK_CUR: (descriptor.position, "UHY-LSEEK-002")',
       'SEEK_CUR: (0, "UHY-LSEEK-002")'),
    _m("SEEK_END counts from the position", "transfer", 'SEEK_END: (file.size, "UHY-LSEEK-003")',
       'SEEK_END: (descriptor.position, "UHY-LSEEK-003")'),
    _m("negative positions stop at 0", "transfer", "    if target < 0:\n", "    target = max(target, 0)\n    if target < 0:\n"),
    _m("positions end at 4 GiB", "transfer", "    target = start + call.offset\n",
       "    target = start + call.offset if abs(call.offset) < 1 << 32 else (start + call.offset) % (1 << 32)\n"),
    _m("one position for all descriptors", "state",
       "        self.open[fd] = replace(self.open[fd], position=position)",
       "        for other in self.open: self.open[other] = replace(self.open[other], position=position)"),
    _m("a new descriptor begins where an old one stands", "state", "self.open[fd] = Descriptor(node, flags)",
       "self.open[fd] = Descriptor(node, flags, max((d.position for d in self.open.values()), default=0))"),
    # Content.
    _m("one byte less is read", "transfer", "count = max(0, min(call.length, node.size - descriptor.position))",
       "count = max(0, min(call.length, node.size - descriptor.position - 1))"),
    _m("the first byte is read again", "transfer", "data = node.read(descriptor.position, count)",
       "data = node.read(0, count)"),
    _m("written bytes are lost", "transfer",
       "after.nodes[descriptor.node] = node.written(start, call.data[: seen.result])", "pass"),
    _m("the size does not grow", "state", "size=max(self.size, position + len(data))", "size=self.size"),
    _m("a write cuts the file", "state", "size=max(self.size, position + len(data))", "size=position + len(data)"),
    _m("gaps are not zero", "state", "self.cells.get(at, 0) for at", "self.cells.get(at, 0xFF) for at"),
    _m("O_TRUNC is ignored", "files", "empties = wish.truncates and wish.writes", "empties = False"),
    _m("O_TRUNC keeps the content", "state", "return replace(self, cells={}, size=0)", "return replace(self, size=0)"),
    _m("every open empties", "files", "empties = wish.truncates and wish.writes", "empties = wish.writes"),
    # Names.
    _m("O_EXCL is ignored", "files", "return self.creates and bool(self.flags & O_EXCL)", "return False"),
    _m("O_EXCL without O_CREAT refuses", "files", "return self.creates and bool(self.flags & O_EXCL)",
       "return bool(self.flags & O_EXCL)"),
    _m("O_CREAT gives a new file for an old name", "files",
       "    if number is None:\n        if wish.creates:", "    if number is None or wish.creates and not place.node:\n        if wish.creates:",
       "the number of a node below a mapping is never 0"),
    _m("O_CREAT does not create", "files", "after.give(seen.result, after.add(parent, place.leaf, File(mode=mode, store=store)), wish.flags)",
       "after.give(seen.result, place.parent, wish.flags)"),
    _m("umask is ignored", "files", "asked = wish.mode & 0o777 & ~state.umask", "asked = wish.mode & 0o777"),
    _m("mkdir ignores umask", "files", "Directory(mode=0o777 & ~after.umask, store=store)", "Directory(mode=0o777, store=store)"),
    _m("unlink keeps the name", "files", "after.remove(place.parent, place.leaf)", "pass"),
    _m("unlink empties the file", "files", "after.remove(place.parent, place.leaf)",
       "number = place.node; after.remove(place.parent, place.leaf); after.nodes[number] = after.nodes[number].emptied() "
       "if isinstance(after.nodes[number], File) else after.nodes[number]"),
    _m("unlink closes descriptors", "files", "after.remove(place.parent, place.leaf)",
       "after.remove(place.parent, place.leaf); [after.take(fd) for fd, d in list(after.open.items()) if d.node == place.node]"),
    _m("unlink follows links", "files", "def unlink(state: State, call: Call) -> Outcome:\n    place = resolve(state, call.path, follow=False)",
       "def unlink(state: State, call: Call) -> Outcome:\n    place = resolve(state, call.path, follow=True)"),
    _m("mkdir follows links", "files", "def mkdir(state: State, call: Call) -> Outcome:\n    place = resolve(state, call.path, follow=False)",
       "def mkdir(state: State, call: Call) -> Outcome:\n    place = resolve(state, call.path, follow=True)"),
    _m("mkdir forgets its directory", "files",
       "after.add(_implied_parents(after, place), place.leaf, Directory(mode=0o777 & ~after.umask, store=store))", "pass"),
    _m("directories can be unlinked", "files", "        found = fails_with((errors.EISDIR, errors.EPERM), *ids)\n",
       "        found = [Alternative(0, ids, effect)]\n"),
    _m("directories can be written", "files", 'found = fails(errors.EISDIR, "UHY-OPEN-025" if wish.creates else "UHY-OPEN-051", "UHY-OPEN-026")',
       "found = [opens]"),
    _m("O_DIRECTORY is ignored", "files", "    if wish.directory:\n        return fails(errors.ENOTDIR,",
       "    if False:\n        return fails(errors.ENOTDIR,"),
    _m("O_CREAT with O_DIRECTORY is allowed", "files", "    if wish.creates and wish.directory:\n", "    if False:\n"),
    # Paths.
    _m("relative paths are others", "paths", '    for component in text.split(b"/"):\n',
       '    for component in (text if text.startswith(b"/") else b"cwd/" + text).split(b"/"):\n'),
    _m("dot-dot is kept", "paths", "            del components[-1:]\n", "            components.append(component)\n"),
    _m("dot is a name", "paths", 'elif component not in (b"", b"."):', 'elif component not in (b"",):'),
    _m("links are not followed", "paths", "if isinstance(node, Symlink) and (todo or follow):",
       "if isinstance(node, Symlink) and todo:"),
    _m("links lead from the root", "paths", 'todo = node.target.split(b"/") + todo', 'todo = node.target.split(b"/") + todo; del trail[1:]'),
    _m("names end at 254 bytes", "paths", "LONGEST_COMPONENT = 255", "LONGEST_COMPONENT = 254"),
    _m("latin-1 is good enough", "paths", "        text.decode()\n", '        text.decode("latin-1")\n'),
    _m("the empty path is invalid", "paths", 'errors=tuple(fails(errors.ENOENT, "UHY-PATH-009"', 'errors=tuple(fails(errors.EINVAL, "UHY-PATH-009"'),
    _m("the empty path is the root", "paths", "    if not text:\n        return Place", "    if text is None:\n        return Place",
       "ENOENT is among what is tolerated for the root"),
    _m("private names cannot be made", "files", '        if wish.creates:\n            return _creates(state, place, wish)',
       '        if wish.creates and not place.private:\n            return _creates(state, place, wish)'),
    # Descriptors.
    _m("closed descriptors stay", "state", "        del self.open[fd]\n", "        pass\n"),
    _m("close of a negative number", "files", "    elif 0 <= call.fd < FIRST:", "    elif call.fd < FIRST:"),
    _m("the lowest number is given", "files", "return Alternative(lambda result: result >= FIRST and result not in state.open,",
       "return Alternative(lambda result: result == min(set(range(3, 99)) - set(state.open)),",
       "the reference VMM gives the lowest number, as it may"),
    _m("write-only can be read", "transfer", "if access not in (O_RDONLY, O_RDWR):", "if access not in (O_RDONLY, O_RDWR, O_WRONLY):"),
    _m("read-only can be written", "transfer", "if descriptor.flags & O_ACCMODE not in (O_WRONLY, O_RDWR):",
       "if descriptor.flags & O_ACCMODE not in (O_WRONLY, O_RDWR, O_RDONLY):"),
    _m("descriptor 1 prints nothing", "transfer", "return outcome(Alternative(call.length, ids, prints=call.data), *elsewhere)",
       "return outcome(Alternative(call.length, ids), *elsewhere)"),
    # Memory.
    _m("RAM has one byte more", "state", "address + length <= self.end", "address + length <= self.end + 1"),
    _m("RAM has one byte less", "state", "address + length <= self.end", "address + length <= self.end - 1"),
    _m("RAM begins one byte later", "state", "self.start <= address and", "self.start < address and"),
    _m("nothing must lie in RAM", "state", "return length == 0 or self.start", "return self.start"),
    # Directories and attributes.
    _m("the scan begins again each time", "listing", "after.scanned(call.fd, Scan(scan.delivered | names, changes))", "pass"),
    _m("rewinding is ignored", "transfer", "        after.scanned(call.fd, Scan())\n", "        pass\n"),
    _m("an end comes too early", "listing", "        if not left or not steady:\n", "        if left and steady:\n"),
    _m("records need 64 bytes", "listing", "    small = call.length < SMALLEST\n", "    small = call.length < 64\n"),
    _m("types of entries are mixed", "listing", "return DT_REG if isinstance(node, File) else DT_DIR", "return DT_DIR if isinstance(node, File) else DT_REG"),
    _m("stat follows always", "attributes", "place = resolve(state, call.path, follow=call.kind == 0)", "place = resolve(state, call.path, follow=True)"),
    _m("every kind is known", "attributes", "    if call.kind > 1:\n", "    if call.kind > 2:\n"),
    _m("the size is the first one", "attributes", "and size == node.size", "and size in (0, 10, 32, 12)"),
    _m("permissions are shown otherwise", "attributes", "mode & 0o777 != node.mode & 0o777", "mode & 0o777 != node.mode & 0o770"),
    # Console and end.
    _m("the status has 7 bits", "console", "status = call.argument & 0xFF", "status = call.argument & 0x7F"),
    _m("a byte is sent twice", "console", "prints=bytes([call.argument & 0xFF])", "prints=2 * bytes([call.argument & 0xFF])"),
    _m("text ends at a NUL", "console", "Alternative(0, ids, prints=call.data)", 'Alternative(0, ids, prints=call.data.split(b"\\0")[0])'),
    _m("unknown numbers end the machine", "console", "return Outcome((Alternative(0, applying(rules), words=\"nothing\"),),\n",
       "return Outcome((Alternative(1, applying(rules), kind=Kind.ENDED),),\n"),
)


@dataclass(frozen=True)
class Result:
    mutation: Mutation
    seconds: float | None  # None: not noticed
    finding: str


def run(mutation: Mutation, number: int, build: Path) -> Result:
    """Explores with the mutated model until something differs."""
    place = build / f"{number:02}"
    shutil.rmtree(place, ignore_errors=True)
    package = place / "conformance" / PACKAGE.name
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("include", "spec", "build"):
        (place / name).symlink_to(paths.ROOT / name)
    (place / "conformance/adapters").symlink_to(paths.ADAPTERS)
    source = package / mutation.file
    source.write_text(source_of(mutation).replace(mutation.old, mutation.new), encoding="utf-8")
    out = place / "results"
    command = [sys.executable, "-m", PACKAGE.name, "explore", "--findings", "1", "--no-corpus", "--one-vcpu", "--seconds", str(SECONDS),
               "--seed", str(SEED), "--output", str(out)]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(place / "conformance"), "PYTHONDONTWRITEBYTECODE": "1"},
                          stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode not in (Exit.OK, Exit.FAILURES):
        return Result(mutation, None, f"BROKEN: {done.stderr.decode(errors='replace').strip()[-300:]}")
    findings = json.loads((out / "results.json").read_text())["findings"]
    shutil.rmtree(place)
    return Result(mutation, findings[0]["seconds"], findings[0]["name"]) if findings else Result(mutation, None, "")


def main(names: list[str]) -> int:
    chosen = [m for m in MUTATIONS if not names or m.name in names]
    if not chosen:
        print(f"no such mutation; there are {', '.join(m.name for m in MUTATIONS)}", file=sys.stderr)
        return Exit.USAGE
    build = paths.BUILD / "explore/mutants"
    build.mkdir(parents=True, exist_ok=True)
    missed, times = 0, []
    with ThreadPoolExecutor(2) as pool:
        jobs = pool.map(lambda pair: run(pair[1], pair[0], build), enumerate(chosen))
        for result in jobs:
            if result.seconds is not None:
                times.append(result.seconds)
                verdict = f"{result.seconds:5.1f} s"
            elif result.mutation.equivalent and not result.finding:
                verdict = "  equal"
            else:
                verdict, missed = " MISSED", missed + 1
            print(f"{verdict}  {result.mutation.name}: {result.finding or result.mutation.equivalent}", flush=True)
    times.sort()
    if times:
        print(f"noticed after {times[len(times) // 2]:.1f} s (median), {times[-1]:.1f} s (worst)")
    equal = len(chosen) - len(times) - missed
    print(f"{len(times)} passed, {missed} failed, {equal} equivalent")
    return Exit.FAILURES if missed else Exit.OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
