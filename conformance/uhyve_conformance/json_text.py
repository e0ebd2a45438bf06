# SPDX-License-Identifier: MIT OR Apache-2.0
"""JSON to read, search and compare by lines: one line for each row of a table. Indentation all the
way down would go through json's encoder in Python, which takes ten times as long."""

from __future__ import annotations

import json
from typing import Any


def json_text(tree: dict[str, Any]) -> str:
    """The text of an object, with its characters as they are and a newline at the end."""
    return "{\n" + ",\n".join(f"{_row(name)}: {_value(tree[name])}" for name in tree) + "\n}\n"


def _value(value: Any) -> str:
    """A table of rows, or one line."""
    if isinstance(value, list) and any(isinstance(row, dict) for row in value):
        return "[\n" + ",\n".join(map(_row, value)) + "\n]"
    if isinstance(value, dict) and any(isinstance(row, dict) for row in value.values()):
        return "{\n" + ",\n".join(f"{_row(n)}: {_row(row)}" for n, row in value.items()) + "\n}"
    return _row(value)


def _row(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
