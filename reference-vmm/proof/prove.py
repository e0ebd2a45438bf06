#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Proves that the VMM's files keep their contracts, for all inputs.

usage: prove.py BUILD-DIRECTORY [--sample] [--only NAME] [--jobs N]

Frama-C's WP makes one goal of each obligation of the contracts in comments, which a prover
has to prove. Frama-C's Eva runs calls.c on sets of values and reports what could be a
run-time error. A proof that cannot fail proves nothing: each planted bug has to be refused. --sample takes a few
functions and bugs. Exit status: 0 proved, 1 not, 3 the tools are there and do not work.
Without the tools the proofs are skipped, which the last line says.
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
# Seconds for a goal. CVC4 counts those of the wall: much, for a machine that is busy.
TIMEOUT, TIMEOUT_OF_BUG = 120, 5
_PROVED = re.compile(r"Proved goals: *(\d+) / (\d+)")


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
class Bug:
    """One mistake in one function, which its proof refuses."""

    name: str
    file: str
    function: str
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
    Proof("gmem.c", "z3", 60, ("gmem_valid", "gmem_at"), libc=False),
    Proof("path.c", "cvc4", 100, ("path_below", "path_is_utf8", "up")),
    Proof("descriptors.c", "cvc4", 200, ("free_from",), atomics=True),
    Proof("image_notes.c", "cvc4", 120, ("padded",), loads=True),
    Proof("image_file.c", "cvc4,z3", 90, loads=True),
    Proof("image_relocate.c", "cvc4,z3", 200, loads=True, typed=True, skip=HEADERS),
    Proof("image_symbol.c", "cvc4,z3", 150, loads=True, typed=True),
)
# For Eva: calls.c makes any call on them.
CALLS = ("hypercall.c", "call_fields.c", "call_dir.c", "call_file.c", "call_serial.c")
DRIVER = Path("reference-vmm/proof/calls.c")
BUGS = (
    Bug(
        "wrap-around",
        "gmem.c",
        "gmem_valid",
        "return offset < mem->size && len <= mem->size - offset;",
        "return addr + len <= mem->start + mem->size;",
        sample=True,
    ),
    Bug(
        "one-byte-more",
        "gmem.c",
        "gmem_valid",
        "len <= mem->size - offset",
        "len - 1 <= mem->size - offset",
    ),
    Bug("scan-behind-ram", "gmem.c", "gmem_string", "if (i == rest)", "if (i > rest)"),
    Bug(
        "no-room-for-nul",
        "path.c",
        "append",
        "to - from >= room",
        "to - from > room",
    ),
    Bug(
        "up-beyond-the-root",
        "path.c",
        "up",
        "while (end > 0 && clean[--end] != '/')",
        "while (clean[--end] != '/')",
        sample=True,
    ),
    Bug(
        "after-the-nul",
        "path.c",
        "path_below",
        "return path[length] == '\\0' ? path + length",
        "return path[length] == '\\0' ? path + length + 1",
    ),
    Bug(
        "one-number-more",
        "descriptors.c",
        "descriptors_get",
        "fd >= DESCRIPTORS_END",
        "fd > DESCRIPTORS_END",
        sample=True,
    ),
    Bug(
        "used-when-closed",
        "descriptors.c",
        "descriptors_get",
        "if (atomic_load(&slot->open))",
        "if (slot->host >= 0)",
    ),
    Bug("note-too-large", "image_notes.c", "next_note", "if (end > left)", "if (desc > left)"),
    Bug(
        "header-without-room",
        "image_notes.c",
        "next_note",
        "if (left < sizeof(header))",
        "if (left == 0)",
    ),
    Bug(
        "beyond-the-file",
        "image_file.c",
        "image_read",
        "len > image->size || offset > image->size - len",
        "offset > image->size - len",
    ),
    Bug("a-byte-more", "image_file.c", "image_read", "at, len, (off_t)", "at, len + 1, (off_t)"),
    Bug("refused-and-open", "image_file.c", "image_open", "if (result)", "if (result > 0)"),
    Bug(
        "segment-wraps-around",
        "image_file.c",
        "image_has",
        "len <= segment->filesz - offset",
        "offset + len <= segment->filesz",
    ),
    Bug(
        "entry-beyond-the-dynamic-segment",
        "image_relocate.c",
        "read_dynamic",
        "from->filesz - at >= sizeof(entry)",
        "from->filesz - at > 0",
    ),
    Bug(
        "part-of-a-relocation",
        "image_relocate.c",
        "image_relocate",
        "if (!relas || dynamic.rela_size % sizeof(Elf64_Rela))",
        "if (!relas)",
    ),
    Bug(
        "slot-in-a-tiny-segment",
        "image_relocate.c",
        "in_segment",
        "segment->memsz >= 8 &&",
        "",
    ),
    Bug(
        "section-after-the-last",
        "image_symbol.c",
        "section",
        "index >= header->e_shnum",
        "index > header->e_shnum",
    ),
    Bug(
        "symbol-without-nul",
        "image_symbol.c",
        "read_name",
        "if (size > IMAGE_NAME_SIZE - 1)",
        "if (size > IMAGE_NAME_SIZE)",
    ),
    Bug(
        "outputs-too-long",
        "hypercall.c",
        "",
        "end > begin ? end - begin : 0",
        "end > begin ? end : 0",
    ),
    Bug(
        "block-without-room",
        "hypercall.c",
        "",
        "row->block_size) == 0)",
        "sizeof(*call)) == 0)",
    ),
    Bug(
        "field-after-the-last",
        "call_fields.c",
        "",
        "return i < sizeof(v1_fields)",
        "return i <= sizeof(v1_fields)",
    ),
    Bug("field-of-the-next", "call_fields.c", "", "&v1_fields[i]", "&v1_fields[i + 1]"),
    Bug("bad-buffer-forgotten", "call_dir.c", "", "int64_t n = -EFAULT;", "int64_t n;"),
    Bug(
        "attributes-not-filled",
        "call_dir.c",
        "",
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


def wp(source: Path, log: Path, proof: Proof, functions: Sequence[str], seconds: int) -> list[int]:
    """Goals proved and all goals."""
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
    words += ["-wp-par", "1", "-wp-timeout", str(seconds), "-wp-prop=-literal"]
    words += ["-wp-fct", ",".join(functions)] if functions else []
    words += ["-wp-skip-fct", ",".join(proof.skip)] if proof.skip and not functions else []
    text = frama_c([*words, str(source)], flags, log)
    found = _PROVED.search(text)
    if not found:
        raise ToolError(f"{log}: no goals")
    return [int(found[1]), int(found[2])]


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
    log = build / f"{proof.file}.log"
    begin = time.monotonic()
    done, every = wp(SOURCES / proof.file, log, proof, functions, TIMEOUT)
    short = every < proof.least and not sample
    took = f"{time.monotonic() - begin:.0f} s"
    what = f"{proof.file}{': ' if functions else ''}{', '.join(functions)}"
    if done == every and every > 0 and not short:
        print(f"  {what}: all {every} goals proved, {took}", flush=True)
        return True
    goals = [
        line for line in log.read_text().splitlines() if "Goal" in line and "Valid" not in line
    ]
    print(*goals, f"  {what}: {done} of {every} goals proved, {took}", sep="\n")
    if short:
        print(f"  {proof.file}: {every} goals; there were {proof.least}")
    return False


def refuses(build: Path, bug: Bug) -> bool:
    text = (SOURCES / bug.file).read_text()
    if text.count(bug.right) != 1:
        raise ToolError(f"the bug '{bug.name}' cannot be planted in {bug.file}")
    folder = build / bug.name
    folder.mkdir(exist_ok=True)
    planted = folder / bug.file
    planted.write_text(text.replace(bug.right, bug.wrong))
    if bug.file in CALLS:
        found = alarms(folder / "log", folder, bug.file)
        state = f"is refused, {len(found)} possible errors" if found else "is not refused"
        print(f"  {bug.file}: bug '{bug.name}' {state}", flush=True)
        return bool(found)
    proof = next(proof for proof in PROOFS if proof.file == bug.file)
    done, every = wp(planted, folder / "log", proof, (bug.function,), TIMEOUT_OF_BUG)
    if 0 < done < every:
        print(
            f"  {bug.file}: bug '{bug.name}' is refused, {every - done} of {every} goals",
            flush=True,
        )
        return True
    print(f"  {bug.file}: bug '{bug.name}' is not refused ({done} of {every} goals)")
    return False


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
