# SPDX-License-Identifier: MIT OR Apache-2.0
"""A guest's access to the host: its processor, its files."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import LONG, PLANTED, VMM, Machine, guest


def test_cpuid_hides_virtualization_and_counters(start: Callable[..., Machine]) -> None:
    assert start(guest("cpuid")).end()[0] == 0


def test_a_mapped_file_that_is_not_there_yet(start: Callable[..., Machine], tmp_path: Path) -> None:
    machine = start(f"--file-mapping={tmp_path}/new:/m/new", guest("creates"))
    status, said = machine.end()
    assert status == 42, said
    assert (tmp_path / "new").read_text() == "made"


def test_a_full_tempdir_is_an_error_of_the_call(tmp_path: Path) -> None:
    """Private storage is as large as the file system that it was given."""
    alone = ["unshare", "--mount", *(["--map-root-user"] if os.geteuid() else [])]
    mounted = [*alone, "sh", "-c", 'mount -t tmpfs -o size=2m none "$0" && "$@"']
    if subprocess.run(
        [*mounted, tmp_path, "true"], stderr=subprocess.DEVNULL, check=False
    ).returncode:
        pytest.skip("no file system can be mounted here")
    done = subprocess.run(
        [*mounted, tmp_path, VMM, f"--tempdir={tmp_path}", guest("fills")],
        stderr=subprocess.PIPE,
        timeout=LONG,
        check=False,
    )
    assert done.returncode == 42, done.stderr
    assert done.stderr == b""


MIB = 1 << 20
MEMORY_LIMIT = 5 * MIB // 2  # SECURITY.md


def resident(pid: int, ram: int) -> int:
    """Bytes of a process in memory, its libraries included, without the mapping of that size."""
    total, counts = 0, True
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        word, value = line.split()[:2]
        if not word.endswith(":"):
            begin, end = (int(part, 16) for part in word.split("-"))
            counts = end - begin < ram
        elif word == "Rss:" and counts:
            total += int(value) * 1024
    return total


MACHINES = pytest.mark.parametrize(
    "more", [(), ("--memory-size=1GiB",), ("--cpu-count=8", "--memory-size=1GiB")]
)


def besides_ram(machine: Machine) -> int:
    """Bytes that it needs besides guest RAM, in the midst of a run."""
    machine.ready()
    found = resident(machine.process.pid, 64 * MIB)
    assert found > MIB // 2  # else nothing was measured
    return found


@MACHINES
def test_resident_memory(start: Callable[..., Machine], more: tuple[str, ...]) -> None:
    """About 2 MiB, most of it code of the C library; neither RAM nor vCPUs make it grow."""
    assert besides_ram(start(*more, guest("waits"))) < MEMORY_LIMIT


@MACHINES
def test_more_resident_memory_is_noticed(
    start: Callable[..., Machine], more: tuple[str, ...]
) -> None:
    """Of a VMM that keeps some for each vCPU and each part of RAM (planted.c)."""
    assert besides_ram(start(*more, guest("waits"), vmm=PLANTED)) >= MEMORY_LIMIT


@pytest.mark.parametrize("host", ["/proc", "/sys", "/dev/zero", "/proc/self/mem"])
def test_special_mappings_are_refused(start: Callable[..., Machine], host: str) -> None:
    machine = start(f"--file-mapping={host}:/x", guest("crash"))
    status, said = machine.end()
    assert status == 1 and "--allow-special" in said
    allowed = start("--allow-special", f"--file-mapping={host}:/x", guest("cpuid"))
    assert allowed.end()[0] == 0
