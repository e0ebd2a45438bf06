# SPDX-License-Identifier: MIT OR Apache-2.0
"""Machines under QEMU: all that can be said without starting one. QEMU is a script here."""

from __future__ import annotations

import errno
import json
import os
import struct
from dataclasses import fields, replace
from io import BytesIO, TextIOWrapper
from pathlib import Path
from types import SimpleNamespace

import pytest
from tools import AARCH64, HERE, elf
from uhyve_conformance.architectures import ARCHITECTURES
from uhyve_conformance.errors import Exit, UsageError
from uhyve_conformance.executor import SETTINGS, Job, Node, Outcome
from uhyve_conformance.machine import __main__ as by_hand
from uhyve_conformance.machine import choose as choosing
from uhyve_conformance.machine import kernel as kernels
from uhyve_conformance.machine import qemu
from uhyve_conformance.machine.apt import AptRoot
from uhyve_conformance.machine.elf import bundle
from uhyve_conformance.machine.errors import MachineError
from uhyve_conformance.machine.initramfs import Initramfs
from uhyve_conformance.machine.kernel import Kernel, cached_kernel, own_kernel
from uhyve_conformance.machine.qemu import QemuExecutor

SH = Path("/bin/sh")
HOST = os.uname().machine

# ---- The executor, with QEMU played ---------------------------------------------------------


class Machine:
    """An executor whose QEMU is fake_qemu.py."""

    def __init__(self, place: Path, patch: pytest.MonkeyPatch) -> None:
        self.place, self._patch = place, patch
        (place / "bin").mkdir()
        (place / "bin" / ARCHITECTURES["x86_64"].board.program).symlink_to(HERE / "fake_qemu.py")
        (place / "lives").mkdir()
        (place / "init").write_bytes(b"init")
        patch.setenv("PATH", f"{place / 'bin'}:{os.environ['PATH']}")
        patch.setenv("FAKE_QEMU_LIVES", str(place / "lives"))
        patch.setattr(qemu, "bundle", lambda program, arch: {str(program): SH})
        kernel = Kernel("x86_64", "a kernel", place / "image", ())
        self.executor = QemuExecutor(kernel, place / "init", place / "runs")

    def run(self, faults: str, jobs: int = 3) -> list[Outcome]:
        self._patch.setenv("FAKE_QEMU", faults)
        names = [f"job-{number}" for number in range(jobs)]
        return self.executor.run([Job(name, (str(SH),), timeout=0.1) for name in names])


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def test_outcomes_come_back(machine: Machine) -> None:
    outcomes = machine.run("")
    assert [o.status for o in outcomes] == [5, 5, 5]
    assert outcomes[1].stdout == b"said this" and outcomes[1].seconds == 0.25
    assert outcomes[1].tree == {"data/f": Node("file", b"ab\0\0", 4, 0o644)}
    assert not list((machine.place / "runs").glob("initramfs*"))


def test_a_job_by_hand_is_the_same_job(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each field of a job travels on the command line, with standard input, or with the files."""
    job = Job(
        "g", (str(SH), "-c", "x"), {"data/f": Node(content=b"f", mode=0o600)}, b"in",
        hold_stdin=True, full_stdout=True, enough=7, terminate=True, umask=0o27, descriptors=9,
        inherited=True, timeout=2.5, env={"A": "b=c"},
    )  # fmt: skip
    assert all(getattr(job, f.name) != f.default for f in fields(job) if f.name in SETTINGS)
    apart = {"name", "argv", "files", "stdin", "umask", "env", "collect", "ignore"}
    assert {f.name for f in fields(job)} == apart | set(SETTINGS)
    words = machine.executor.by_hand(job)
    (machine.place / "work/data").mkdir(parents=True)
    (machine.place / "work/data/f").write_bytes(b"f")
    (machine.place / "work/data/f").chmod(0o600)
    monkeypatch.chdir(machine.place / "work")
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(job.stdin)))
    seen: list[Job] = []
    monkeypatch.setattr(by_hand, "executor", lambda *_: SimpleNamespace(run=lambda jobs: [
        seen.extend(jobs), Outcome(status=6)][1:]))  # fmt: skip
    before = os.umask(job.umask)
    try:
        assert by_hand.main([*words[3:], *job.argv]) == 6
    finally:
        os.umask(before)
    assert seen[0].files.pop("data").kind == "dir"
    assert replace(seen[0], name=job.name) == job


def test_a_boot_that_fails_is_tried_again(machine: Machine) -> None:
    assert [o.status for o in machine.run("boot-1")] == [5, 5, 5]


def test_two_boots_that_fail_are_an_error_of_the_machine(machine: Machine) -> None:
    with pytest.raises(MachineError, match="QEMU ended with status 1.*\n.*fake machine") as caught:
        machine.run("boot-2")
    assert caught.value.status == Exit.SETUP


def test_a_job_may_kill_the_machine_once(machine: Machine) -> None:
    assert [o.status for o in machine.run("dies-1:1")] == [5, 5, 5]


def test_a_job_that_kills_the_machine_twice_costs_only_itself(machine: Machine) -> None:
    first, second, third = machine.run("dies-2:1")
    assert first.status == third.status == 5
    assert "the machine died twice in it: QEMU ended with status 3" in (second.error or "")


def test_silence_is_noticed(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qemu, "SILENCE", 3.0)
    first, second, third = machine.run("silent:1")
    assert first.status == third.status == 5
    assert "silent" in (second.error or "")


@pytest.mark.parametrize(
    ("fault", "message"), [("garbage", "not understood"), ("no-kvm", "no /dev/kvm: No such device")]
)
def test_a_machine_that_cannot_work(machine: Machine, fault: str, message: str) -> None:
    with pytest.raises(MachineError, match=message):
        machine.run(fault)


def test_qemu_is_missing(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(MachineError, match="qemu-system-x86_64 is not on this machine; install"):
        machine.run("")


def test_an_interruption_leaves_nothing(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_QEMU", "silent:1")

    def interrupt(job: Job, outcome: Outcome) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        machine.executor.run([Job(n, (str(SH),)) for n in "ab"], interrupt)
    assert not running(str(machine.place))


def running(word: str) -> list[int]:
    """The processes of QEMU with this word in their command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if word in line and "qemu" in line:
            found.append(int(path.parent.name))
    return found


@pytest.mark.parametrize("path", ["/etc/x", "../x", "a/../../x"])
def test_files_stay_in_the_directory(machine: Machine, path: str) -> None:
    assert "leads out" in (
        machine.executor.run([Job("a", (str(SH),), {path: Node()})])[0].error or ""
    )


def test_a_full_disk(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    # /dev/full answers every write as a full disk does.
    (machine.place / "runs").mkdir()
    (machine.place / "runs" / "initramfs-1").symlink_to("/dev/full")
    with pytest.raises(MachineError, match="no space left"):
        machine.run("")


# ---- What is brought there ---------------------------------------------------------------------


def read_cpio(data: bytes) -> dict[str, tuple[int, bytes]]:
    """Mode and content by name, as the kernel reads them."""
    entries, offset = {}, 0
    while True:
        head = data[offset : offset + 110]
        assert head[:6] == b"070701" and offset % 4 == 0
        field = [int(head[6 + 8 * n : 14 + 8 * n], 16) for n in range(13)]
        begin = offset + 110
        name = data[begin : begin + field[11] - 1].decode()
        begin = (begin + field[11] + 3) // 4 * 4
        if name == "TRAILER!!!":
            return entries
        assert name not in entries
        entries[name] = (field[1], data[begin : begin + field[6]])
        offset = (begin + field[6] + 3) // 4 * 4


def test_an_initramfs_has_every_parent_once_and_first() -> None:
    archive = Initramfs(0)
    archive.file("a/b/f", b"12345", 0o755)
    archive.directory("a/c", 0o700)
    archive.file("/a/c/g", b"")
    archive.symlink("a/l", "b/f")
    entries = read_cpio(b"".join(archive.content()))
    assert list(entries) == ["a", "a/b", "a/b/f", "a/c", "a/c/g", "a/l"]
    assert entries["a/b/f"] == (0o100755, b"12345")
    assert entries["a/c"] == (0o040700, b"")
    assert entries["a/l"] == (0o120777, b"b/f")


def test_a_program_brings_its_libraries() -> None:
    files = bundle(SH.resolve(), HOST)
    assert str(SH.resolve()) in files
    assert any("libc" in name for name in files) and any("ld-linux" in name for name in files)
    assert all(path.exists() for path in files.values())


def test_programs_that_cannot_be_brought(tmp_path: Path) -> None:
    script, foreign = tmp_path / "script", tmp_path / "foreign"
    script.write_text("#!/bin/sh\n")
    foreign.write_bytes(elf(None, AARCH64))
    for path, message in ((script, "is no ELF"), (foreign, "is for aarch64, not for x86_64")):
        with pytest.raises(UsageError, match=message):
            bundle(path, "x86_64")
    with pytest.raises(UsageError, match="No such file"):
        bundle(tmp_path / "absent", "x86_64")


# ---- Kernels ------------------------------------------------------------------------------------


def bzimage(size: int) -> bytes:
    """Head of a kernel for x86-64 whose payload has that size."""
    data = bytearray(0x400)
    data[0x1F1], data[0x202:0x206] = 1, b"HdrS"
    struct.pack_into("<II", data, 0x248, 0, size)
    return bytes(data)


def test_own_kernels(tmp_path: Path) -> None:
    image = tmp_path / "vmlinuz"
    image.write_bytes(bzimage(100) + bytes(100))
    assert own_kernel("x86_64", image, None).image == image
    for content, arch, message in (
        (bzimage(100) + bytes(99), "x86_64", "cut off, 1123 of at least 1124 bytes"),
        (bzimage(0), "aarch64", "not for aarch64"),
        (elf(None, AARCH64), "x86_64", "not for x86_64"),
        (elf(None)[:-1], "x86_64", "cut off"),
        (b"hello", "x86_64", "not a Linux kernel image"),
    ):
        image.write_bytes(content)
        with pytest.raises(MachineError, match=message):
            own_kernel(arch, image, None)
    with pytest.raises(MachineError, match="no such file"):
        own_kernel("x86_64", tmp_path / "absent", None)


def test_modules_come_in_loading_order(tmp_path: Path) -> None:
    def module(depends: str) -> bytes:
        return b"\x7fELF\0license=GPL\0depends=" + depends.encode() + b"\0name=x\0"

    library = tmp_path / "lib"
    for name, depends in (("kvm-amd", "kvm,ccp"), ("kvm", "irqbypass"), ("irqbypass", "")):
        (library / "kernel" / name).mkdir(parents=True)
        (library / "kernel" / name / f"{name}.ko").write_bytes(module(depends))
    (library / "modules.builtin").write_text("kernel/drivers/crypto/ccp/ccp.ko\n")
    image = tmp_path / "vmlinuz"
    image.write_bytes(bzimage(0))
    taken = own_kernel("x86_64", image, library).modules
    assert [path.name for path in taken] == ["00-irqbypass.ko", "01-kvm.ko", "02-kvm_amd.ko"]
    (library / "kernel" / "kvm" / "kvm.ko").unlink()
    with pytest.raises(MachineError, match="has no module kvm"):
        own_kernel("x86_64", image, library)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache that fills itself with a kernel of one word."""

    def fetch(place: Path, arch: str) -> None:
        (place / "kernel").mkdir()
        image = place / "kernel" / "image"
        image.write_bytes(b"kernel")
        files = {"image": kernels._digest(image)}
        description = {"name": "a kernel", "modules": [], "files": files}
        (place / "kernel" / "kernel.json").write_text(json.dumps(description))

    monkeypatch.setattr(kernels, "_fetch", fetch)
    return tmp_path


@pytest.mark.parametrize("damage", ["image", "kernel.json"])
def test_a_damaged_cache_is_filled_again(
    cache: Path, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    kernel = cached_kernel(cache, "x86_64")
    file = cache / "x86_64" / "kernel" / damage
    file.write_bytes(file.read_bytes()[:-1])
    assert cached_kernel(cache, "x86_64") == kernel
    assert kernel.image.read_bytes() == b"kernel"
    assert "is damaged; fetching it again" in capsys.readouterr().out


def test_a_full_disk_in_the_cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(place: Path, arch: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(kernels, "_fetch", fetch)
    with pytest.raises(MachineError, match="no kernel for x86_64: no space left in"):
        cached_kernel(cache, "x86_64")


@pytest.mark.skipif(not Path("/usr/bin/apt-get").exists(), reason="there is no apt here")
def test_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(etc: Path) -> None:
        (etc / "sources.list").write_text("deb [trusted=yes] file:/nonexistent stable main\n")

    monkeypatch.setattr(AptRoot, "_copy_sources", staticmethod(nowhere))
    with pytest.raises(MachineError) as caught:
        cached_kernel(tmp_path, "aarch64")
    text = str(caught.value)
    assert text.startswith("no kernel for aarch64: apt-get update") and "UHYVE_KERNEL=FILE" in text
    assert not (tmp_path / "aarch64" / "kernel").exists()


# ---- Which machine -------------------------------------------------------------------------------


def test_choosing(monkeypatch: pytest.MonkeyPatch) -> None:
    other = "aarch64" if HOST == "x86_64" else "x86_64"
    monkeypatch.setattr(choosing, "kvm_problem", lambda: None)
    assert choosing.choose("auto", HOST)[0] == "kvm"
    assert choosing.choose("qemu", HOST)[0] == "qemu"
    assert choosing.choose("auto", other) == ("qemu", f"this machine is {HOST}, not {other}")
    with pytest.raises(MachineError, match="--machine qemu"):
        choosing.choose("kvm", other)
    monkeypatch.setattr(choosing, "kvm_problem", lambda: "/dev/kvm: hidden")
    assert choosing.choose("auto", HOST) == ("qemu", "/dev/kvm: hidden")
    with pytest.raises(UsageError, match="no hypervisor is judged on"):
        choosing.choose("auto", "vax")


def test_what_is_wrong_with_kvm(tmp_path: Path) -> None:
    assert "No such file" in (choosing.kvm_problem(tmp_path / "kvm") or "")
    assert "no virtual machine" in (choosing.kvm_problem(Path("/dev/null")) or "")
