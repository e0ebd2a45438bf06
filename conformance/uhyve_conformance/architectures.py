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


def _riscv64_loads(code: bytes, number: int) -> bool:
    """LUI or C.LUI Rd, then ADDI or ADDIW Rd, Rd within the next instructions: what `li` is."""
    low = (number & 0xFFF ^ 0x800) - 0x800
    high = (number - low) >> 12
    loaded: dict[int, int] = {}  # the register of a LUI of `high`, and where it was
    for at in range(0, len(code) - 1, 2):
        (short,) = struct.unpack_from("<H", code, at)
        register = short >> 7 & 31
        if short & 0xE003 == 0x6001 and (short >> 2 & 31 | short >> 7 & 32) == high:
            loaded[register] = at
        if short & 0xE003 == 0x0001 and (short >> 2 & 31) - (short >> 7 & 32) == low:
            if at - loaded.get(register, -_NEAR) < _NEAR:
                return True
        if at + 4 > len(code):
            continue
        (long,) = struct.unpack_from("<I", code, at)
        if long & 0x7F == 0x37 and long >> 12 == high:
            loaded[register] = at
        if long & 0x7077 == 0x0013 and long >> 15 & 31 == register and long >> 20 == low & 0xFFF:
            if at - loaded.get(register, -_NEAR) < _NEAR:
                return True
    return False


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
# By the name that pyelftools gives to e_machine.
OF_ELF = {row.elf: row.name for row in _ROWS}
