# SPDX-License-Identifier: MIT OR Apache-2.0
"""Changes a guest's ELF file before a run: the challenge, the variant, and named edits.

The challenge makes every run different: a guest prints a number that depends on it,
so that no one can know the console's content without running the guest.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

_MAGIC = b"UHYPATCH"
_MASK = (1 << 64) - 1
# Field offsets in the 64-bit ELF header and in a program header.
_E_TYPE, _E_MACHINE, _E_ENTRY, _E_PHOFF, _E_SHOFF, _E_PHNUM, _E_SHNUM = 16, 18, 24, 32, 40, 56, 60
_E_SHSTRNDX = 62
_PHENTSIZE = 56
_P_FLAGS, _P_OFFSET, _P_VADDR, _P_FILESZ, _P_MEMSZ, _P_ALIGN = 4, 8, 16, 32, 40, 48
_SECTION = struct.Struct("<II8x8xQQ24x")  # name, type, offset, size
_PT_LOAD, _PT_DYNAMIC, _PT_NOTE, _PT_TLS, _PT_GNU_STACK = 1, 2, 4, 7, 0x6474E551
_DT_RELA, _DT_RELASZ, _DT_DEBUG = 7, 8, 21
_R_INFO = 8
_PF_R, _PF_W, _PF_X = 4, 2, 1
# The notes of an image, as hypervisors read them.
_NOTE_TYPES = {b"UHYVEIF": 0x5B00}
_HEAD_OF_NOTE = 12 + 8  # the header, and a name of up to 8 bytes


class ImageError(ValueError):
    """The image does not have what an edit changes."""


def response(challenge: int) -> int:
    """The result of guest_response(): the SplitMix64 finaliser applied to the challenge."""
    z = (challenge + 0x9E3779B97F4A7C15) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


def sections(elf: bytes) -> dict[str, tuple[int, int]]:
    """File offset and size of each section, by its name; they lie in the file."""
    if elf[:6] != b"\x7fELF\x02\x01":
        raise ImageError("it is not a little-endian ELF file of 64 bits")
    try:
        (start,) = struct.unpack_from("<Q", elf, _E_SHOFF)
        count, names = struct.unpack_from("<HH", elf, _E_SHNUM)
        table = [_SECTION.unpack_from(elf, start + i * _SECTION.size) for i in range(count)]
    except (struct.error, OverflowError):
        raise ImageError("its section headers lie outside the file") from None
    if names >= count:
        raise ImageError("its sections have no names")
    first = table[names][2]
    found = {}
    for name, _, offset, size in table:
        if offset + size <= len(elf):
            end = elf.find(b"\0", first + name)
            found[elf[first + name : max(end, 0)].decode("ascii", "replace")] = (offset, size)
    return found


def machine_of(elf: bytes) -> int:
    """The number of its architecture."""
    return struct.unpack_from("<H", elf, _E_MACHINE)[0]


def interface_of(elf: bytes) -> int:
    """The version in the interface note."""
    desc, _ = _note(bytearray(elf), b"UHYVEIF")
    return int.from_bytes(elf[desc : desc + 4], "big")


def prepare(
    elf: bytes,
    patch_offset: int,
    challenge: int,
    variant: int,
    edits: tuple[str, ...],
    clock: tuple[int, int] = (0, 0),
) -> bytes:
    """The image of one run. `clock`: the time in nanoseconds, and the seconds within which the
    guest starts."""
    if elf[patch_offset : patch_offset + 8] != _MAGIC:
        raise ImageError("the section .uhyve.patch does not begin with UHYPATCH")
    image = bytearray(elf)
    now, slack = clock
    struct.pack_into("<QIIQ", image, patch_offset + 8, challenge, variant, slack, now)
    for edit in edits:
        name, _, value = edit.partition("=")
        image = bytearray(EDITS[name](image, value))
    return bytes(image)


# ---- Named edits -----------------------------------------------------------------------------


def _put(image: bytearray, form: str, offset: int, value: int) -> bytearray:
    struct.pack_into("<" + form, image, offset, value)
    return image


def _u64(image: bytearray, offset: int) -> int:
    """The eight bytes there."""
    return struct.unpack_from("<Q", image, offset)[0]


def _program_headers(image: bytearray, kind: int) -> list[int]:
    """File offsets of the program headers of a kind."""
    start = _u64(image, _E_PHOFF)
    (count,) = struct.unpack_from("<H", image, _E_PHNUM)
    offsets = [start + i * _PHENTSIZE for i in range(count)]
    found = [at for at in offsets if struct.unpack_from("<I", image, at)[0] == kind]
    if not found:
        raise ImageError(f"no program header of type {kind}")
    return found


def _note(image: bytearray, name: bytes) -> tuple[int, int]:
    """File offset and size of the descriptor of a note."""
    header = _program_headers(image, _PT_NOTE)[0]
    at = _u64(image, header + _P_OFFSET)
    size = _u64(image, header + _P_FILESZ)
    end = at + size
    while at + 12 <= end:
        name_size, desc_size, kind = struct.unpack_from("<III", image, at)
        desc = at + 12 + (name_size + 3) // 4 * 4
        owner = bytes(image[at + 12 : at + 12 + name_size].rstrip(b"\0"))
        if owner == name and kind == _NOTE_TYPES.get(name, kind):
            return desc, desc_size
        at = desc + (desc_size + 3) // 4 * 4
    raise ImageError(f"no note of {name.decode()}")


def _entry(image: bytearray, value: str) -> bytearray:
    """The version in the entry note."""
    desc, _ = _note(image, b"HERMIT")
    image[desc] = int(value, 0)
    return image


def _without_note(image: bytearray, name: bytes) -> bytearray:
    """Gives the note another owner, so that no hypervisor finds it."""
    at = image.index(name + b"\0")
    image[at : at + len(name)] = b"X" * len(name)
    return image


def _interface_last(image: bytearray, _: str) -> bytearray:
    """The last note and the one of the interface, which are of one size, change places: the
    interface's descriptor ends where the segment does."""
    header = _program_headers(image, _PT_NOTE)[0]
    start, size = (_u64(image, header + where) for where in (_P_OFFSET, _P_FILESZ))
    note = _note(image, b"UHYVEIF")[0] - _HEAD_OF_NOTE
    last = _note(image, b"HERMIT")[0] - _HEAD_OF_NOTE
    if last + _HEAD_OF_NOTE + 4 != start + size:
        raise ImageError("the entry note is not the last one")
    one, other = (image[at : at + _HEAD_OF_NOTE + 4] for at in (note, last))
    image[note : note + len(other)], image[last : last + len(one)] = other, one
    return image


def _interface(image: bytearray, value: str) -> bytearray:
    desc, _ = _note(image, b"UHYVEIF")
    return _put(image, "I", desc, int.from_bytes(int(value, 0).to_bytes(4, "big"), "little"))


def _header(form: str, offset: int) -> Callable[[bytearray, str], bytearray]:
    return lambda image, value: _put(image, form, offset, int(value, 0) & _MASK)


def _segment(which: int, form: str, offset: int) -> Callable[[bytearray, str], bytearray]:
    def edit(image: bytearray, value: str) -> bytearray:
        header = _program_headers(image, _PT_LOAD)[which]
        return _put(image, form, header + offset, int(value, 0) & _MASK)

    return edit


def _overlap(image: bytearray, _: str) -> bytearray:
    """The first segment ends in the second one, by a word without bytes in the file: whoever loads
    one after the other has a guest that runs."""
    first, second = _program_headers(image, _PT_LOAD)[:2]
    start, end = (_u64(image, at + _P_VADDR) for at in (first, second))
    return _put(image, "Q", first + _P_MEMSZ, end + 8 - start)


def _dynamic(image: bytearray, tag: int) -> int:
    """File offset of an entry of the dynamic segment."""
    header = _program_headers(image, _PT_DYNAMIC)[0]
    at, size = (_u64(image, header + where) for where in (_P_OFFSET, _P_FILESZ))
    for entry in range(at, at + size, 16):
        if struct.unpack_from("<q", image, entry)[0] == tag:
            return entry
    raise ImageError(f"no dynamic entry with the tag {tag}")


def _other_table(image: bytearray, value: str) -> bytearray:
    """The entry for debuggers, which has no meaning here, becomes another one."""
    tag, number = (int(word, 0) for word in value.split(":"))
    entry = _dynamic(image, _DT_DEBUG)
    return _put(_put(image, "q", entry, tag), "Q", entry + 8, number)


def _first_relocation(image: bytearray) -> int:
    """File offset of it; the table lies in the first segment."""
    address = _u64(image, _dynamic(image, _DT_RELA) + 8)
    first = _program_headers(image, _PT_LOAD)[0]
    offset, start = (_u64(image, first + at) for at in (_P_OFFSET, _P_VADDR))
    return offset + address - start


def _relocation_last(image: bytearray, _: str) -> bytearray:
    """The first relocation is one of the last word of the image."""
    last = _program_headers(image, _PT_LOAD)[-1]
    address, size = (_u64(image, last + at) for at in (_P_VADDR, _P_MEMSZ))
    return _put(image, "Q", _first_relocation(image), address + size - 8)


def _tls(image: bytearray, value: str) -> bytearray:
    """The header that says that the stack is not executable becomes the one of
    thread-local storage, in the first segment."""
    address, file_size, memory_size, align = (int(word, 0) for word in value.split(":"))
    header = _program_headers(image, _PT_GNU_STACK)[0]
    offset = _u64(image, _program_headers(image, _PT_LOAD)[0] + _P_OFFSET)
    struct.pack_into(
        "<IIQQQQQQ", image, header,
        _PT_TLS, _PF_R, offset + address, address, address, file_size, memory_size, align,
    )  # fmt: skip
    return image


def _segment_without_file(image: bytearray, value: str) -> bytearray:
    """The header that says that the stack is not executable becomes a segment after the last one,
    of so many bytes in memory and none in the file, which begins so many bytes before its end."""
    last = _program_headers(image, _PT_LOAD)[-1]
    address = _u64(image, last + _P_VADDR)
    size = _u64(image, last + _P_MEMSZ)
    header = _program_headers(image, _PT_GNU_STACK)[0]
    own_size, _, before = value.partition(":")
    _put(image, "Q", header + _P_VADDR, address + size - int(before or "0", 0))
    _put(image, "Q", header + _P_MEMSZ, int(own_size, 0))
    return _put(image, "I", header, _PT_LOAD)


def _second_notes(image: bytearray, _: str) -> bytearray:
    """The header that says that the stack is not executable becomes another one of the notes."""
    notes = _program_headers(image, _PT_NOTE)[0]
    header = _program_headers(image, _PT_GNU_STACK)[0]
    image[header : header + _PHENTSIZE] = image[notes : notes + _PHENTSIZE]
    return image


def _one_segment(image: bytearray, _: str) -> bytearray:
    """The first two segments become one that may be written; what lies between them in the file is
    zero."""
    first, second = _program_headers(image, _PT_LOAD)[:2]
    start, end = (_u64(image, at + _P_VADDR) for at in (first, second))
    for field in _P_FILESZ, _P_MEMSZ:
        size = _u64(image, second + field)
        _put(image, "Q", first + field, end + size - start)
    _put(image, "I", first + _P_FLAGS, _PF_R | _PF_W | _PF_X)
    return _put(image, "I", second, 0)


def _segment_at_entry(image: bytearray, _: str) -> bytearray:
    """The first segment is cut in two at the entry point; the header about the stack, which is the
    last one, makes room for the second part."""
    entry = _u64(image, _E_ENTRY)
    first, last = _program_headers(image, _PT_LOAD)[0], _program_headers(image, _PT_GNU_STACK)[0]
    second = first + _PHENTSIZE
    image[second : last + _PHENTSIZE] = image[first:last]
    start = _u64(image, first + _P_VADDR)
    for field in _P_FILESZ, _P_MEMSZ:
        size = _u64(image, first + field)
        _put(image, "Q", first + field, entry - start)
        _put(image, "Q", second + field, start + size - entry)
    for field in _P_OFFSET, _P_VADDR, _P_VADDR + 8:
        value = _u64(image, first + field)
        _put(image, "Q", second + field, value + entry - start)
    return image


def _nothing_after_segments(image: bytearray, _: str) -> bytearray:
    """The file ends where the last segment does; there are no section headers."""
    last = _program_headers(image, _PT_LOAD)[-1]
    offset, size = (_u64(image, last + at) for at in (_P_OFFSET, _P_FILESZ))
    for form, field in ("Q", _E_SHOFF), ("H", _E_SHNUM), ("H", _E_SHSTRNDX):
        _put(image, form, field, 0)
    return image[: offset + size]


def _truncated(image: bytearray, value: str) -> bytearray:
    return image[: int(value, 0) if value else len(image) // 2]


# name or name=value -> what it does; numbers in C notation.
EDITS: dict[str, Callable[[bytearray, str], bytearray]] = {
    "interface": _interface,  # =N: version in the interface note
    "entry-version": _entry,  # =N: version in the entry note
    "interface-note-last": _interface_last,
    "no-interface-note": lambda image, _: _without_note(image, b"UHYVEIF"),
    "no-entry-note": lambda image, _: _without_note(image, b"HERMIT"),
    "no-abi-note": lambda image, _: _without_note(image, b"GNU"),
    "no-notes": lambda image, _: _put(image, "I", _program_headers(image, _PT_NOTE)[0], 0),
    "magic": _header("B", 0),  # =N: the first byte of the file
    "osabi": _header("B", 7),  # =N
    "class": _header("B", 4),  # =1: a 32-bit file
    "data": _header("B", 5),  # =2: big-endian
    "type": _header("H", _E_TYPE),  # =N
    "machine": _header("H", _E_MACHINE),  # =N
    "entry": _header("Q", _E_ENTRY),  # =ADDRESS
    "phoff": _header("Q", _E_PHOFF),  # =OFFSET of the program headers
    "phnum": _header("H", _E_PHNUM),  # =N
    "segment-offset": _segment(0, "Q", _P_OFFSET),  # =OFFSET in the file, first PT_LOAD
    "segment-address": _segment(0, "Q", _P_VADDR),  # =ADDRESS, first PT_LOAD
    "segment-filesz": _segment(0, "Q", _P_FILESZ),  # =N, first PT_LOAD
    "segment-memsz": _segment(-1, "Q", _P_MEMSZ),  # =N, last PT_LOAD
    "segment-align": _segment(0, "Q", _P_ALIGN),  # =N, first PT_LOAD
    "segments-overlap": _overlap,
    "relocation-type": lambda image, value: _put(
        image, "I", _first_relocation(image) + _R_INFO, int(value, 0)
    ),  # =N, of the first one
    "relocation-last": _relocation_last,
    "dynamic": _other_table,  # =TAG:VALUE, one more entry of the dynamic segment
    # =N or =N:BEFORE, one more, without a byte in the file
    "segment-bss": _segment_without_file,
    "no-dynamic": lambda image, _: _put(
        image, "I", _program_headers(image, _PT_DYNAMIC)[0], 0
    ),  # relocations are not found
    "no-relocations": lambda image, _: _put(image, "Q", _dynamic(image, _DT_RELASZ) + 8, 0),
    "second-notes": _second_notes,
    "one-segment": _one_segment,
    "segment-at-entry": _segment_at_entry,
    "segments-only": _nothing_after_segments,
    "tls": _tls,  # =ADDRESS:FILESZ:MEMSZ:ALIGN, a PT_TLS header
    "truncated": _truncated,  # to half, or =N bytes
    "empty": lambda image, _: bytearray(),
    "not-elf": lambda image, _: bytearray(b"#!/bin/sh\nexit 0\n"),
}
