# SPDX-License-Identifier: MIT OR Apache-2.0
"""A step: one call of a sequence, with everything that may be varied, and its text.

A sequence is written as it is read, one line of calls with ";" in between:

    FileOpen(path="/m/f", flags=O_RDWR); FileRead(fd=last, len=4)

The top-level names /m (a mapped directory), /s (a mapped file), /i (where only /i/d and /i/j/f are
mapped, a directory and a file) and /p (nothing is mapped there; /mx is another of these) belong to
one sequence alone: in the guest they get its number.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, fields

from ..interface import Call, read_calls, read_interface

# Values that a call's fields can take, by their kinds; the order is that of the text.
_ORDER = ("fd", "path", "at", "flags", "mode", "kind", "buf", "k", "len", "data", "off", "whence",
          "code", "high", "room", "preset")  # fmt: skip
_OF_KIND = {
    "FD": ("fd",), "PATH": ("path", "at"), "FLAGS": ("flags",), "MODE": ("mode",),
    "KIND": ("kind",), "WHENCE": ("whence",), "OFFSET": ("off",), "RET": ("preset",),
    "SRC": ("buf", "k", "data"), "DST": ("buf", "k"),
}  # fmt: skip
_OF_ARGUMENT = {"I32": ("code", "high"), "U8": ("code", "high"), "RESERVED": ("high",)}


def _relevant(call: Call) -> tuple[str, ...]:
    found = set(_OF_ARGUMENT.get(call.argument, ()))
    samples = dict(call.samples)
    for item in call.fields:
        found.update(_OF_KIND.get(item.kind, ()))
        if item.kind == "LEN":
            found.add("room" if samples.get(item.name) == "PATH" else "len")
        if item.kind == "COUNT" and not call.tags:
            found.add("preset")
    return tuple(name for name in _ORDER if name in found)


RELEVANT = {call.name: _relevant(call) for call in read_calls()} | {"Unknown": ("number", "high")}
PLACES = ("block", "shift", "k")  # of the parameter block

# Those of the description, and two that a hypervisor has to ignore.
FLAGS = {
    constant.name: constant.value
    for constant in read_interface().group("open_flag")
    if constant.name not in ("O_RDONLY", "O_ALLOWED")
} | {"O_NONBLOCK": 0o4000, "O_CLOEXEC": 0o2000000}

# Places of a buffer, a path or a block.
HERE = "here"  # in the memory that is shown after the call
TAIL = "tail"  # a buffer k bytes before the end of RAM; a path or block as the last bytes of RAM
HEAD = "head"  # the first bytes of RAM
NULL, END, WRAP, BELOW = "null", "end", "wrap", "below"  # outside of RAM
NO_NUL = "unterminated"  # a path that RAM's end cuts off
BLOCK = "block"  # a buffer: the parameter block itself
STRADDLE = "straddle"  # a block with its last k bytes beyond RAM


@dataclass(frozen=True)
class Step:
    call: str
    fd: int | str = "last"  # "last": what the last FileOpen returned; "last2" the one before it
    path: str = "/m/f"
    at: str = HERE
    flags: int = 0
    mode: int = 0o644
    buf: str = HERE
    k: int = 8
    len: int = 4
    data: int = 0  # which of the patterns
    off: int = 0
    whence: int = 0
    kind: int = 0
    room: int = 0  # Mkdir: len is so much more than the path has
    code: int = 0
    high: int = 0  # bits set above what the argument needs
    number: int = 0x10F0
    preset: int = -77777  # the result field before the call
    block: str = HERE
    shift: int = 0  # moves a block off its alignment

    @property
    def raw_path(self) -> bytes:
        return self.path.encode("latin-1")

    def __str__(self) -> str:
        shown = []
        for name in dict.fromkeys(RELEVANT[self.call] + PLACES):
            value = getattr(self, name)
            if value != _DEFAULTS[name] or name in ("fd", "path", "len", "number", "code"):
                shown.append(f"{name}={_text(name, value)}")
        return f"{self.call}({', '.join(shown)})"


_DEFAULTS = {f.name: f.default for f in fields(Step)}


def _text(name: str, value: int | str) -> str:
    if name == "path":
        return _path_text(str(value))
    if isinstance(value, str):
        return value
    if name == "flags":
        words = [word for word, bit in FLAGS.items() if bit > 3 and value & bit]
        rest = value & ~sum(bit for bit in FLAGS.values() if bit > 3) & ~3
        access = {1: ["O_WRONLY"], 2: ["O_RDWR"], 3: ["O_ACCMODE"]}.get(value & 3, [])
        return "|".join(access + words + ([hex(rest)] if rest else [])) or "0"
    if name == "mode":
        return f"0o{value:o}"
    return hex(value) if abs(value) > 1 << 16 or name == "number" else str(value)


def _path_text(path: str) -> str:
    """As a literal; long repetitions are written with "*"."""
    parts, at = [], 0
    for match in re.finditer(r"(.{1,2}?)\1{15,}", path, re.DOTALL):
        if match.start() > at:
            parts.append(_literal(path[at : match.start()]))
        parts.append(f"{_literal(match[1])}*{len(match[0]) // len(match[1])}")
        at = match.end()
    if at < len(path) or not parts:
        parts.append(_literal(path[at:]))
    return " + ".join(parts)


def _literal(text: str) -> str:
    return '"' + text.encode("unicode_escape").decode().replace('"', '\\"') + '"'


def text_of(sequence: list[Step]) -> str:
    return "; ".join(map(str, sequence))


def parse(line: str) -> list[Step]:
    """The sequence that a line of text describes; ValueError where it does not."""
    steps = []
    for statement in ast.parse(line).body:
        node = statement.value if isinstance(statement, ast.Expr) else None
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)) or node.args:
            raise ValueError(f"not a call: {ast.unparse(statement)}")
        call = node.func.id
        if call not in RELEVANT:
            raise ValueError(f"no such call: {call}")
        known = RELEVANT[call] + PLACES
        values = {word.arg: _value(word.value) for word in node.keywords}
        if unknown := [name for name in values if name not in known]:
            raise ValueError(f"{call} has no {unknown[0]}")
        steps.append(Step(call, **values))  # type: ignore[arg-type]
    return steps


def _value(node: ast.expr) -> int | str:
    match node:
        case ast.Constant(value=int() | str() as value):
            return value
        case ast.Name(id=name):
            return FLAGS.get(name, name)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)  # type: ignore[operator]
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _value(left) | _value(right)  # type: ignore[operator]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _value(left) + _value(right)  # type: ignore[operator]
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _value(left) * _value(right)  # type: ignore[operator]
    raise ValueError(f"not a value: {ast.unparse(node)}")
