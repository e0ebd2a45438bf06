# SPDX-License-Identifier: MIT OR Apache-2.0
"""mk/texts.py finds long lines of Markdown and names of files that do not exist, and only these."""

import subprocess
import sys
from pathlib import Path

import pytest

CHECK = Path(__file__).parents[2] / "mk" / "texts.py"
LONG = "word " * 25 + "end"
LINK = "https://example.org/" + "x" * 90


def check(folder: Path, name: str, text: str) -> subprocess.CompletedProcess[str]:
    """The check on a work tree of two files."""
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    (folder / "known.c").write_text("int x;\n")
    (folder / name).write_text(text)
    command = [sys.executable, CHECK, folder]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.md", f"Text.\n\n{LONG}\n"),
        ("a.md", f"- item\n    {LONG}\n"),
        ("a.md", "See `gone.c`.\n"),
        ("a.c", "/* One.\n * See src/gone.h. */\n"),
        ("a.c", "int y; // as gone.c\n"),
        ("a.py", '"""Reads gone.md."""\n'),
        ("a.py", "x = 1  # gone.py\n"),
        ("a.mk", "# See gone.sh\n"),
        ("a.md", "The byte behind the end.\n"),
        ("a.md", "The run goes on.\n"),
        ("a.c", "/* Nobody reads it. */\n"),
        ("a.c", 'const char *a = "it begins anew";\n'),
        ("a.c", "/* Whether it held. */\n"),
        ("a.py", '"""Whether it held."""\n'),
        ("a.py", "x = 'the VMM falls over'\n"),
    ],
)
def test_a_fault_is_found(tmp_path: Path, name: str, text: str) -> None:
    done = check(tmp_path, name, text)
    assert done.returncode == 1 and f"{name}:" in done.stdout, done


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.md", f"| {LONG} |\n\n```\n{LONG}\n```\n\n    {LONG}\n    {LONG}\n\n{LINK} there\n"),
        ("a.md", "See `known.c` and `call_*.c`.\n"),
        ("a.c", '#include <elf.h>\n/* known.c, elf.h, linux/kvm.h */\nchar *s = "/* gone.c */";\n'),
        ("a.py", 'x = "gone.md"  # known.c\n'),
        ("a.mk", "build/x.h: known.c\n"),
        ("a.md", 'Nothing is left behind; `goes on` and "anew" are quoted.\n'),
        ("a.c", 'const char *a[] = {"behind", "one-behind of two"};\n'),
        ("a.py", "whether = behind = 1  # whether it is one\n"),
    ],
)
def test_nothing_else_is(tmp_path: Path, name: str, text: str) -> None:
    done = check(tmp_path, name, text)
    assert done.returncode == 0 and done.stdout.endswith(" 0 faults\n"), done
