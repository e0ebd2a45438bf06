# SPDX-License-Identifier: MIT OR Apache-2.0
"""The wheel on its own: installed into a fresh environment, in a folder far from the checkout,
with a PATH in which there is neither compiler nor make, as an ordinary user. Its verdicts have
to be those of the checkout, and every command has to work.

usage: alone.py WHEEL RESULTS [--root DIRECTORY] [--uhyve PROGRAM RESULTS]

RESULTS are the checkout's: results.json of the reference VMM, and of uhyve. With --root it all
takes place in a root file system that has nothing but Python, without a network.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from archive import ROOT

NOBODY = 65534
KVM = Path("/dev/kvm")
ADAPTERS = ROOT / "conformance/adapters"


def adapter(name: str, program: str) -> str:
    """That of the checkout, for a program of this name elsewhere."""
    text = (ADAPTERS / f"{name}.toml").read_text(encoding="utf-8")
    text, paths = re.subn(r'"\{root\}/build/[^"]*uhyve(-ref)?",', f'"{program}",', text, count=1)
    if paths != 1:
        raise SystemExit(f"error: {name}.toml: its command has no program to replace")
    return text


def mine(program: str) -> str:
    """A stranger's adapter for the reference VMM at this place."""
    return adapter("reference", program).replace('"reference"', '"mine"', 1)


def furnish(root: Path) -> None:
    """Devices, memory and processes, as any Debian has them. The mounts go away with this
    process, which has a name space of its own (`unshare --mount`)."""
    for device in (KVM, Path("/dev/net/tun"), Path("/dev/null"), Path("/dev/urandom")):
        inside = root / device.relative_to("/")
        if device.exists() and not inside.exists():
            inside.parent.mkdir(exist_ok=True)
            os.mknod(inside, stat.S_IFCHR, device.stat().st_rdev)
            inside.chmod(0o666)  # no one else uses this root
    for kind, place, options in (
        ("proc", "proc", "ro"),
        ("sysfs", "sys", "ro"),
        ("tmpfs", "dev/shm", "mode=1777"),
    ):
        subprocess.run(["mount", "-t", kind, "-o", options, kind, root / place], check=True)
    (root / "tmp").mkdir(exist_ok=True)


class Alone:
    """A folder with an environment of its own, perhaps in a root file system of its own."""

    def __init__(self, place: Path, root: Path | None) -> None:
        self.place, self.root, self.passed, self.failed = place, root, 0, 0
        self.python = "/usr/bin/python3" if root else sys._base_executable
        # No other user can reach an interpreter in root's home.
        self.as_nobody = os.geteuid() == 0 and not self.python.startswith("/root/")
        empty = place / "bin"
        empty.mkdir()
        self.environment = {
            "PATH": self.inside(empty),
            "HOME": self.inside(place),
            "LANG": "C.UTF-8",
        }
        self.program = self.inside(place / "venv/bin/uhyve-conformance")

    def inside(self, path: Path) -> str:
        """Its name for the commands."""
        return f"/{path.relative_to(self.root)}" if self.root else str(path)

    def give(self) -> None:
        """All of the folder to the user of the commands."""
        if self.as_nobody:
            for path in (self.place, *self.place.rglob("*")):
                os.chown(path, NOBODY, NOBODY, follow_symlinks=False)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One command there."""

        def enter() -> None:
            if self.root:
                os.chroot(self.root)
                os.chdir(self.inside(self.place))
            if self.as_nobody:
                os.setgroups([KVM.stat().st_gid] if KVM.exists() else [])
                os.setgid(NOBODY)
                os.setuid(NOBODY)

        return subprocess.run(
            words, cwd=self.place, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
            preexec_fn=enter,
        )  # fmt: skip

    def wants(self, status: int, text: str, *words: str) -> None:
        """The installed command ends with this status and says this."""
        done = self.run(self.program, *words)
        if done.returncode == status and text in done.stdout:
            self.passed += 1
            return
        self.failed += 1
        print(f"{' '.join(words)}: status {done.returncode}, {status} was due, with '{text}':")
        print(done.stdout[-2000:])

    def wants_verdicts(self, name: str, results: Path) -> None:
        """Its last verdicts on this hypervisor are these."""
        made = self.place / f"uhyve-results/conformance/{name}-x86_64/results.json"
        ours, theirs = (
            {r["id"]: r["verdict"] for r in json.loads(path.read_text())["requirements"]}
            for path in (made, results)
        )
        differ = sorted(i for i in ours.keys() | theirs.keys() if ours.get(i) != theirs.get(i))
        if not differ and len(ours) > 500:
            self.passed += 1
            return
        self.failed += 1
        print(f"{name}: of {len(ours)} verdicts {len(differ)} are not the checkout's:")
        for id_ in differ[:20]:
            print(f"    {id_}: {ours.get(id_)}, in the checkout {theirs.get(id_)}")


def install(alone: Alone, wheel: Path) -> float:
    """Makes the environment; the seconds of `pip install`."""
    pip, words = alone.inside(alone.place / "venv/bin/pip"), ["install", "-q"]
    if alone.root:
        # There is no network; what the wheel needs was fetched before.
        packages = alone.place / "packages"
        fetch = [sys.executable, "-m", "pip", "-q", "download", "-d", str(packages), str(wheel)]
        subprocess.run(fetch, check=True)
        alone.give()
        words += ["--no-index", "--find-links", alone.inside(packages)]
    made = alone.run(alone.python, "-m", "venv", "venv")
    begin = time.monotonic()
    done = alone.run(pip, *words, alone.inside(wheel)) if made.returncode == 0 else made
    if done.returncode:
        raise SystemExit(f"{done.stdout}error: the wheel cannot be installed")
    return time.monotonic() - begin


def check(alone: Alone, wheel: Path, results: Path, uhyve: tuple[Path, Path] | None) -> None:
    """All of it."""
    seconds = install(alone, wheel)
    vmm = next(alone.place.glob("venv/lib/python*/site-packages/uhyve_conformance/installed/build"))
    (alone.place / "mine.toml").write_text(mine(alone.inside(vmm / "uhyve-ref")))
    begin = time.monotonic()
    alone.wants(0, "mine conforms", "run", "--hypervisor", "mine.toml")
    judged = time.monotonic() - begin
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"from pip install to the verdict {seconds + judged:.1f} s: {seconds:.1f} and {judged:.1f} "
        f"({used.ru_utime + used.ru_stime:.1f} s of a processor)"
    )
    alone.wants_verdicts("mine", results)
    made = alone.place / "uhyve-results/conformance/mine-x86_64"
    bundle, tree = (
        alone.inside(made / name) for name in ("mine-x86_64.uhyve.tar.xz", "results.json")
    )
    if uhyve:
        program = alone.place / "uhyve"
        shutil.copy(uhyve[0], program)
        (alone.place / "uhyve.toml").write_text(adapter("uhyve", alone.inside(program)))
        begin = time.monotonic()
        alone.wants(1, "uhyve does not conform", "run", "--hypervisor", "uhyve.toml")
        print(f"uhyve: judged in {time.monotonic() - begin:.1f} s")
        alone.wants_verdicts("uhyve", uhyve[1])
    guest = alone.inside(vmm / "guests/x86_64/exit-basic.elf")
    alone.wants(0, "outcomes give the verdicts", "verify", "--strict", bundle)
    alone.wants(0, "open: mine", "gate", "--against", bundle, bundle)
    alone.wants(0, "index.html", "report", bundle)
    alone.wants(0, "", "compare", tree, tree)
    alone.wants(0, "last verdicts", "show", "UHY-OPEN-008")
    alone.wants(0, "exit-basic", "list")
    alone.wants(0, "", "guest", guest)
    alone.wants(0, "", "explore", "--hypervisor", "mine.toml", "--seconds", "2")
    alone.wants(5, "no debug information", "check-binding", "/bin/true")
    alone.wants(0, "index.html", "spec")
    alone.wants(4, "use it in a checkout", "spec-check")


def main() -> int:
    """Status 1 when anything is not as it should be."""
    parser = argparse.ArgumentParser()
    parser.add_argument("wheel", type=Path)
    parser.add_argument("results", type=Path)
    parser.add_argument("--root", type=Path)
    parser.add_argument("--uhyve", type=Path, nargs=2)
    options = parser.parse_args()
    root = options.root.resolve() if options.root else None
    if root:
        furnish(root)
    with tempfile.TemporaryDirectory(
        prefix="uhyve-alone-", dir=root / "tmp" if root else None
    ) as top:
        place = Path(top).resolve()
        shutil.copy(options.wheel, place)
        alone = Alone(place, root)
        alone.give()
        check(alone, place / options.wheel.name, options.results, options.uhyve)
    print(f"{alone.passed} passed, {alone.failed} failed")
    return 1 if alone.failed else 0


if __name__ == "__main__":
    sys.exit(main())
