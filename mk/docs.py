# SPDX-License-Identifier: MIT OR Apache-2.0
"""Follows the pages of docs/ literally: python3 docs.py [--write] WORK PAGE...

Of each page, in an empty directory of its own and in the page's order: a block ```sh is run,
line by line in one shell; what the block ```text after it shows must be in its output; a block
```c NAME (or any language with a file name) becomes that file; a block ```diff is applied.
`git clone URL NAME` gives this tree. A block under <!-- not run: REASON --> is only counted:
use it for what takes long or needs another machine, and say so.

A score ("153 PASS" in a block, "153 requirements" in the prose) moves when requirements are
added; --write puts the new number into the page, everything else has to be right.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(
    r"(?P<mark><!-- not run: (?P<why>[^\n]+) -->\n+)?^```(?P<language>\w+)(?: (?P<file>\S+))?\n"
    r"(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
SCORE = re.compile(r"(\d+) PASS\b")
LIMIT = 300  # seconds for a block; each takes a few where nothing else runs

# In front of PATH: a clone is this tree, with what is built there.
GIT = f"""#!/bin/sh
[ "$1" = clone ] || exec /usr/bin/git "$@"
exec ln -s '{ROOT}' "$3"
"""


class DocsError(Exception):
    """A page says something that does not hold."""


@dataclass
class Page:
    path: Path
    place: Path
    output: str = ""
    directory: Path | None = None
    ran: int = 0
    skipped: int = 0
    write: bool = False

    def follow(self) -> None:
        text = self.path.read_text(encoding="utf-8")
        blocks = list(BLOCK.finditer(text))
        fences = len(re.findall(r"^```", text, re.MULTILINE))
        if fences != 2 * len(blocks):
            raise DocsError(f"{self.path.name}: a block has no language, or no end")
        self.directory = self.place
        for block in blocks:
            line = text.count("\n", 0, block.start("language")) + 1
            if block["why"]:
                self.skipped += 1
                continue
            try:
                self.block(block["language"], block["file"], block["text"])
            except DocsError as problem:
                raise DocsError(f"{self.path.name}:{line}: {problem}") from None
        if not self.ran:
            raise DocsError(f"{self.path.name}: no block was run")

    def block(self, language: str, file: str | None, text: str) -> None:
        if file:
            target = self.directory / file
            target.parent.mkdir(parents=True, exist_ok=True)
            # A page never writes to a file of the tree.
            if target.resolve().is_relative_to(ROOT) and not target.resolve().is_relative_to(
                self.place.resolve()
            ):
                raise DocsError(f"{file} would be written into the tree")
            target.write_text(text, encoding="utf-8")
        elif language == "sh":
            self.run(text)
        elif language == "text":
            self.compare(text)
        elif language == "diff":
            self.apply(text)
        else:
            raise DocsError(f"what is to be done with a block of {language}?")

    def run(self, text: str) -> None:
        script = f"set -e\n{text}\npwd >'{self.place}/.directory'\n"
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("MAKE") and k != "MFLAGS"},
            "HOME": str(self.place),
            "PATH": f"{self.place}/.bin:{os.environ['PATH']}",
            # cargo's home is not moved with HOME
            "CARGO_HOME": os.environ.get("CARGO_HOME", f"{Path.home()}/.cargo"),
            "RUSTUP_HOME": os.environ.get("RUSTUP_HOME", f"{Path.home()}/.rustup"),
        }
        done = subprocess.run(
            ["/bin/bash", "-c", script],
            cwd=self.directory,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            errors="replace",
            timeout=LIMIT,
            check=False,
        )
        self.output = done.stdout
        if done.returncode:
            raise DocsError(f"status {done.returncode}\n{text}---\n{done.stdout[-3000:]}")
        self.directory = Path((self.place / ".directory").read_text().strip())
        self.ran += 1

    def compare(self, text: str) -> None:
        """Each shown line has to be a part of the output, in the page's order; ... is a gap."""
        at = 0
        for line in filter(None, text.splitlines()):
            for part in filter(None, (p.strip() for p in line.split("..."))):
                found = self.output.find(part, at)
                if found < 0 and self.write and (part := self.rescored(part)):
                    found = self.output.find(part, at)
                if found < 0:
                    raise DocsError(f"the output has no '{part}':\n{self.output[-3000:]}")
                at = found + len(part)

    def rescored(self, part: str) -> str:
        """The part with the score that the output has, which the page gets, too; or nothing."""
        then, now = SCORE.search(part), SCORE.search(self.output)
        if not then or not now:
            return ""
        page = self.path.read_text(encoding="utf-8")
        for word in ("PASS", "requirements"):
            page = re.sub(rf"\b{then[1]} {word}\b", f"{now[1]} {word}", page)
        self.path.write_text(page, encoding="utf-8")
        print(f"{self.path.name}: {then[1]} is now {now[1]}")
        return part.replace(then[0], now[0])

    def apply(self, text: str) -> None:
        done = subprocess.run(
            ["git", "apply", "-p0", "--recount", "-"], cwd=self.directory, input=text, text=True,
            env={**os.environ, "GIT_CEILING_DIRECTORIES": str(self.directory.parent)},
            capture_output=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise DocsError(f"the change does not apply: {done.stdout}{done.stderr}")


def main(arguments: list[str]) -> int:
    write = arguments[:1] == ["--write"]
    work, *pages = map(Path, arguments[write:] or ["."])
    if not pages:
        print("usage: docs.py [--write] WORK PAGE...", file=sys.stderr)
        return 4
    failed = 0
    for path in pages:
        place = (work / path.stem).absolute()
        shutil.rmtree(place, ignore_errors=True)
        (place / ".bin").mkdir(parents=True)
        (place / ".bin/git").write_text(GIT)
        (place / ".bin/git").chmod(0o755)
        page = Page(path, place, write=write)
        try:
            page.follow()
        except (DocsError, OSError, subprocess.TimeoutExpired) as problem:
            failed += 1
            print(f"failed: {problem}")
        else:
            print(f"followed: {path.name}, {page.ran} command blocks, {page.skipped} not run")
    print(f"{len(pages) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
