#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Proves that the VMM's files keep their contracts, for all inputs.

usage: prove.py BUILD-DIRECTORY [--sample] [--only NAME] [--jobs N]

Frama-C's WP makes one goal of each obligation of the contracts in comments, which a prover
has to prove. Frama-C's Eva runs calls.c on sets of values and reports what could be a
run-time error. A proof that cannot fail proves nothing: each planted bug has to be refused
by the goal, or the error, that its row names, and the same goal is proved without the bug.
Provers are limited by their own count of steps, so that a busy machine changes no result.
--sample takes a few functions and bugs. Exit status: 0 proved, 1 not, 3 the tools are there
and do not work. Without the tools the proofs are skipped, which the last line says.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

SOURCES = Path("reference-vmm/src")
INCLUDES = ("reference-vmm/proof/include", "include", str(SOURCES))
SYSTEM = ("-idirafter", "/usr/include", "-idirafter", "/usr/include/x86_64-linux-gnu")
EVA = ("-eva", "-eva-slevel", "5000", "-eva-precision", "3", "-eva-no-show-progress")
TOOLS = ("frama-c", "why3", "z3", "cvc4")
# Steps for a goal; none needs a third of it. The proofs of planted bugs get so many steps more
# than their goals need without the bug.
STEPS = {"cvc4": 1_000_000, "z3": 50_000_000}
MORE_STEPS = {"cvc4": 30_000, "z3": 1_000_000}
TIMEOUT = 120  # seconds for a goal, should a prover not count its steps
_GOAL = re.compile(
    r"^\[wp\] \[([^]]+)\] Goal typed_cast_(\w+) : (Valid|Unknown|Step limit|\w+)(.*)"
)
_PROVED = re.compile(r"Proved goals: *(\d+) / (\d+)")
# What -wp-prop calls the kinds of goals, by a part of their names.
KINDS = {"_invariant": "@invariant", "_variant": "@variant", "_requires": "@requires"}
KINDS |= {"_ensures": "@ensures", "_assert": "@assert"}


class ToolError(Exception):
    """The proof could not be tried."""


@dataclass(frozen=True)
class Proof:
    """A file, all of whose functions keep their contracts."""

    file: str
    prover: str
    least: int  # goals: with fewer, contracts have vanished
    sample: tuple[str, ...] = ()  # functions
    libc: bool = True  # with what include/libc.h assumes
    atomics: bool = False  # for one thread: include/atomics.h
    loads: bool = False  # values are loaded from bytes
    typed: bool = False  # objects that are no bytes are read: include/typed.h
    skip: tuple[str, ...] = ()  # functions of headers, and what is taken for granted


@dataclass(frozen=True)
class Goal:
    """What a prover says about a goal, and after how many steps (0: it was not needed)."""

    state: str
    steps: int
    line: str

    @property
    def refused(self) -> bool:
        """True if the prover came to its end without a proof; a crash is no refusal."""
        return self.state in ("Unknown", "Step limit")


@dataclass(frozen=True)
class Bug:
    """One mistake in one function, which its proof refuses."""

    name: str
    file: str
    function: str  # "": Eva looks at all of them
    goal: str  # of WP, after the function's name; or a part of what Eva says
    right: str
    wrong: str
    sample: bool = False


# Of headers, and no part of the file that includes them.
HEADERS = (
    "uhyve_name_number",
    "uhyve_sample_of",
    "uhyve_constant_name",
    "call_may_have_failed",
)
PROOFS = (
    # The longest first: two run side by side.
    Proof("image.c", "cvc4", 400, loads=True, typed=True, skip=HEADERS),
    Proof("path.c", "cvc4", 100, ("path_below", "path_is_utf8", "up")),
    Proof("image_relocate.c", "cvc4", 200, loads=True, typed=True, skip=HEADERS),
    Proof("image_symbol.c", "cvc4", 150, loads=True, typed=True),
    Proof("descriptors.c", "cvc4", 200, ("free_from",), atomics=True),
    Proof("gmem.c", "z3", 60, ("gmem_valid", "gmem_at"), libc=False),
    Proof("image_notes.c", "cvc4", 120, ("padded",), loads=True),
    Proof("image_file.c", "cvc4", 90, loads=True),
)
# For Eva: calls.c makes any call on them.
CALLS = ("hypercall.c", "call_fields.c", "call_dir.c", "call_file.c", "call_serial.c")
DRIVER = Path("reference-vmm/proof/calls.c")
BUGS = (
    Bug(
        "wrap-around",
        "gmem.c",
        "gmem_valid",
        "ensures",
        "return offset < mem->size && len <= mem->size - offset;",
        "return addr + len <= mem->start + mem->size;",
        sample=True,
    ),
    Bug(
        "one-byte-more",
        "gmem.c",
        "gmem_valid",
        "ensures",
        "len <= mem->size - offset",
        "len - 1 <= mem->size - offset",
    ),
    Bug(
        "scan-behind-ram",
        "gmem.c",
        "gmem_string",
        "assert_rte_mem_access_6",
        "if (i == rest)",
        "if (i > rest)",
    ),
    Bug(
        "no-room-for-nul",
        "path.c",
        "append",
        "loop_invariant_3_established",
        "to - from >= room",
        "to - from > room",
    ),
    Bug(
        "up-beyond-the-root",
        "path.c",
        "up",
        "assert_rte_mem_access",
        "while (end > 0 && clean[--end] != '/')",
        "while (clean[--end] != '/')",
        sample=True,
    ),
    Bug(
        "after-the-nul",
        "path.c",
        "path_below",
        "ensures",
        "return path[length] == '\\0' ? path + length",
        "return path[length] == '\\0' ? path + length + 1",
    ),
    Bug(
        "one-number-more",
        "descriptors.c",
        "descriptors_get",
        "assert_rte_mem_access",
        "fd >= DESCRIPTORS_END",
        "fd > DESCRIPTORS_END",
        sample=True,
    ),
    Bug(
        "used-when-closed",
        "descriptors.c",
        "descriptors_get",
        "ensures_2",
        "if (atomic_load(&slot->open))",
        "if (slot->host >= 0)",
    ),
    Bug(
        "note-too-large",
        "image_notes.c",
        "next_note",
        "assert_2",
        "if (end > left)",
        "if (desc > left)",
    ),
    Bug(
        "header-without-room",
        "image_notes.c",
        "next_note",
        "call_proof_any_requires",
        "if (left < sizeof(header))",
        "if (left == 0)",
    ),
    Bug(
        "beyond-the-file",
        "image_file.c",
        "image_read",
        "ensures_2",
        "len > image->size || offset > image->size - len",
        "offset > image->size - len",
    ),
    Bug(
        "a-byte-more",
        "image_file.c",
        "image_read",
        "call_proof_pread_requires",
        "at, len, (off_t)",
        "at, len + 1, (off_t)",
    ),
    Bug(
        "refused-and-open",
        "image_file.c",
        "image_open",
        "ensures_3",
        "if (result)",
        "if (result > 0)",
    ),
    Bug(
        "segment-wraps-around",
        "image_file.c",
        "image_has",
        "ensures",
        "len <= segment->filesz - offset",
        "offset + len <= segment->filesz",
    ),
    Bug(
        "segment-beyond-the-file",
        "image.c",
        "take_segment",
        "ensures_2",
        "header->p_offset > image->size - header->p_filesz",
        "header->p_offset > image->size",
    ),
    Bug(
        "segment-after-the-last",
        "image.c",
        "check_load",
        "ensures_2",
        "image->segment_count == IMAGE_MAX_SEGMENTS",
        "image->segment_count > IMAGE_MAX_SEGMENTS",
    ),
    Bug(
        "header-after-the-last",
        "image.c",
        "read_segments",
        "call_proof_read_Elf64_Phdr_requires_2",
        "if (count > IMAGE_MAX_HEADERS)",
        "if (count > IMAGE_MAX_HEADERS + 1)",
    ),
    Bug(
        "entry-after-its-segment",
        "image.c",
        "check_entry",
        "ensures_2",
        "image->entry - segment->vaddr < segment->memsz",
        "image->entry - segment->vaddr <= segment->memsz",
    ),
    Bug(
        "notes-without-bound",
        "image.c",
        "read_notes",
        "call_image_read_requires",
        "if (notes->filesz > IMAGE_MAX_NOTES)",
        "if (notes->filesz > IMAGE_MAX_NOTES + 1)",
    ),
    Bug(
        "entry-beyond-the-dynamic-segment",
        "image_relocate.c",
        "read_dynamic",
        "call_proof_any_of_requires",
        "from->filesz - at >= sizeof(entry)",
        "from->filesz - at > 0",
    ),
    Bug(
        "part-of-a-relocation",
        "image_relocate.c",
        "image_relocate",
        "call_proof_any_of_requires",
        "if (!relas || dynamic.rela_size % sizeof(Elf64_Rela))",
        "if (!relas)",
    ),
    Bug(
        "slot-in-a-tiny-segment",
        "image_relocate.c",
        "in_segment",
        "ensures",
        "segment->memsz >= 8 &&",
        "",
    ),
    Bug(
        "section-after-the-last",
        "image_symbol.c",
        "section",
        "ensures_2",
        "index >= header->e_shnum",
        "index > header->e_shnum",
    ),
    Bug(
        "symbol-without-nul",
        "image_symbol.c",
        "read_name",
        "ensures",
        "if (size > IMAGE_NAME_SIZE - 1)",
        "if (size > IMAGE_NAME_SIZE)",
    ),
    Bug(
        "outputs-too-long",
        "hypercall.c",
        "",
        "assertion 'outputs'",
        "end > begin ? end - begin : 0",
        "end > begin ? end : 0",
    ),
    Bug(
        "block-without-room",
        "hypercall.c",
        "",
        "function gmem_load: precondition",
        "row->block_size) == 0)",
        "sizeof(*call)) == 0)",
    ),
    Bug(
        "field-after-the-last",
        "call_fields.c",
        "",
        "out of bounds read",
        "return i < sizeof(v1_fields)",
        "return i <= sizeof(v1_fields)",
    ),
    Bug(
        "field-of-the-next",
        "call_fields.c",
        "",
        "out of bounds read",
        "&v1_fields[i]",
        "&v1_fields[i + 1]",
    ),
    Bug(
        "bad-buffer-forgotten",
        "call_dir.c",
        "",
        "\\initialized(&n)",
        "int64_t n = -EFAULT;",
        "int64_t n;",
    ),
    Bug(
        "attributes-not-filled",
        "call_dir.c",
        "",
        "\\initialized(&time",
        "int error = files_fstat(&call->services->files, p->fd, &st);",
        "int error = 0;",
    ),
)


def frama_c(words: Sequence[str], flags: Sequence[str], log: Path) -> str:
    """What Frama-C says about these files."""
    command = ["frama-c", "-c11", "-machdep", "gcc_x86_64"]
    every = ["-D_GNU_SOURCE", "-D_Alignof=__alignof__", *(f"-I{path}" for path in INCLUDES)]
    command += [f"-cpp-extra-args={' '.join([*every, *flags])}", *words]
    done = subprocess.run(command, stdout=log.open("w"), stderr=subprocess.STDOUT)
    text = log.read_text(errors="replace")
    if done.returncode:
        raise ToolError(f"{text[-2000:]}\n{log}: Frama-C ended with {done.returncode}")
    return text


def wp(
    source: Path,
    log: Path,
    proof: Proof,
    functions: Sequence[str] = (),
    kind: str = "",
    steps: int = 0,
) -> dict[str, Goal]:
    """The goals of these functions, or of all, and of this kind, by their names."""
    flags = []
    if proof.libc:
        flags += ["-include", "libc.h"]
    if proof.atomics:
        flags += ["-include", "atomics.h"]
    if proof.loads:
        flags += ["-DPROOF_LOADS", *SYSTEM]
    if proof.typed:
        flags += ["-include", "typed.h"]
    words = ["-wp", "-wp-rte", "-wp-model", "Typed+Cast", "-wp-prover", proof.prover]
    words += ["-wp-par", "1", "-wp-timeout", str(TIMEOUT)]
    words += ["-wp-steps", str(steps or STEPS[proof.prover])]
    words += [f"-wp-prop={kind},-literal" if kind else "-wp-prop=-literal"]
    words += ["-wp-fct", ",".join(functions)] if functions else []
    words += ["-wp-skip-fct", ",".join(proof.skip)] if proof.skip and not functions else []
    text = frama_c([*words, str(source)], flags, log)
    goals = {}
    for line in text.splitlines():
        if found := _GOAL.match(line):
            counted = re.search(r"\((\d+)\)", found[4])
            goals[found[2]] = Goal(found[3], int(counted[1]) if counted else 0, line)
    total = _PROVED.search(text)
    proved = sum(goal.state == "Valid" for goal in goals.values())
    if not goals or not total or [int(total[1]), int(total[2])] != [proved, len(goals)]:
        raise ToolError(f"{log}: the goals are not those that Frama-C counted")
    return goals


def alarms(log: Path, folder: Path | None = None, changed: str = "") -> list[str]:
    """What Eva cannot exclude for any call. changed lies in folder, the others in src/."""
    sources = [(folder if folder and name == changed else SOURCES) / name for name in CALLS]
    words = [str(DRIVER), *(str(source) for source in sources), *EVA]
    flags = ["-D__builtin_memcpy=memcpy", *SYSTEM, "-include", "libc.h", "-include", "atomics.h"]
    text = frama_c(words, flags, log)
    if "[eva] done for function main" not in text:
        raise ToolError(f"{log}: Eva did not come to the end")
    # The contracts of the functions that the driver stands in for are WP's matter.
    found = re.findall(r"\[eva:alarm\] (.*)\n *(.*)", text)
    return [f"{where} {what}" for where, what in found if "postcondition" not in what]


def no_alarms(build: Path) -> bool:
    begin = time.monotonic()
    found = alarms(build / "calls.log")
    took = f"{time.monotonic() - begin:.0f} s"
    print(*(f"    {alarm}" for alarm in found), sep="\n", end="\n" if found else "")
    print(f"  {', '.join(CALLS)}: any call, {len(found)} possible errors, {took}", flush=True)
    return not found


def proves(build: Path, proof: Proof, sample: bool) -> bool:
    functions = proof.sample if sample else ()
    begin = time.monotonic()
    goals = wp(SOURCES / proof.file, build / f"{proof.file}.log", proof, functions)
    open_goals = [goal.line for goal in goals.values() if goal.state != "Valid"]
    took = f"{time.monotonic() - begin:.0f} s"
    what = f"{proof.file}{': ' if functions else ''}{', '.join(functions)}"
    print(*open_goals, sep="\n", end="\n" if open_goals else "")
    print(
        f"  {what}: {len(goals) - len(open_goals)} of {len(goals)} goals proved, {took}", flush=True
    )
    if len(goals) < proof.least and not sample:
        print(f"  {proof.file}: {len(goals)} goals; there were {proof.least}")
        return False
    return not open_goals


def refuses(build: Path, bug: Bug) -> bool:
    text = (SOURCES / bug.file).read_text()
    if text.count(bug.right) != 1:
        raise ToolError(f"the bug '{bug.name}' cannot be planted in {bug.file}")
    folder = build / bug.name
    folder.mkdir(exist_ok=True)
    planted = folder / bug.file
    planted.write_text(text.replace(bug.right, bug.wrong))
    begin = time.monotonic()
    problem = (refused_by_eva if bug.file in CALLS else refused_by_wp)(folder, planted, bug)
    state = f"is not refused: {problem}" if problem else f"is refused by {bug.goal}"
    took = f"{time.monotonic() - begin:.0f} s"
    print(f"  {bug.file}: bug '{bug.name}' {state}, {took}", flush=True)
    return not problem


def refused_by_eva(folder: Path, planted: Path, bug: Bug) -> str:
    """Why the bug is not refused, or "". no_alarms() says that without it there is no error."""
    found = alarms(folder / "log", folder, bug.file)
    return "" if any(bug.goal in alarm for alarm in found) else f"{found or 'no error'}"


def refused_by_wp(folder: Path, planted: Path, bug: Bug) -> str:
    """Why the bug is not refused, or ""."""
    proof = next(proof for proof in PROOFS if proof.file == bug.file)
    name = f"{bug.function}_{bug.goal}"
    kind = next(word for part, word in KINDS.items() if part in f"_{bug.goal}")
    prove = partial(wp, proof=proof, functions=(bug.function,), kind=kind)
    without = prove(SOURCES / bug.file, folder / "log-without")
    if name not in without or any(goal.state != "Valid" for goal in without.values()):
        return f"without the bug, {name} is not proved, or another goal of its kind is not"
    most = max(goal.steps for goal in without.values()) + MORE_STEPS[proof.prover]
    goal = prove(planted, folder / "log", steps=most).get(name)
    if goal is None or not goal.refused:
        return goal.line if goal else f"there is no goal {name}"
    return ""


def main() -> int:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("build", type=Path)
    parser.add_argument("--sample", action="store_true")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", help="proofs and bugs with this in their name")
    options = parser.parse_args()
    absent = [tool for tool in TOOLS if not shutil.which(tool)]
    if absent:
        print(f"prove: skipped; {', '.join(absent)} is missing (Debian: frama-c-base why3 z3 cvc4)")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    options.build.mkdir(parents=True, exist_ok=True)
    config = (options.build / "why3.conf").absolute()
    os.environ["WHY3CONFIG"] = str(config)
    if not config.exists() or "CVC4" not in config.read_text():
        found = subprocess.run(["why3", "config", "detect"], capture_output=True, text=True)
        if found.returncode:
            print(found.stdout, found.stderr, file=sys.stderr)
            return 3
    only = options.only or ""
    proofs = [p for p in PROOFS if only in p.file and (p.sample or not options.sample)]
    bugs = [
        bug
        for bug in BUGS
        if (only in bug.name or only in bug.file) and (bug.sample or not options.sample)
    ]
    tasks: list[Callable[[], bool]] = [
        partial(proves, options.build, proof, options.sample) for proof in proofs
    ]
    if not options.sample and only in " ".join(CALLS):
        tasks.append(partial(no_alarms, options.build))
    tasks += [partial(refuses, options.build, bug) for bug in bugs]
    with ThreadPoolExecutor(options.jobs) as pool:
        runs = [pool.submit(task) for task in tasks]
    try:
        results = [run.result() for run in runs]
    except ToolError as problem:
        print(f"prove: {problem}", file=sys.stderr)
        return 3
    if not results:
        print(f"prove: nothing has '{only}' in its name", file=sys.stderr)
        return 3
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
