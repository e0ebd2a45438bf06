# SPDX-License-Identifier: MIT OR Apache-2.0
"""What the self-tests share: test guests and specifications made on the spot, a hypervisor
that only plays a role, and the command line as a subprocess. Nothing here needs KVM."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import re
import struct
import sys
import tempfile
from dataclasses import dataclass
from multiprocessing.reduction import DupFd
from pathlib import Path
from typing import Any

from uhyve_conformance.cli import FAMILIES, main
from uhyve_conformance.errors import UsageError
from uhyve_conformance.guest_lock import write_guest_lock
from uhyve_conformance.guests import read_guests
from uhyve_conformance.manifest import EVERY_VARIANT

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PLAYER = HERE / "player.py"
X86_64, AARCH64 = 62, 183
A, B = "UHY-OPEN-001", "UHY-OPEN-002"


def manifest(role: str, *more: str) -> str:
    """Of a guest that tests both."""
    return ", ".join([f'summary = "{role}"', f'tests = ["{A}", "{B}"]', *more])


def elf(
    manifest: str | None, machine: int = X86_64, patch: bytes = b"UHYPATCH", interface: int = 2
) -> bytes:
    """An ELF file with nothing but what the harness reads: sections, and the interface note.
    What the manifest says of `tests` becomes the section that holds them."""
    note = struct.pack("<III8sI", 8, 4, 0x5B00, b"UHYVEIF", interface << 24)
    segment = struct.pack("<IIQQQQQQ", 4, 4, 120, 0, 0, len(note), len(note), 4)
    names = b"\0.uhyve.manifest\0.uhyve.patch\0.shstrtab\0.uhyve.tests\0"
    text, tests = split(manifest or "")
    contents = [
        (1, text.encode() + b"\0"),
        (40, b"".join(struct.pack("<20sI", *owed) for owed in tests)),
        (17, patch + bytes(24)),
        (30, names),
    ]
    if manifest is None:
        contents = contents[3:]
    body, headers, offset = segment + note, [bytes(64)], 64 + len(segment + note)
    for name, data in contents:
        headers.append(
            struct.pack(
                "<IIQQQQIIQQ", name, 1 if name != 30 else 3, 0, 0, offset, len(data), 0, 0, 1, 0
            )
        )
        body += data
        offset += len(data)
    head = struct.pack(
        "<4sBBBBB7xHHIQQQIHHHHHH",
        b"\x7fELF", 2, 1, 1, 255, 0, 3, machine, 1, 0, 64, offset, 0, 64, 56, 1, 64,
        len(headers), len(headers) - 1,
    )  # fmt: skip
    return head + body + b"".join(headers)


def split(manifest: str) -> tuple[str, list[tuple[bytes, int]]]:
    """A manifest without its `tests`, and these, as an image holds them."""
    found = re.search(r",?\s*tests = \[([^\]]*)\]", manifest)
    if not found:
        return manifest, []
    tests = [(name.encode(), EVERY_VARIANT) for name in re.findall('"([^"]*)"', found[1])]
    return manifest.replace(found[0], ""), tests


def requirement(id_: str, head: str = "hypervisor · MUST · since 2 · observed") -> str:
    """A requirement as a chapter has it."""
    level = head.split(" · ")[1]
    why = "\n> Why: there is a reason.\n" if "diverges" in head else ""
    return f"#### {id_}\n*{head}*\n\nThe thing {level} happen.\n{why}\n"


@dataclass
class Finished:
    """A command that ended."""

    status: int
    text: str
    results: dict[str, Any] | None

    def verdict(self, id_: str) -> str:
        """The row of a requirement in the results."""
        assert self.results, self.text
        return next(r["verdict"] for r in self.results["requirements"] if r["id"] == id_)

    def reason(self, id_: str) -> str:
        """Why."""
        assert self.results, self.text
        return next(r["reason"] for r in self.results["requirements"] if r["id"] == id_)


class World:
    """A directory with a specification, guests, and adapters of the player."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.spec, self.guests, self.output = place / "spec", place / "guests", place / "out"
        for directory in (self.spec, self.guests):
            directory.mkdir()

    def requirements(self, *ids: str, **heads: str) -> None:
        """Writes the only chapter."""
        text = "".join(requirement(id_) for id_ in ids)
        text += "".join(requirement(id_.replace("_", "-"), head) for id_, head in heads.items())
        (self.spec / "00-all.md").write_text(f"# All\n\n{text}")

    def guest(self, name: str, manifest: str, **options: Any) -> Path:
        """A test guest; its summary is the role that the player plays for it."""
        path = self.guests / f"{name}.elf"
        path.write_bytes(elf(manifest, **options))
        return path

    def adapter(self, *more: str, command: str | None = None, name: str = "player") -> Path:
        """An adapter file; further lines are added to it."""
        path = self.place / f"{name}.toml"
        words = command or f'["{sys.executable}", "{PLAYER}", "{{image}}", "{{mappings}}"]'
        lines = [f'name = "{name}"', f"command = {words}", 'mapping = ["{host}:{guest}"]']
        lines += ["kvm = false", *more]
        path.write_text("\n".join(lines) + "\n")
        return path

    @property
    def guest_lock(self) -> Path:
        """The list of the guests."""
        return self.place / "guests.lock"

    def write_guest_lock(self) -> None:
        """Lists the guests that are there."""
        with contextlib.suppress(UsageError):
            write_guest_lock(read_guests(self.guests), self.guest_lock, ())

    def run(self, *options: str | Path, adapter: Path | None = None) -> Finished:
        """`run` on all this."""
        adapter = adapter or self.adapter()
        places = [self.output / "results.json", self.output / "selection" / "results.json"]
        for path in places:
            path.unlink(missing_ok=True)
        self.write_guest_lock()
        arguments = ["run", "--hypervisor", adapter, "--spec", self.spec, "--guests", self.guests]
        arguments += ["--guest-lock", self.guest_lock]
        finished = command(*arguments, "--output", self.output, "--jobs", "1", *options)
        if path := next((path for path in places if path.exists()), None):
            finished.results = json.loads(path.read_text())
        return finished


# Most of a command's time is the start of the interpreter and the imports. A server has them
# after it, and each command is a process of its own that it forks.
_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(
    ["uhyve_conformance.suite", *(f"uhyve_conformance.{family}" for family in FAMILIES)]
)


def command(*arguments: str | Path) -> Finished:
    """The command line of the harness, in a process of its own."""
    with tempfile.TemporaryFile() as printed:
        process = _SERVER.Process(
            target=_command,
            args=(tuple(map(str, arguments)), DupFd(printed.fileno()), dict(os.environ)),
        )
        process.start()
        process.join(120)
        if process.is_alive():
            process.kill()
            raise TimeoutError(f"no end within 120 s: {arguments}")
        printed.seek(0)
        return Finished(process.exitcode, printed.read().decode(), None)


def _command(arguments: tuple[str, ...], output: Any, environment: dict[str, str]) -> None:
    """In that process."""
    printed = output.detach()
    for stream in (1, 2):
        os.dup2(printed, stream)
    os.close(printed)
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv[0] = "uhyve-conformance"
    sys.exit(main(arguments))
