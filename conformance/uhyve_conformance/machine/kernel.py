# SPDX-License-Identifier: MIT OR Apache-2.0
"""The Linux kernel of a machine: the distribution's cloud kernel, kept in a cache.

`build/machines/<arch>/kernel/` holds the image, the modules that make /dev/kvm,
in loading order, and `kernel.json` with their sizes and digests. A cache that
does not match its digests is thrown away and filled again. Someone without
these packages names a kernel of their own instead (see `own_kernel`).
"""

import gzip
import hashlib
import json
import lzma
import re
import shutil
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ..architectures import ARCHITECTURES
from ..guarded import guardian, scratch
from . import apt
from .cache import filling
from .errors import MachineError

# Tried in this order: Debian's, then Ubuntu's.
_METAPACKAGES = ("linux-image-cloud-{debian}", "linux-image-virtual")
_ADVICE = (
    "name a kernel by UHYVE_KERNEL=FILE (and UHYVE_KERNEL_MODULES=DIR where KVM is a module), "
    "or fetch it once where apt works: python -m uhyve_conformance.machine kernel {arch}"
)


@dataclass(frozen=True)
class Kernel:
    """The kernel that QEMU boots. Reports call it `name`."""

    arch: str
    name: str
    image: Path
    modules: tuple[Path, ...]  # in loading order, not compressed


def cached_kernel(cache: Path, arch: str) -> Kernel:
    """The distribution's kernel from the cache, fetched when it is not there."""
    place = cache / arch
    with filling(place, f"kernel for {arch}", _ADVICE.format(arch=arch)):
        folder = place / "kernel"
        if folder.exists():
            kernel = _read(folder, arch)
            if kernel:
                return kernel
            print(
                f"machine: the cached kernel in {folder} is damaged; fetching it again", flush=True
            )
            shutil.rmtree(folder)
        _fetch(place, arch)
        kernel = _read(folder, arch)
    if not kernel:
        raise MachineError(
            f"{folder} does not hold what was just written to it; is its disk full or broken?"
        )
    return kernel


def own_kernel(arch: str, image: Path, modules: Path | None) -> Kernel:
    """A kernel that the user names; modules is a directory as lib/modules/VERSION."""
    if not image.is_file():
        raise MachineError(f"kernel {image}: no such file")
    try:
        _check_image(arch, image)
    except PermissionError:
        raise MachineError(f"kernel {image}: no permission to read it") from None
    found = ()
    if modules:
        into = guardian().directory("uhyve-modules-")
        found = tuple(_take_modules(modules, ARCHITECTURES[arch].kvm_modules, into))
    return Kernel(arch, str(image), image, found)


def _fetch(place: Path, arch: str) -> None:
    """Fills place/kernel; at no time is there half of it."""
    debian = ARCHITECTURES[arch].debian
    root = apt.AptRoot(place / "apt", debian)
    print(f"machine: fetching a Linux kernel for {arch} (about 25 MB, once)", flush=True)
    metapackage = next(
        (name for name in (m.format(debian=debian) for m in _METAPACKAGES) if root.knows(name)),
        None,
    )
    if not metapackage:
        raise MachineError(
            f"this machine's apt sources offer no {debian} kernel for virtual machines"
        )
    package = root.real_package(metapackage)
    release = package.removeprefix("linux-image-").removeprefix("unsigned-")
    packages = [package] + [extra for extra in (f"linux-modules-{release}",) if root.knows(extra)]
    with scratch("new.", str(place)) as temporary:
        new, tree = temporary / "kernel", temporary / "tree"
        (new / "modules").mkdir(parents=True)
        debs = root.download(packages, temporary / "debs")
        for deb in debs:
            apt.extract(deb, tree)
        (image,) = tree.glob("boot/vmlinuz-*")
        _unpack_image(arch, image, new / "image")
        libraries = [path for path in tree.glob("**/lib/modules/*") if (path / "kernel").is_dir()]
        modules = _take_modules(libraries[0], ARCHITECTURES[arch].kvm_modules, new / "modules")
        version = next(
            deb.name.split("_")[1].replace("%3a", ":")
            for deb in debs
            if deb.name.startswith("linux-image")
        )
        description = {
            "name": f"{package} {version}",
            "modules": [module.name for module in modules],
            "files": {
                str(path.relative_to(new)): _digest(path) for path in [new / "image", *modules]
            },
        }
        (new / "kernel.json").write_text(json.dumps(description, indent=1) + "\n")
        new.rename(place / "kernel")


def _read(folder: Path, arch: str) -> Kernel | None:
    """The kernel in a folder, or None when it is not what was once written there."""
    try:
        description = json.loads((folder / "kernel.json").read_text())
        for name, digest in description["files"].items():
            if _digest(folder / name) != digest:
                return None
        return Kernel(
            arch,
            description["name"],
            folder / "image",
            tuple(folder / "modules" / name for name in description["modules"]),
        )
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# ---- Images -------------------------------------------------------------------


def _check_image(arch: str, image: Path) -> None:
    """Refuses what QEMU would boot into silence: another architecture, half a file."""
    data, size = image.read_bytes()[:4096], image.stat().st_size
    if data[:4] == b"\x7fELF":
        machine, needed = _elf_machine_and_end(data)
        is_arch = machine == ARCHITECTURES[arch].machine
    elif data[56:60] == b"ARM\x64" or data[:2] == b"\x1f\x8b" or data[4:8] == b"zimg":
        is_arch, needed = arch == "aarch64", 0
    elif data[0x202:0x206] == b"HdrS":
        base = (data[0x1F1] or 4) * 512 + 512
        is_arch, needed = arch == "x86_64", base + sum(struct.unpack_from("<II", data, 0x248))
    else:
        raise MachineError(f"kernel {image}: not a Linux kernel image")
    if not is_arch:
        raise MachineError(f"kernel {image}: not for {arch}")
    if size < needed:
        raise MachineError(f"kernel {image}: cut off, {size} of at least {needed} bytes are there")


def _elf_machine_and_end(data: bytes) -> tuple[int, int]:
    """e_machine, and how long the file has to be, by the head of an ELF file."""
    data = data.ljust(4096, b"\0")
    machine, segments, sections = struct.unpack_from("<18xH12xQQ", data)
    segment_size, segment_count, section_size, section_count = struct.unpack_from("<4H", data, 54)
    ends = [sections + section_size * section_count]
    for place in range(segments, segments + segment_size * segment_count, segment_size or 1):
        if place + 40 <= len(data):
            offset, file_size = struct.unpack_from("<8xQ16xQ", data, place)
            ends.append(offset + file_size)
    return machine, max(ends)


def _unpack_image(arch: str, packed: Path, image: Path) -> None:
    """Boots faster without a self-extracting wrapper, where we can take it off."""
    _check_image(arch, packed)
    data = packed.read_bytes()
    if data[:2] == b"\x1f\x8b":
        image.write_bytes(gzip.decompress(data))
    elif data[0x202:0x206] == b"HdrS" and (kernel := _payload(data)):
        image.write_bytes(kernel)
    else:
        shutil.copyfile(packed, image)


def _payload(bzimage: bytes) -> bytes | None:
    """The kernel as ELF inside a bzImage, or None when nothing here unpacks it."""
    offset, length = struct.unpack_from("<II", bzimage, 0x248)
    begin = (bzimage[0x1F1] or 4) * 512 + 512 + offset
    packed = bzimage[begin : begin + length]
    kernel = _decompressed(packed)
    if kernel is None and len(packed) > 4:
        kernel = _decompressed(packed[:-4])  # LZ4 and zstd have the size after them
    return kernel if kernel and kernel[:4] == b"\x7fELF" else None


def _decompressed(data: bytes) -> bytes | None:
    """data unpacked by what its first bytes say; None when nothing here can."""
    try:
        if data[:6] == b"\xfd7zXZ\0":
            return lzma.LZMADecompressor().decompress(data)
        if data[:2] == b"\x1f\x8b":
            return gzip.decompress(data)
    except (lzma.LZMAError, OSError, EOFError):
        return None
    program = {b"\x02\x21\x4c\x18": "lz4", b"\x28\xb5\x2f\xfd": "zstd"}.get(data[:4])
    if not program or not shutil.which(program):
        return None
    done = subprocess.run([program, "-dc"], input=data, capture_output=True)
    return done.stdout if done.returncode == 0 else None


# ---- Modules ------------------------------------------------------------------


def _take_modules(library: Path, wanted: list[str], into: Path) -> list[Path]:
    """Copies modules and what they depend on, uncompressed, in loading order."""
    files = {}
    for path in library.rglob("*.ko*"):
        files[_module_name(path.name)] = path
    builtin = library / "modules.builtin"
    built_in = (
        {_module_name(Path(line).name) for line in builtin.read_text().split()}
        if builtin.exists()
        else set()
    )
    taken: dict[str, Path] = {}

    def take(name: str) -> None:
        if name in taken or name in built_in:
            return
        if name not in files:
            raise MachineError(f"{library} has no module {name}")
        data = _module_bytes(files[name])
        for dependency in _depends(data):
            take(dependency)
        taken[name] = into / f"{len(taken):02}-{name}.ko"
        taken[name].write_bytes(data)

    for name in wanted:
        take(_module_name(name))
    return list(taken.values())


def _module_name(file_name: str) -> str:
    return file_name.split(".ko")[0].replace("-", "_")


def _module_bytes(path: Path) -> bytes:
    data = path.read_bytes()
    if data[:4] == b"\x7fELF":
        return data
    unpacked = _decompressed(data)
    if unpacked is None:
        raise MachineError(f"{path} cannot be unpacked; is zstd installed?")
    return unpacked


def _depends(module: bytes) -> list[str]:
    """The modules that one names in its .modinfo."""
    found = re.search(rb"\0depends=([^\0]*)\0", module)
    return (
        [name.replace("-", "_") for name in found[1].decode().split(",") if name] if found else []
    )
