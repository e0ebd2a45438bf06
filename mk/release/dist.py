# SPDX-License-Identifier: MIT OR Apache-2.0
"""Packs a release from what `make dist` built: the wheel, the archive for those who want the
guests alone, the sources, and SHA256SUMS.

usage: dist.py DIRECTORY
"""

from __future__ import annotations

import os
import shutil
import sys
from fnmatch import fnmatch
from pathlib import Path

from archive import ROOT, epoch, sources, sums, write_tar

# Files that the installed harness reads besides its own package.
PARTS = (
    "VERSION",
    "spec/*",
    "include/uhyve_interface/*",
    "conformance/adapters/*",
    "conformance/bindings/*",
    "conformance/no-mutant.toml",
    "conformance/seconds.json",
    "guests/guests.lock",
    "reference-vmm/src/judge/rules.def",
)
# And what was built, by the name that it has there. The VMM is the static one, so that
# it runs on any Linux.
ARCHES = ("x86_64", "aarch64")
BUILT = {
    "build/uhyve-ref": "build/static/x86_64/uhyve-ref",
    "build/uhyve-ref-freedoms": "build/static/x86_64/uhyve-ref-freedoms",
    "build/static/aarch64/uhyve-ref": "build/static/aarch64/uhyve-ref",
} | {
    name: name
    for arch in ARCHES
    for name in (f"build/explore/{arch}/script.elf", f"build/machines/{arch}/init")
}
# Files for those who do not want the harness, with their places in the archive.
LOOSE = {
    "include/": "include/",
    "guests/sdk/": "sdk/",
    "spec/": "spec/",
    "conformance/schema.md": "results-schema.md",
    "conformance/README.md": "conformance.md",
    "conformance/interface.schema.json": "interface.schema.json",
    "guests/README.md": "guests.md",
    "guests/guests.lock": "guests.lock",
    "reference-vmm/uhyve-ref.1": "man/uhyve-ref.1",
    "docs/": "docs/",
    "README.md": "README.md",
    "CHANGELOG.md": "CHANGELOG.md",
    "LICENSE-MIT": "LICENSE-MIT",
    "LICENSE-APACHE": "LICENSE-APACHE",
    "VERSION": "VERSION",
}


def guests() -> dict[str, Path]:
    """The prebuilt test guests of every architecture."""
    found = {}
    for arch in ARCHES:
        here = sorted((ROOT / "build/guests" / arch).glob("*.elf"))
        if not here:
            raise SystemExit(f"error: no guests for {arch}: `make dist` builds them first")
        found |= {f"guests/{arch}/{path.name}": path for path in here}
    return found


def stage_wheel(stage: Path, version: str) -> None:
    """The wheel's sources: the package, and the parts of the tree in a folder of it."""
    package, files = stage / "uhyve_conformance", sources()
    parts = {
        f"installed/{name}": ROOT / name
        for name in files
        if any(fnmatch(name, pattern) for pattern in PARTS)
    }
    code = "conformance/uhyve_conformance/"
    parts |= {n.removeprefix(code): ROOT / n for n in files if n.startswith(code)}
    parts |= {f"installed/{name}": ROOT / built for name, built in BUILT.items()}
    parts |= {f"installed/build/{name}": path for name, path in guests().items()}
    for name, path in parts.items():
        target = package / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        target.chmod(0o755 if path.stat().st_mode & 0o100 and not name.endswith(".elf") else 0o644)
    for name in ("LICENSE-MIT", "LICENSE-APACHE", "README.md"):
        shutil.copyfile(ROOT / name, stage / name)
    text = (ROOT / "mk/release/pyproject.toml").read_text(encoding="utf-8")
    (stage / "pyproject.toml").write_text(text.replace("@VERSION@", version), encoding="utf-8")


def make_wheel(stage: Path, out: Path, time: int) -> Path:
    """By flit_core, which orders the files and takes their time from the environment."""
    from flit_core.wheel import make_wheel_in

    os.environ["SOURCE_DATE_EPOCH"] = str(time)
    wheel = Path(make_wheel_in(stage / "pyproject.toml", out).file)
    wheel.chmod(0o644)
    return wheel


def loose(page: Path) -> dict[str, Path]:
    """The contents of the archive."""
    members = {}
    for name in sources():
        for source, target in LOOSE.items():
            if name == source or (source.endswith("/") and name.startswith(source)):
                members[target + name.removeprefix(source)] = ROOT / name
    members |= guests()
    members |= {f"spec/{name}": page / name for name in ("index.html", "requirements.json")}
    members["interface.json"] = ROOT / "build/interface.json"
    for arch in ARCHES:
        members[f"bin/{arch}/uhyve-ref"] = ROOT / f"build/static/{arch}/uhyve-ref"
    return members


def main(out: Path) -> None:
    """Writes everything from scratch."""
    os.umask(0o022)
    version = (ROOT / "VERSION").read_text(encoding="utf-8").strip()
    time, name = epoch(), f"uhyve-conformance-{version}"
    stage = out / "stage"
    for old in (*out.glob("*.whl"), *out.glob("*.tar.xz"), out / "SHA256SUMS"):
        old.unlink(missing_ok=True)
    shutil.rmtree(stage, ignore_errors=True)
    stage_wheel(stage, version)
    made = [make_wheel(stage, out, time)]
    shutil.rmtree(stage)
    made += [out / f"{name}.tar.xz", out / f"{name}-source.tar.xz"]
    write_tar(made[1], name, loose(out / "spec"), time)
    write_tar(made[2], f"{name}-source", {file: ROOT / file for file in sources()}, time)
    (out / "SHA256SUMS").write_text(sums(sorted(made)))
    for path in made:
        print(f"{path.stat().st_size:>10}  {path}")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
