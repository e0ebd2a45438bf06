# SPDX-License-Identifier: MIT OR Apache-2.0
"""The architectures, a row each: all that the harness knows of one.

A new one is a row here, a folder of the VMM (`reference-vmm/src/ARCH`), the files of
`guests/sdk` and `guests/lib` that end in its name, and a word in the makefiles
(CONTRIBUTING.md).
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
    board: Board
    relocations: frozenset[int]  # types that are applied: none, B + A, S + A, S
    loads: Callable[[bytes, int], bool]  # true if an instruction of the code loads the number


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
)  # fmt: skip

ARCHITECTURES = {row.name: row for row in _ROWS}
# By the name that pyelftools gives to e_machine.
OF_ELF = {row.elf: row.name for row in _ROWS}
