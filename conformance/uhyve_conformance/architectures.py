# SPDX-License-Identifier: MIT OR Apache-2.0
"""The architectures, a row each: all that the harness knows of one.

A new one is a row here, a folder of the VMM (`reference-vmm/src/ARCH`), the files of
`guests/sdk` and `guests/lib` that end in its name, and a word in the makefiles
(CONTRIBUTING.md). One without a board has guests and text, and no hypervisor yet.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Board:
    """The settings for starting a machine under QEMU."""

    program: str
    package: str  # that has it, on Debian and on Fedora
    arguments: tuple[str, ...]
    cpu: str
    console: str
    port: str  # device for QEMU and its name in Linux
    port_path: str


@dataclass(frozen=True)
class Architecture:
    name: str
    machine: int  # e_machine of its ELF files
    elf: str  # the name of that number
    debian: str
    loader: str  # how ldconfig names its libraries
    kvm_modules: tuple[str, ...]  # that /dev/kvm needs under QEMU's emulation; those of AMD
    board: Board | None  # None: no hypervisor is judged on it yet
    relocations: frozenset[int]  # types that are applied: none, B + A, S + A, S
    loads: Callable[[bytes, int], bool]  # true if an instruction of the code loads the number
    lacks: tuple[str, ...] = ()  # how the names of guests begin that it does not have


def _x86_64_loads(code: bytes, number: int) -> bool:
    """MOV r32, imm32; MOV r16, imm16; MOV r/m32, imm32."""
    short, long = re.escape(struct.pack("<H", number)), re.escape(struct.pack("<I", number))
    return bool(
        re.search(
            b"[\xb8-\xbf]" + long + b"|\x66[\xb8-\xbf]" + short + b"|\xc7." + long, code, re.S
        )
    )


def _aarch64_loads(code: bytes, number: int) -> bool:
    """MOVZ Wd or Xd, #number."""
    return any(
        struct.pack("<I", base | number << 5 | register) in code
        for base in (0x52800000, 0xD2800000)
        for register in range(31)
    )


@cache
def _riscv64_numbers(code: bytes) -> frozenset[int]:
    """LUI or C.LUI Rd, then ADDI, ADDIW or a compressed one of Rd, Rd soon after: what `li` is."""
    found = set()
    loaded: dict[int, tuple[int, int]] = {}  # by register: the upper half, and where it was
    for at in range(0, len(code) - 1, 2):
        word = int.from_bytes(code[at : at + 4], "little")
        register = word >> 7 & 31
        short = (word >> 2 & 31) - (word >> 7 & 32)  # the immediate of compressed forms
        if word & 0x7F == 0x37:
            loaded[register] = word >> 12, at
        elif word & 0xE003 == 0x6001:
            loaded[register] = short, at
        elif register in loaded and at - loaded[register][1] < _NEAR:
            if word & 0x7077 == 0x13 and word >> 15 & 31 == register:
                found.add((loaded[register][0] << 12) + (word >> 20 ^ 0x800) - 0x800)
            elif word & 0xC003 == 0x0001:
                found.add((loaded[register][0] << 12) + short)
    return frozenset(found)


def _riscv64_loads(code: bytes, number: int) -> bool:
    return number in _riscv64_numbers(code)


_NEAR = 32  # bytes: compilers put other instructions between the two

_ROWS = (
    Architecture(
        "x86_64", 62, "EM_X86_64", "amd64", "x86-64", ("kvm-amd",),
        # ACPI stays on: without it KVM_RUN was seen to hang.
        Board(
            "qemu-system-x86_64", "qemu-system-x86 (Fedora: qemu-system-x86-core)",
            ("-accel", "tcg", "-M", "pc"), "EPYC,+svm", "ttyS0", "isa-serial", "/dev/ttyS1",
        ),
        frozenset({0, 1, 6, 8}),
        _x86_64_loads,
    ),
    Architecture(
        "aarch64", 183, "EM_AARCH64", "arm64", "AArch64", (),
        Board(
            "qemu-system-aarch64", "qemu-system-arm (Fedora: qemu-system-aarch64-core)",
            ("-accel", "tcg", "-M", "virt,virtualization=on,gic-version=3"), "neoverse-n1",
            "ttyAMA0", "pci-serial", "/dev/ttyS0",
        ),
        frozenset({0, 257, 1025, 1027}),
        _aarch64_loads,
    ),
    Architecture(
        "riscv64", 243, "EM_RISCV", "riscv64", "riscv64", (), None,
        frozenset({0, 2, 3}),
        _riscv64_loads,
        ("boot-root-table", "boot-tables", "v1-"),
    ),
)  # fmt: skip

ARCHITECTURES = {row.name: row for row in _ROWS}
# Those on which hypervisors are judged.
JUDGED = tuple(row.name for row in _ROWS if row.board)
OF_MACHINE = {row.machine: row.name for row in _ROWS}
# By the name that pyelftools gives to e_machine.
OF_ELF = {row.elf: row.name for row in _ROWS}
