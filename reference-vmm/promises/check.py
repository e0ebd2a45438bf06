#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Checks that each promise of SECURITY.md names a test, and that the test is there.

usage: check.py SECURITY.md

A promise is a row of the table below "What holds"; a test is a file beside
SECURITY.md, or FILE::FUNCTION. Status 1 with a line for each that is missing.
"""

import re
import sys
from pathlib import Path


def problems(text: str, base: Path) -> list[str]:
    """The faults in the table of promises."""
    _, found, section = text.partition("\n## What holds\n")
    rows = re.findall(r"^\| (.+?) \|(.*)\|$", section.split("\n## ")[0], re.M)
    if not found or len(rows) < 2:
        return ["there is no table of promises below '## What holds'"]
    wrong = []
    for promise, shown in rows[1:]:
        tests = re.findall(r"`([^`]+)`", shown)
        if not tests:
            wrong.append(f"no test shows: {promise}")
        wrong += [
            f"{test} is missing, which shows: {promise}" for test in tests if not has(base, test)
        ]
    return wrong


def has(base: Path, test: str) -> bool:
    """True if FILE or FILE::FUNCTION exists; in C a test is also registered."""
    name, _, function = test.partition("::")
    file = base / name
    if not file.is_file():
        return False
    uses = re.findall(rf"\b{function}\b", file.read_text()) if function else ["file"]
    return len(uses) >= (2 if function and file.suffix == ".c" else 1)


def main() -> int:
    page = Path(sys.argv[1])
    wrong = problems(page.read_text(), page.parent)
    for line in wrong:
        print(f"{page}: {line}", file=sys.stderr)
    # The check itself can fail.
    sample = (
        "\n## What holds\n\n| promise | shown by |\n|---|---|\n| A. | `none.c::x` |\n| B. | |\n"
    )
    if len(problems(sample, page.parent)) < 2:
        print("check.py: a promise without a test was not noticed", file=sys.stderr)
        return 3
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
