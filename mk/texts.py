#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Checks what formatters leave alone in the files of a git work tree.

usage: texts.py [DIRECTORY]

- Markdown has at most 100 characters a line, except in headings, tables, code and the heads of
  requirements, and for a word that is as long itself, such as a link.
- A comment, docstring or Markdown text that names a source file names one that exists.
- Texts, and strings of several words, use the usual word: "after" or "beyond" for "behind",
  "continues" for "goes on", "no one" for "nobody", "again" for "anew", "crashes" for "falls over".
  A comment is a sentence, so it does not begin with "Whether". What stands in quotes is exempt.

Prints a line `file:line: fault` for each fault. Exits with 1 if there is one, with 0 otherwise.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

WIDTH = 100
NAME = re.compile(r"(?<![\w./*{}<>$-])[\w./-]*\w\.(?:[chS]|py|md|mk|sh|def)\b(?![\w/(*.]\w)")
ONE_LINE = ("|", "#", "*hypervisor ·", "*guest ·")
MADE = {"repeat.sh", "issue.md"}  # written by the suite
TESTS = "test_texts.py"  # its strings are faults on purpose
HEADERS = ("linux/", "sys/")  # of the system
INCLUDE = re.compile(r'#\s*include\s+["<]([^">]+)[">]')
C_COMMENT = re.compile(r'"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?\*/', re.DOTALL)

STRING = re.compile(r'"(?:\\.|[^"\\\n])*"')
EXEMPT = re.compile(r"`[^`]*`|\"[^\"]*\"")
WORDS = {
    re.compile(pattern, re.IGNORECASE): better
    for pattern, better in {
        r"^(?!.*\b(?:left|leav)).*(?<![\w-])behind(?![\w-])": "after, beyond",
        r"\b(?:goes|go|going) on\b(?! to\b)": "continues",
        r"(?<![\w-])nobody(?![\w-])": "no one",
        r"\banew\b": "again",
        r"\bfalls? over\b": "crashes",
        r"^(?:/\*|//|#|''')\s*(?-i:Whether)\b": "a sentence with a verb",
    }.items()
}

Line = tuple[int, str]


def prose(text: str) -> Iterator[Line]:
    """Markdown without fenced and indented code; tables are part of it."""
    fenced = paragraph = False
    for number, line in enumerate(text.splitlines(), 1):
        fence = line.lstrip().startswith("```")
        fenced ^= fence
        code = fenced or fence or (not paragraph and line.startswith(("    ", "\t")))
        paragraph = not code and bool(line.strip())
        if paragraph:
            yield number, line


def of_c(text: str) -> Iterator[Line]:
    """The comments of C, C++ and assembly."""
    for found in C_COMMENT.finditer(text):
        if not found[0].startswith('"'):
            first = text.count("\n", 0, found.start()) + 1
            yield from enumerate(found[0].splitlines(), first)


def of_python(text: str) -> Iterator[Line]:
    """Comments, and strings that are statements of their own."""
    before = tokenize.NEWLINE
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        starts = before in (tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
        if token.type == tokenize.COMMENT or (token.type == tokenize.STRING and starts):
            yield from enumerate(token.string.splitlines(), token.start[0])
        if token.type not in (tokenize.COMMENT, tokenize.NL):
            before = token.type


def of_shell(text: str) -> Iterator[Line]:
    """The comment lines of shell and make."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#"):
            yield number, line


READERS = {
    **dict.fromkeys((".c", ".h", ".S", ".def"), of_c),
    **dict.fromkeys((".sh", ".mk", ".toml", ""), of_shell),
    ".py": of_python,
    ".md": prose,
}


def strings_of_c(text: str) -> Iterator[Line]:
    """The strings of several words, without their quotes."""
    for found in STRING.finditer(text):
        if " " in found[0].strip('" '):
            yield text.count("\n", 0, found.start()) + 1, found[0][1:-1]


def strings_of_python(text: str) -> Iterator[Line]:
    """The same; docstrings are left out."""
    kinds = (tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING))
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in kinds and '"""' not in token.string and " " in token.string.strip("\"' "):
            yield token.start[0], token.string.strip("\"'")


STRINGS = {**dict.fromkeys((".c", ".h", ".def"), strings_of_c), ".py": strings_of_python}


def unusual(lines: Iterable[Line]) -> Iterator[Line]:
    """The words that have a better one."""
    for number, line in lines:
        plain = EXEMPT.sub("", line.replace('"""', "'''"))
        for pattern, better in WORDS.items():
            if found := pattern.search(plain):
                yield number, f"says '{found[0].strip()}'; better: {better}"


def too_long(text: str) -> Iterator[Line]:
    """Lines of Markdown that can be wrapped and are not."""
    for number, line in prose(text):
        exempt = line.startswith(ONE_LINE) or max(map(len, line.split())) > WIDTH - 8
        if len(line) > WIDTH and not exempt:
            yield number, f"has {len(line)} characters, {WIDTH} are allowed"


def main() -> int:
    """0 when there is no fault."""
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    listing = ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(listing, capture_output=True, text=True, check=True)
    files = [name for name in done.stdout.split("\0") if name and (root / name).is_file()]
    texts = {
        name: (root / name).read_text(encoding="utf-8", errors="replace")
        for name in files
        if PurePosixPath(name).suffix in READERS
    }
    known = {
        "/".join(PurePosixPath(name).parts[i:])
        for name in files
        for i in range(name.count("/") + 1)
    }
    known |= MADE | {name for text in texts.values() for name in INCLUDE.findall(text)}
    faults = []
    for file, text in texts.items():
        suffix = PurePosixPath(file).suffix
        if suffix == ".md":
            faults += [f"{file}:{line}: {fault}" for line, fault in too_long(text)]
        lines = list(READERS[suffix](text))
        said = STRINGS[suffix](text) if suffix in STRINGS and not file.endswith(TESTS) else ()
        faults += [f"{file}:{line}: {fault}" for line, fault in unusual([*lines, *said])]
        for line, words in lines:
            for name in NAME.findall(words):
                path = re.sub(r"^(\.{1,2}/)+", "", name).replace("ARCH", "x86_64")
                if path not in known and not path.startswith(("/", *HEADERS)):
                    faults.append(f"{file}:{line}: names {name}, which does not exist")
    print("\n".join(faults), end="\n" if faults else "")
    print(f"{len(texts)} files, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
