# SPDX-License-Identifier: MIT OR Apache-2.0
"""The wheel on its own: installed into a fresh environment, in a folder far from the checkout,
with a PATH in which there is neither compiler nor make, as an ordinary user. Its verdict on the
reference VMM has to be that of the checkout, and every command has to work.

usage: alone.py WHEEL RESULTS      (results.json of the checkout's run on the reference VMM)
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NOBODY = 65534
ADAPTER = """\
name = "mine"
command = ["{vmm}", "--memory-size", "{{memory}}MiB", "--cpu-count", "{{vcpus}}", "{{mappings}}",
    "{{env}}", "{{image}}", "--", "{{kernel_args}}", "{{args}}"]
mapping = ["--file-mapping", "{{host}}:{{guest}}"]
variable = ["--env-vars", "{{name}}={{value}}"]
args = ["--", "{{args}}"]
version = ["--version"]
capabilities = ["interface-1", "interface-2", "interface-3", "serial-read-buffer",
    "serial-read-byte", "smp", "stdin", "symlinks"]
"""


class Alone:
    """A folder with an environment of its own."""

    def __init__(self, place: Path) -> None:
        self.place, self.passed, self.failed = place, 0, 0
        self.python = sys._base_executable
        # An interpreter in root's home is nobody's.
        self.as_nobody = os.geteuid() == 0 and not self.python.startswith("/root/")
        self.program = place / "venv/bin/uhyve-conformance"
        empty = place / "bin"
        empty.mkdir()
        self.environment = {"PATH": str(empty), "HOME": str(place), "LANG": "C.UTF-8"}

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One command there."""
        kvm = Path("/dev/kvm")
        who: dict[str, object] = {}
        if self.as_nobody:
            groups = [kvm.stat().st_gid] if kvm.exists() else []
            who = {"user": NOBODY, "group": NOBODY, "extra_groups": groups}
        return subprocess.run(
            words, cwd=self.place, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **who,
        )  # fmt: skip

    def wants(self, status: int, text: str, *words: str) -> None:
        """The installed command ends with this status and says this."""
        done = self.run(str(self.program), *words)
        if done.returncode == status and text in done.stdout:
            self.passed += 1
            return
        self.failed += 1
        print(f"{' '.join(words)}: status {done.returncode}, {status} was due, with '{text}':")
        print(done.stdout[-2000:])


def check(alone: Alone, wheel: Path, results: Path) -> None:
    """All of it."""
    begin = time.monotonic()
    pip = str(alone.place / "venv/bin/pip")
    for words in ((alone.python, "-m", "venv", "venv"), (pip, "install", "-q", str(wheel))):
        done = alone.run(*words)
        if done.returncode:
            raise SystemExit(f"{done.stdout}error: {' '.join(words)} failed")
    installed = time.monotonic()
    vmm = next(alone.place.glob("venv/lib/python*/site-packages/uhyve_conformance/installed/build"))
    (alone.place / "mine.toml").write_text(ADAPTER.format(vmm=vmm / "uhyve-ref"))
    alone.wants(0, "mine conforms", "run", "--hypervisor", "mine.toml")
    print(f"installed in {installed - begin:.1f} s, judged in {time.monotonic() - installed:.1f} s")
    made = alone.place / "uhyve-results/conformance/mine-x86_64"
    bundle = str(made / "mine-x86_64.uhyve.tar.xz")
    ours, theirs = (
        {r["id"]: r["verdict"] for r in json.loads(path.read_text())["requirements"]}
        for path in (made / "results.json", results)
    )
    if ours == theirs:
        alone.passed += 1
    else:
        alone.failed += 1
        differ = sorted(i for i in ours.keys() | theirs.keys() if ours.get(i) != theirs.get(i))
        print(f"other verdicts than the checkout's: {', '.join(differ[:10])}")
    guest = str(vmm / "guests/x86_64/exit-basic.elf")
    alone.wants(0, "outcomes give the verdicts", "verify", "--strict", bundle)
    alone.wants(0, "open: mine", "gate", "--against", bundle, bundle)
    alone.wants(0, "index.html", "report", bundle)
    alone.wants(0, "", "compare", str(made / "results.json"), str(made / "results.json"))
    alone.wants(0, "last verdicts", "show", "UHY-OPEN-008")
    alone.wants(0, "exit-basic", "list")
    alone.wants(0, "", "guest", guest)
    alone.wants(0, "", "explore", "--hypervisor", "mine.toml", "--seconds", "2")
    alone.wants(5, "no debug information", "check-binding", "/bin/true")
    alone.wants(0, "index.html", "spec")
    alone.wants(4, "use it in a checkout", "spec-check")


def main(wheel: Path, results: Path) -> int:
    """Status 1 when anything is not as it should be."""
    with tempfile.TemporaryDirectory(prefix="uhyve-alone-") as top:
        place = Path(top)
        shutil.copy(wheel, place)
        alone = Alone(place)
        if alone.as_nobody:
            for path in (place, *place.iterdir()):
                os.chown(path, NOBODY, NOBODY)
        check(alone, place / wheel.name, results)
    print(f"{alone.passed} passed, {alone.failed} failed")
    return 1 if alone.failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()))
