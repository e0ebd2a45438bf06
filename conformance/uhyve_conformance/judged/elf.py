# SPDX-License-Identifier: MIT OR Apache-2.0
"""What an image shows of itself without being run. Nothing in the file is trusted."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..architectures import ARCHITECTURES
from ..interface import read_calls

PT_LOAD, PT_DYNAMIC, PT_NOTE, PT_TLS = 1, 2, 4, 7
PF_X = 1
ET_EXEC, ET_DYN = 2, 3
OSABI = 255
LOWEST = 0x100040000  # for ET_EXEC from version 2 on
ENTRY = (b"HERMIT\0", 0x5A00)
INTERFACE = (b"UHYVEIF\0", 0x5B00)
HEADERS, NOTES, RELOCATIONS = 256, 256, 1_000_000  # at most so many are looked at
DT_RELA, DT_RELASZ, DT_REL, DT_RELR = 7, 8, 17, 36


@dataclass(frozen=True)
class Found:
    """One thing that is wrong with an image."""

    rule: str
    what: str


@dataclass
class Segment:
    """A program header."""

    kind: int
    flags: int
    offset: int
    vaddr: int
    filesz: int
    memsz: int


@dataclass
class Image:
    """An image as far as it could be read."""

    found: list[Found] = field(default_factory=list)
    obeyed: list[str] = field(default_factory=list)
    interface: int | None = None  # in its note
    calls: set[int] = field(default_factory=set)  # numbers that its code loads
    segments: list[Segment] = field(default_factory=list)


@dataclass(frozen=True)
class Note:
    """An ELF note."""

    name: bytes
    type: int
    desc: bytes


def look(data: bytes, arch: str) -> Image:
    """Everything that can be said of the image."""
    image = Image()
    header = _header(data, arch, image)
    if header is None:
        return image
    kind, entry = header
    _segments(data, image)
    _check_segments(data, kind, entry, image)
    _code(data, arch, image)
    _check_notes(data, image)
    _check_address(kind, image)
    if kind == ET_DYN:
        _check_relocations(data, ARCHITECTURES[arch].relocations, image)
    return image


def _form(image: Image, what: str) -> None:
    image.found.append(Found("image-form", what))


def _header(data: bytes, arch: str, image: Image) -> tuple[int, int] | None:
    if len(data) < 64 or data[:4] != b"\x7fELF":
        _form(image, "it is no ELF file")
        return None
    if data[4] != 2 or data[5] != 1:
        _form(image, "it is not a little-endian 64-bit ELF file")
        return None
    kind, machine = struct.unpack_from("<HH", data, 16)
    (entry,) = struct.unpack_from("<Q", data, 24)
    if machine != ARCHITECTURES[arch].machine:
        _form(image, f"it is for machine {machine}, not for {arch} ({ARCHITECTURES[arch].machine})")
    if kind not in (ET_EXEC, ET_DYN):
        _form(image, f"its type is {kind}, neither ET_EXEC nor ET_DYN")
    if data[7] != OSABI:
        image.found.append(Found("image-os-abi", f"EI_OSABI is {data[7]}, not {OSABI}"))
    return kind, entry


def _segments(data: bytes, image: Image) -> None:
    (at,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    if size != 56:
        _form(image, f"its program headers have {size} bytes, not 56")
        return
    for i in range(min(count, HEADERS)):
        place = at + i * size
        if place + size > len(data):
            _form(image, "its program headers lie outside the file")
            return
        kind, flags, offset, vaddr, _, filesz, memsz, _ = struct.unpack_from(
            "<IIQQQQQQ", data, place
        )
        image.segments.append(Segment(kind, flags, offset, vaddr, filesz, memsz))


def _loads(image: Image) -> list[Segment]:
    return [s for s in image.segments if s.kind == PT_LOAD and s.memsz]


def _check_segments(data: bytes, kind: int, entry: int, image: Image) -> None:
    loads = _loads(image)
    if not loads:
        _form(image, "it has no PT_LOAD segment")
        return
    for segment in loads:
        if segment.filesz > segment.memsz or segment.offset + segment.filesz > len(data):
            _form(image, f"the segment at {segment.vaddr:#x} is larger than the file or its memory")
    for before, after in zip(loads, loads[1:], strict=False):
        if before.vaddr + before.memsz > after.vaddr:
            _form(image, f"the segments at {before.vaddr:#x} and {after.vaddr:#x} overlap")
    if not any(s.vaddr <= entry < s.vaddr + s.memsz for s in loads):
        _form(image, f"the entry {entry:#x} lies in no segment")
    elif not any(s.vaddr <= entry < s.vaddr + s.memsz and s.flags & PF_X for s in loads):
        _form(image, f"the entry {entry:#x} lies in a segment without code")
    if kind == ET_DYN and loads[0].vaddr != 0:
        _form(image, f"it is relocatable and begins at {loads[0].vaddr:#x}, not at 0")
    for segment in image.segments:
        if segment.kind == PT_TLS and segment.filesz > segment.memsz:
            _form(image, "its thread-local storage is larger in the file than in memory")


def _bytes(data: bytes, segment: Segment) -> bytes:
    return data[segment.offset : segment.offset + segment.filesz]


# ---- Notes -------------------------------------------------------------------------------------


def _notes(blob: bytes) -> Iterator[Note]:
    at = 0
    for _ in range(NOTES):
        if at + 12 > len(blob):
            return
        name_size, desc_size, kind = struct.unpack_from("<III", blob, at)
        desc = at + 12 + (name_size + 3) // 4 * 4
        if name_size > len(blob) or desc + desc_size > len(blob):
            return
        yield Note(blob[at + 12 : at + 12 + name_size], kind, blob[desc : desc + desc_size])
        at = desc + (desc_size + 3) // 4 * 4


def _find(data: bytes, image: Image, wanted: tuple[bytes, int]) -> tuple[Note | None, str]:
    """The note in the first PT_NOTE segment; else what is there instead."""
    segments = [s for s in image.segments if s.kind == PT_NOTE]
    if not segments:
        return None, "it has no PT_NOTE segment"
    name, kind = wanted
    text = name.rstrip(b"\0").decode()
    for i, segment in enumerate(segments):
        for note in _notes(_bytes(data, segment)):
            if note.name == name and note.type == kind:
                if i == 0:
                    return note, ""
                return None, f"the note {text} is in another PT_NOTE segment than the first"
            if note.name.rstrip(b"\0") == name.rstrip(b"\0"):
                return None, f"the note {text} has type {note.type:#x}, not {kind:#x}, or no NUL"
    if name in data:
        return None, f"the bytes of a note {text} are in the file, but in no PT_NOTE segment"
    return None, f"there is no note {text}"


def _check_notes(data: bytes, image: Image) -> None:
    entry, missing = _find(data, image, ENTRY)
    if entry is None:
        image.found.append(Found("UHY-BOOT-100", missing))
    elif entry.desc != b"\x04":
        image.found.append(
            Found("UHY-BOOT-100", f"the note HERMIT holds {entry.desc.hex() or 'nothing'}, not 04")
        )
    else:
        image.obeyed.append("UHY-BOOT-100")
    interface, missing = _find(data, image, INTERFACE)
    if interface is None:
        _without_interface(missing, image)
    elif len(interface.desc) != 4 or not 1 <= int.from_bytes(interface.desc, "big") <= 3:
        swapped = int.from_bytes(interface.desc, "little")
        hint = "; it is little-endian" if 1 <= swapped <= 3 else ""
        image.found.append(
            Found(
                "UHY-BOOT-101",
                f"the note UHYVEIF holds {interface.desc.hex() or 'nothing'}, not a version "
                f"as four big-endian bytes{hint}",
            )
        )
    else:
        image.interface = int.from_bytes(interface.desc, "big")
        image.obeyed.append("UHY-BOOT-101")
        _check_version(data, image)


def _without_interface(missing: str, image: Image) -> None:
    """An image of version 1 has none."""
    numbers = sorted(n for n in image.calls if n >= 0x1000)
    if numbers:
        shown = ", ".join(f"{n:#x}" for n in numbers[:4])
        image.found.append(
            Found("UHY-BOOT-101", f"{missing}, and its code has numbers of version 2: {shown}")
        )


def _check_version(data: bytes, image: Image) -> None:
    since = {call.number: call.since for call in read_calls()}
    needed = max((since[n] for n in image.calls if n in since), default=0)
    if image.interface == 3 and needed < 3:
        later = [n for n, version in since.items() if version == 3]
        # A table of numbers, from which the code takes them.
        if not any(_in_table(data, image, n) for n in later):
            image.found.append(
                Found(
                    "UHY-VER-060",
                    "the note says version 3, and no number of version 3 is in the image",
                )
            )
            return
    image.obeyed.append("UHY-VER-060")


def _in_table(data: bytes, image: Image, number: int) -> bool:
    """True if the number is in the image as a value of 16, 32 or 64 bits in its place."""
    pattern = struct.pack("<H", number)
    for segment in _loads(image):
        blob = _bytes(data, segment)
        at = blob.find(pattern)
        while at >= 0:
            if (segment.vaddr + at) % 2 == 0:
                return True
            at = blob.find(pattern, at + 1)
    return False


# ---- Code ------------------------------------------------------------------------------------------


def _code(data: bytes, arch: str, image: Image) -> None:
    """The numbers of calls that instructions load."""
    numbers = [call.number for call in read_calls()]
    for segment in _loads(image):
        if not segment.flags & PF_X:
            continue
        blob = _bytes(data, segment)
        for number in numbers:
            if ARCHITECTURES[arch].loads(blob, number):
                image.calls.add(number)


def _check_address(kind: int, image: Image) -> None:
    loads = _loads(image)
    if kind != ET_EXEC or not loads or (image.interface or 1) < 2:
        return
    lowest = min(s.vaddr for s in loads)
    if lowest < LOWEST:
        image.found.append(Found("UHY-BOOT-102", f"it is linked to {lowest:#x}, below {LOWEST:#x}"))
    else:
        image.obeyed.append("UHY-BOOT-102")


# ---- Relocations ---------------------------------------------------------------------------------------


def _check_relocations(data: bytes, applied: frozenset[int], image: Image) -> None:
    dynamic = next((s for s in image.segments if s.kind == PT_DYNAMIC), None)
    if dynamic is None:
        return
    entries = dict(
        struct.iter_unpack("<qQ", _bytes(data, dynamic)[: dynamic.filesz // 16 * 16][:16384])
    )
    for tag, name in ((DT_REL, "DT_REL"), (DT_RELR, "DT_RELR")):
        if tag in entries:
            _form(image, f"it has relocations of {name}, which no hypervisor is asked to apply")
    at, size = entries.get(DT_RELA), entries.get(DT_RELASZ, 0)
    if not at:
        return
    blob = _at(data, image, at, size)
    if blob is None:
        _form(image, "its relocations lie outside its segments")
        return
    kinds = {
        info & 0xFFFFFFFF
        for _, info, _ in struct.iter_unpack(
            "<QQq", blob[: len(blob) // 24 * 24][: 24 * RELOCATIONS]
        )
    }
    for kind in sorted(kinds - applied):
        _form(image, f"it has relocations of type {kind}, which no hypervisor is asked to apply")


def _at(data: bytes, image: Image, vaddr: int, size: int) -> bytes | None:
    for segment in _loads(image):
        if segment.vaddr <= vaddr and vaddr + size <= segment.vaddr + segment.filesz:
            at = segment.offset + vaddr - segment.vaddr
            return data[at : at + size]
    return None
