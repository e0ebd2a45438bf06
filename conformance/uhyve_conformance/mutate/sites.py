# SPDX-License-Identifier: MIT OR Apache-2.0
"""Where a C file can be changed, and how: each change is one small mistake.

Operators, conditions, constants, error numbers, and statements that are left out.
tree-sitter reads the files, so that text within strings, comments and the preprocessor
stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import tree_sitter
import tree_sitter_c

_PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_c.language()))

_OPERATORS = {
    "<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<"),
    "==": ("!=",), "!=": ("==",), "&&": ("||",), "||": ("&&",),
    "+": ("-",), "-": ("+",), "*": ("+",), "/": ("*",), "%": ("/",),
    "&": ("|",), "|": ("&",), "<<": (">>",), ">>": ("<<",),
}  # fmt: skip
_ASSIGNMENTS = {"+=": "-=", "-=": "+=", "|=": "&=", "&=": "|="}


@dataclass(frozen=True)
class Site:
    """One change: the bytes [start, end) of a file become `new`."""

    file: str  # relative to the sources
    function: str
    line: int
    text: str  # the line as it is, without the white space around it
    start: int
    end: int
    old: str
    new: str
    before: str = ""  # the line up to the change

    @property
    def what(self) -> str:
        """In a phrase: where, and what becomes what."""
        return f"{self.file}:{self.line} ({self.function}): {self.old} -> {self.new or 'nothing'}"

    def applied(self, source: bytes) -> bytes:
        """The file with the change."""
        return source[: self.start] + self.new.encode() + source[self.end :]


def sites(directory: Path) -> list[Site]:
    """All changes of all C files of the VMM for x86-64, in a fixed order."""
    found: list[Site] = []
    for path in sorted(directory.glob("*.c")) + sorted(directory.glob("x86_64/*.c")):
        source = path.read_bytes()
        for function in _functions(_PARSER.parse(source).root_node):
            found += _in_function(path.relative_to(directory).as_posix(), function, source)
    return found


def _functions(node: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    for child in node.children:
        if child.type == "function_definition":
            yield child
        elif child.type.startswith("preproc_"):
            yield from _functions(child)


def _name(function: tree_sitter.Node) -> str:
    node = function.child_by_field_name("declarator")
    while node is not None and node.type != "identifier":
        node = node.child_by_field_name("declarator")
    return node.text.decode() if node is not None else "?"


def _in_function(file: str, function: tree_sitter.Node, source: bytes) -> Iterator[Site]:
    name, lines = _name(function), source.split(b"\n")
    pending = [function.child_by_field_name("body")]
    while pending:
        node = pending.pop()
        for where, new in _changes(node):
            line, column = where.start_point
            old = " ".join(where.text.decode().split())
            yield Site(
                file, name, line + 1, lines[line].decode().strip(),
                where.start_byte, where.end_byte, old, new,
                lines[line][:column].decode().lstrip(),
            )  # fmt: skip
        pending += reversed(node.children)


def _changes(node: tree_sitter.Node) -> Iterator[tuple[tree_sitter.Node, str]]:
    text = node.text.decode()
    operator = node.child_by_field_name("operator")
    if node.type == "binary_expression":
        for new in _OPERATORS.get(operator.type, ()):
            yield operator, new
    elif node.type == "assignment_expression" and operator.type in _ASSIGNMENTS:
        yield operator, _ASSIGNMENTS[operator.type]
    elif node.type in ("if_statement", "while_statement"):
        condition = node.child_by_field_name("condition")
        yield condition, f"(!{condition.text.decode()})"
    elif node.type == "number_literal" and node.parent.type != "subscript_designator":
        yield node, f"({text} + 1)"
    elif node.type == "unary_expression" and operator.type == "-" and _is_error(node):
        argument = node.child_by_field_name("argument")
        yield node, argument.text.decode()
        yield node, "-EIO" if text != "-EIO" else "-ENOENT"
    elif node.type == "expression_statement" and node.parent.type != "for_statement":
        yield node, ";"


def _is_error(node: tree_sitter.Node) -> bool:
    argument = node.child_by_field_name("argument")
    text = argument.text.decode()
    return argument.type == "identifier" and text[0] == "E" and text[1:].isupper()
