# SPDX-License-Identifier: MIT OR Apache-2.0
"""The description of the interface as JSON, for other languages (`make interface.json`).

usage: python3 -m uhyve_conformance.interface_json FILE

Needs nothing but Python. What it writes is described by conformance/interface.schema.json.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from .architectures import ARCHITECTURES
from .errors import SuiteError
from .interface import ANY, Call, Field, Interface, Struct, read_interface

FORMAT = 1


def as_json(interface: Interface) -> dict[str, Any]:
    """The whole description."""
    versions = {c.name: c.value for c in interface.constants}
    return {
        "format": FORMAT,
        "interface": "uhyve",
        "version": versions["INTERFACE_VERSION"],
        "byte_order": "little",
        "calls": [_call(call) for call in [*interface.calls, *interface.v1_calls]],
        "types": [_struct(struct, interface) for struct in interface.structs],
        "constants": [
            {"group": c.group, "name": c.name, "value": c.value} for c in interface.constants
        ],
        "notes": [
            {"name": n.name, "owner": n.owner, "type": n.type, "descriptor_size": n.size}
            for n in interface.notes
        ],
    }


def _call(call: Call) -> dict[str, Any]:
    return {
        "name": call.name,
        "constant": call.constant,
        "number": call.number,
        "since": call.since,
        "argument": call.argument.lower(),
        "block": call.block,
        "requirements": f"UHY-{call.area}",
        "tags": [
            {"name": t.label, "constant": t.constant, "value": t.value, "payload": t.payload}
            for t in call.tags
        ],
    }


def _struct(struct: Struct, interface: Interface) -> dict[str, Any]:
    blocks = {call.block for call in [*interface.calls, *interface.v1_calls]}
    return {
        "name": struct.name,
        "header": struct.header,
        "block": struct.name in blocks,
        "size": struct.size,
        "align": struct.align,
        "fields": [_field(field) for field in struct.fields],
    }


def _field(field: Field) -> dict[str, Any]:
    architectures = ARCHITECTURES if field.arch == ANY else (field.arch,)
    return {
        "name": field.name,
        "offset": field.offset,
        "size": field.size,
        "type": field.type,
        "signed": field.type.startswith("i"),
        "padding": field.padding,
        "direction": field.direction.lower() or None,
        "kind": field.kind.lower(),
        "length": field.length,
        "architectures": list(architectures),
    }


def write_json(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(as_json(read_interface()), indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("error: usage: python3 -m uhyve_conformance.interface_json FILE", file=sys.stderr)
        return 4
    try:
        write_json(Path(arguments[0]))
    except (SuiteError, OSError) as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
