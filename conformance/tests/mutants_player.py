#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Plays the binary with the mutants: each mutant is a role of player.py for the guests.

usage: mutants_player.py --list-mutants | [--mutant NAME] … guest.elf …
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import player  # noqa: E402

MUTANTS = {
    "killed": ("UHY-OPEN-002", "false-check"),
    "crashes": ("UHY-OPEN-002", "crash"),
    "survives": ("UHY-OPEN-002", "good"),
    "does-not-start": ("UHY-OPEN-001", "refuses"),
    "another-check": ("UHY-OPEN-001", "false-check"),
    "unchecked": ("UHY-OPEN-003", "false-check"),
    "lazy-one": ("lazy", "silent"),
}


def main(arguments: list[str]) -> int:
    """As the real one."""
    if arguments == ["--list-mutants"]:
        for name, (id_, role) in MUTANTS.items():
            print(f"{name}\t{id_}\tplays {role}")
        return 0
    if arguments[0] == "--mutant":
        role = MUTANTS[arguments[1]][1]
        image = Path("guest.elf")
        image.write_bytes(image.read_bytes().replace(b'"good"', f'"{role}"'.encode()))
    return player.main(Path("guest.elf"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
