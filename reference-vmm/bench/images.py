# SPDX-License-Identifier: MIT OR Apache-2.0
"""Images of a wanted size, made from a small one: for `make growth`."""

from __future__ import annotations

import struct

_PHOFF, _PHNUM, _PHENTSIZE = 32, 56, 56
_PT_LOAD, _PT_DYNAMIC, _PT_GNU_STACK = 1, 2, 0x6474E551
_DT_RELA, _DT_RELASZ = 7, 8
_R_X86_64_RELATIVE = 8
_RELA_SIZE = 24
_PAGE = 4096


def enlarged(image: bytes, size: int) -> bytes:
    """The image with a further segment, so that its file has about `size` bytes."""
    return _with_segment(bytearray(image), bytes(max(size - len(image), _PAGE)))[0]


def relocated(image: bytes, count: int) -> bytes:
    """The image with `count` further RELATIVE relocations, each of a word of its own."""
    table = _old_relocations(image)
    words = len(table) + count * _RELA_SIZE
    made, address = _with_segment(bytearray(image), bytes(words + count * 8))
    for i in range(count):
        table += struct.pack("<QQq", address + words + 8 * i, _R_X86_64_RELATIVE, 8 * i)
    made[-words - count * 8 : -count * 8] = table
    for at, tag in _dynamic(made):
        if tag in (_DT_RELA, _DT_RELASZ):
            struct.pack_into("<Q", made, at + 8, address if tag == _DT_RELA else words)
    return bytes(made)


def _headers(image: bytes, kind: int) -> list[int]:
    (start,) = struct.unpack_from("<Q", image, _PHOFF)
    (count,) = struct.unpack_from("<H", image, _PHNUM)
    places = [start + i * _PHENTSIZE for i in range(count)]
    return [at for at in places if struct.unpack_from("<I", image, at)[0] == kind]


def _with_segment(image: bytearray, content: bytes) -> tuple[bytearray, int]:
    """A last loaded segment with this content, in place of the header that says that the
    stack is not executable; the image and the segment's address."""
    _, last = max(
        (struct.unpack_from("<Q", image, at + 16)[0], at) for at in _headers(image, _PT_LOAD)
    )
    address, _, _, memory = struct.unpack_from("<QQQQ", image, last + 16)
    address = (address + memory + _PAGE - 1) // _PAGE * _PAGE
    image += bytes(-len(image) % _PAGE)
    (spare,) = _headers(image, _PT_GNU_STACK)
    struct.pack_into(
        "<IIQQQQQQ", image, spare,
        _PT_LOAD, 6, len(image), address, address, len(content), len(content), _PAGE,
    )  # fmt: skip
    return image + content, address


def _dynamic(image: bytes) -> list[tuple[int, int]]:
    """File offset and tag of each dynamic entry."""
    (at,) = _headers(image, _PT_DYNAMIC)
    offset, size = (
        struct.unpack_from("<Q", image, at + 8)[0],
        struct.unpack_from("<Q", image, at + 32)[0],
    )
    return [(o, struct.unpack_from("<Q", image, o)[0]) for o in range(offset, offset + size, 16)]


def _old_relocations(image: bytes) -> bytearray:
    values = {tag: struct.unpack_from("<Q", image, at + 8)[0] for at, tag in _dynamic(image)}
    address, size = values.get(_DT_RELA, 0), values.get(_DT_RELASZ, 0)
    for at in _headers(image, _PT_LOAD):
        offset, start = struct.unpack_from("<QQ", image, at + 8)
        if start <= address < start + struct.unpack_from("<Q", image, at + 32)[0]:
            return bytearray(image[offset + address - start :][:size])
    return bytearray()
