# SPDX-License-Identifier: MIT OR Apache-2.0
"""What each run of a session did, as it was observed: one JSON file a run, before any verdict."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import SuiteError
from ..executor import Node, Outcome

_ENDS = ("status", "signal", "timed_out", "flooded", "enough", "error")


@dataclass(frozen=True)
class Observed:
    """One run and what came of it."""

    key: str  # of its entry
    challenge: int
    command: tuple[str, ...]
    outcome: Outcome


def write_outcome(directory: Path, slug: str, observed: Observed) -> None:
    """OSError when it cannot be written: then the run has no evidence."""
    directory.mkdir(exist_ok=True)
    (directory / f"{slug}.json").write_text(json.dumps(to_json(observed)) + "\n")


def to_json(observed: Observed) -> dict[str, Any]:
    """Plain data. What is not the default is said."""
    outcome = observed.outcome
    ends = {name: getattr(outcome, name) for name in _ENDS}
    return {
        "run": observed.key,
        "challenge": f"{observed.challenge:#x}",
        "command": list(observed.command),
        "seconds": outcome.seconds,
        **{name: value for name, value in ends.items() if value is not None and value is not False},
        "stdout": _bytes_to_json(outcome.stdout),
        "stderr": _bytes_to_json(outcome.stderr),
        "tree": {path: _node_to_json(node) for path, node in outcome.tree.items()},
    }


def from_json(data: bytes, name: str) -> Observed:
    """Back again; SuiteError names the file when it is not one."""
    try:
        table = json.loads(data)
        ends = {end: table[end] for end in _ENDS if end in table}
        return Observed(
            str(table["run"]),
            int(table["challenge"], 16),
            tuple(map(str, table["command"])),
            Outcome(
                **ends,
                stdout=_bytes_from_json(table["stdout"]),
                stderr=_bytes_from_json(table["stderr"]),
                tree={path: _node_from_json(node) for path, node in table["tree"].items()},
                seconds=float(table["seconds"]),
            ),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise SuiteError(f"{name}: not the outcome of a run: {problem!r}") from None


def _bytes_to_json(data: bytes) -> Any:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def _bytes_from_json(value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else base64.b64decode(value["base64"])


def _node_to_json(node: Node) -> dict[str, Any]:
    content = None if node.content is None else _bytes_to_json(node.content)
    table = {"kind": node.kind, "content": content} | {
        name: getattr(node, name) for name in ("size", "mode", "target")
    }
    return {name: value for name, value in table.items() if value is not None}


def _node_from_json(table: Mapping[str, Any]) -> Node:
    content = table.get("content")
    return Node(**{**table, "content": None if content is None else _bytes_from_json(content)})
