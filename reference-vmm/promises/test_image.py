# SPDX-License-Identifier: MIT OR Apache-2.0
"""What an image may cost, and an image that its guest changes."""

from __future__ import annotations

import resource
import shutil
import struct
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from conftest import VMM, Machine, guest

Start = Callable[..., Machine]
MIB = 1 << 20

# SECURITY.md, "What an image may cost": beyond guest RAM and the program itself.
RAM = 64 * MIB
MEMORY_LIMIT = 4 * MIB
SECONDS_LIMIT = 5.0  # 0.1 where nothing else runs


def with_sections(image: bytes, sections: list[bytes], tail: bytes) -> bytes:
    """The image with another section table at its end, and bytes after it."""
    image += bytes(-len(image) % 8)
    header = bytearray(image[:64])
    struct.pack_into("<Q", header, 0x28, len(image))
    struct.pack_into("<HHHH", header, 0x38 - 2, 56, *struct.unpack_from("<H", image, 0x38), 64, 0)
    struct.pack_into("<H", header, 0x3C, len(sections))
    return bytes(header) + image[64:] + b"".join(sections) + tail


def section(kind: int, offset: int, size: int, link: int) -> bytes:
    return struct.pack("<IIQQQQIIQQ", 0, kind, 0, 0, offset, size, link, 0, 8, 24)


def many_symbol_tables(path: Path, count: int, size: int) -> None:
    """A guest that crashes, with symbol tables that all are the same bytes."""
    image = guest("crash").read_bytes()
    image += bytes(-len(image) % 8)
    size -= size % 24  # whole symbols: what parses tables refuses others at once
    tables = len(image) + 64 * (count + 1)
    symbol = struct.pack("<IBBHQQ", 1, 2, 0, 1, 0, 0)
    names = section(3, tables, size, 0)
    sections = [names] + [section(2, tables, size, 0)] * count
    path.write_bytes(with_sections(image, sections, symbol * (size // 24)))


def run_in_limits(image: Path, more: int = MEMORY_LIMIT) -> tuple[int, str, float]:
    """Status, standard error and seconds of a run that has no more memory than that."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_DATA, (RAM + more, RAM + more))

    begin = time.monotonic()
    done = subprocess.run(
        [VMM, "-m", f"{RAM}B", image],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=limit,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stderr, time.monotonic() - begin


def test_overlapping_symbol_tables(tmp_path: Path) -> None:
    image = tmp_path / "image"
    many_symbol_tables(image, 4000, 2 * MIB)
    status, said, seconds = run_in_limits(image)
    assert status == 3, said
    assert "not in guest memory" in said
    assert seconds < SECONDS_LIMIT
    # A program that gives up where memory ends must not need more where there is more.
    status, said, seconds = run_in_limits(image, 1 << 34)
    assert status == 3, said
    assert seconds < SECONDS_LIMIT


def test_a_sparse_image_costs_what_is_used_of_it(tmp_path: Path) -> None:
    image = tmp_path / "image"
    shutil.copy(guest("crash"), image)
    with image.open("r+b") as file:
        file.truncate(1 << 40)
    status, said, seconds = run_in_limits(image)
    assert status == 3, said
    assert seconds < SECONDS_LIMIT


def test_a_guest_cuts_its_own_image(start: Start, tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    image = tmp_path / "m/image"
    shutil.copy(guest("own_image"), image)
    machine = start(f"--file-mapping={tmp_path}/m:/m", image)
    status, said = machine.end()
    assert image.stat().st_size == 0
    assert status == 3, said
    assert "not in guest memory" in said
    assert machine.left() == []


def test_an_image_that_changes_while_it_is_read(start: Start, tmp_path: Path) -> None:
    """Another process cuts it and puts it back, again and again, for a second."""
    image = tmp_path / "image"
    whole = guest("crash").read_bytes()
    image.write_bytes(whole)
    writer = subprocess.Popen(
        ["/bin/sh", "-c", 'while :; do : >"$1"; cat "$2" >"$1"; done', "sh", image, guest("crash")]
    )
    try:
        end = time.monotonic() + 1.5
        statuses = set()
        while time.monotonic() < end:
            machine = start(image)
            status, said = machine.end()
            assert status in (1, 3, 4), said
            assert said.startswith("uhyve-ref: ")
            assert machine.left() == []
            statuses.add(status)
    finally:
        writer.kill()
        writer.wait()
    assert 1 in statuses
