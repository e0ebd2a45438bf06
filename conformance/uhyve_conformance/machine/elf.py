# SPDX-License-Identifier: MIT OR Apache-2.0
"""The files that a program needs to run elsewhere: its loader and its shared libraries."""

import functools
import re
import subprocess
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile

from ..architectures import ARCHITECTURES, OF_ELF
from ..errors import UsageError

_DIRECTORIES = (
    "/lib/{arch}-linux-gnu",
    "/usr/lib/{arch}-linux-gnu",
    "/lib64",
    "/usr/lib64",
    "/lib",
    "/usr/lib",
)


def bundle(program: Path, arch: str) -> dict[str, Path]:
    """The program and all that it is loaded with: path over there -> file on this host.

    UsageError for what cannot run on arch: no ELF file, another architecture, a
    library that is not on this host.
    """
    files: dict[str, Path] = {}
    pending = [(str(program), program)]
    while pending:
        there, here = pending.pop()
        if there not in files:
            files[there] = here
            pending += _needs(here, program, arch)
    return files


def _needs(path: Path, program: Path, arch: str) -> list[tuple[str, Path]]:
    try:
        with path.open("rb") as file:
            elf = ELFFile(file)
            found_arch = OF_ELF.get(elf["e_machine"], elf["e_machine"])
            interpreter, needed, search = _dynamic(elf)
    except OSError as problem:
        raise UsageError(f"{path}: {problem.strerror}") from None
    except ELFError:
        raise UsageError(
            f"{path} is no ELF program, so it cannot be brought to another machine"
        ) from None
    if found_arch != arch:
        raise UsageError(f"{path} is for {found_arch}, not for {arch}")
    origin = str(path.resolve().parent)
    search = [re.sub(r"\$(ORIGIN|\{ORIGIN\})", origin, place) for place in search]
    found = [_find(name, search, program, arch) for name in needed]
    return found + ([(interpreter, Path(interpreter))] if interpreter else [])


def _dynamic(elf: ELFFile) -> tuple[str | None, list[str], list[str]]:
    """The loader, the needed libraries and the extra directories to look for them."""
    interpreter, needed, search = None, [], []
    for segment in elf.iter_segments():
        if segment["p_type"] == "PT_INTERP":
            interpreter = segment.get_interp_name()
        elif segment["p_type"] == "PT_DYNAMIC":
            for tag in segment.iter_tags():
                if tag.entry.d_tag == "DT_NEEDED":
                    needed.append(tag.needed)
                elif tag.entry.d_tag == "DT_RUNPATH":
                    search += tag.runpath.split(":")
                elif tag.entry.d_tag == "DT_RPATH":
                    search += tag.rpath.split(":")
    return interpreter, needed, search


def _find(name: str, search: list[str], program: Path, arch: str) -> tuple[str, Path]:
    standard = [place.format(arch=arch) for place in _DIRECTORIES]
    for place in search + standard:
        if (path := Path(place) / name).exists():
            return str(path), path
    if known := _loader_cache(arch).get(name):
        # Over there is no such cache, so it goes where every loader looks.
        return f"{standard[0]}/{name}", known
    raise UsageError(f"{program} needs {name}, which is not on this host; link it statically")


@functools.cache
def _loader_cache(arch: str) -> dict[str, Path]:
    """The libraries that the host's loader would find, by name."""
    kind = ARCHITECTURES[arch].loader
    try:
        listing = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True).stdout
    except OSError:
        return {}
    found = re.finditer(r"^\t(\S+) \((.*?)\) => (\S+)$", listing, re.MULTILINE)
    return {match[1]: Path(match[3]) for match in found if kind in match[2]}
