# SPDX-License-Identifier: MIT OR Apache-2.0
"""Headers and static libraries of another architecture, to link the VMM against.

`build/machines/<arch>/sysroot/` holds the development packages as they unpack.
The C library itself comes with the cross compiler.
"""

import shutil
from pathlib import Path

from ..architectures import ARCHITECTURES
from ..guarded import scratch
from . import apt
from .cache import filling
from .errors import MachineError

_PACKAGES = ("libfdt-dev", "libseccomp-dev")


def sysroot(cache: Path, arch: str) -> Path:
    """The sysroot of arch, fetched when it is not there."""
    place = cache / arch
    advice = f"to fill it once where apt works: python -m uhyve_conformance.machine sysroot {arch}"
    with filling(place, f"static libraries for {arch}", advice):
        folder = place / "sysroot"
        if not (folder / "complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
            _fetch(place, arch)
    return folder


def _fetch(place: Path, arch: str) -> None:
    print(f"machine: fetching static libraries for {arch} (about 1 MB, once)", flush=True)
    root = apt.AptRoot(place / "apt", ARCHITECTURES[arch].debian)
    missing = [package for package in _PACKAGES if not root.knows(package)]
    if missing:
        raise MachineError(f"this machine's apt sources offer no {' '.join(missing)} for {arch}")
    with scratch("new.", str(place)) as temporary:
        new = temporary / "sysroot"
        new.mkdir()
        for deb in root.download(list(_PACKAGES), temporary / "debs"):
            apt.extract(deb, new)
        (new / "complete").touch()
        new.rename(place / "sysroot")
