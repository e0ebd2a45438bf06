# SPDX-License-Identifier: MIT OR Apache-2.0
"""The keys of a manifest: one function for each kind of value, and what it becomes.

Each takes the value and the key's name for messages; ManifestError for a wrong type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .capabilities import CAPABILITIES
from .errors import ManifestError
from .executor import IMAGE, Node
from .image import EDITS
from .spec import ID

# ---- What the host expects of a run -------------------------------------------------------


@dataclass(frozen=True)
class Expected:
    """Console output, byte for byte: the text, in which `{response}` is the guest's answer,
    then the data. Early: it is there while the guest continues, which is stopped then."""

    id: str
    text: str = ""
    data: bytes = b""
    early: bool = False
    terminate: bool = False  # it is stopped by SIGTERM, which leaves files in order

    def due(self, answer: int) -> bytes:
        """The expected contents of the console."""
        return self.text.replace("{response}", f"{answer:#x}").encode() + self.data


@dataclass(frozen=True)
class Status:
    """Exit status of the hypervisor: one of some, or any orderly one but 0."""

    id: str
    any_of: tuple[int, ...] = ()
    nonzero: bool = False


@dataclass(frozen=True)
class After:
    """A condition on one host path afterwards."""

    id: str
    path: str
    content: bytes | None = None
    size: int | None = None
    mode: int | None = None
    type: str | None = None
    absent: bool = False
    no_files: bool = False  # a directory that holds no file, at any depth


# ---- One function for each kind of value ---------------------------------------------------


class Held:
    """Standard input that stays open and brings nothing."""


def _table(value: Any, key: str, known: str) -> dict[str, Any]:
    """A table with no other keys than the known ones."""
    if not isinstance(value, dict):
        raise ManifestError(f"'{key}' has to be a table")
    for name in value:
        if name not in known.split():
            raise ManifestError(f"'{key}': unknown key '{name}'; one of {known}")
    return value


def _string(value: Any, key: str) -> str:
    if not isinstance(value, str):
        raise ManifestError(f"'{key}' has to be a string")
    return value


def strings(value: Any, key: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ManifestError(f"'{key}' has to be a list of strings")
    return tuple(value)


def _string_table(value: Any, key: str) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        raise ManifestError(f"'{key}' has to be a table of strings")
    return value


def _boolean(value: Any, key: str) -> bool:
    if not isinstance(value, bool):
        raise ManifestError(f"'{key}' has to be true or false")
    return value


def _positive(value: Any, key: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise ManifestError(f"'{key}' has to be a positive integer")
    return value


def _count(value: Any, key: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ManifestError(f"'{key}' has to be an integer, 0 or more")
    return value


def _seconds(value: Any, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0:
        raise ManifestError(f"'{key}' has to be a positive number of seconds")
    return float(value)


def _octal(value: Any, key: str) -> int:
    try:
        return int(_string(value, key), 8)
    except ValueError:
        raise ManifestError(f"'{key}' has to be an octal number in a string") from None


def _bytes(table: Mapping[str, Any], key: str, text_key: str) -> bytes | None:
    """The bytes of `text_key` (a string) or of `hex`; None when there is neither."""
    if text_key in table and "hex" in table:
        raise ManifestError(f"'{key}' has both '{text_key}' and 'hex'")
    if text_key in table:
        return _string(table[text_key], f"{key}.{text_key}").encode()
    if "hex" not in table:
        return None
    try:
        return bytes.fromhex(_string(table["hex"], f"{key}.hex"))
    except ValueError as problem:
        raise ManifestError(f"'{key}.hex': {problem}") from None


def _id(value: Any, key: str) -> str:
    if not isinstance(value, str) or not ID.fullmatch(value):
        raise ManifestError(f"'{key}' needs an 'id' of a requirement")
    return value


def _capability(value: Any, key: str) -> str:
    if value not in CAPABILITIES:
        raise ManifestError(f"'{key}': unknown capability '{value}'; {', '.join(CAPABILITIES)}")
    return value


def _capabilities(value: Any, key: str) -> tuple[str, ...]:
    return tuple(_capability(name, key) for name in strings(value, key))


def _stdin(value: Any, key: str) -> bytes | Held:
    if isinstance(value, str):
        return value.encode()
    table = _table(value, key, "hex hold")
    if table.get("hold") is True and len(table) == 1:
        return Held()
    data = _bytes(table, key, "content")
    if data is None or len(table) != 1:
        raise ManifestError("'stdin' is a string, { hex = \"…\" } or { hold = true }")
    return data


def _files(value: Any, key: str) -> dict[str, Node]:
    if not isinstance(value, dict):
        raise ManifestError(f"'{key}' has to be a table")
    return {_path(path, key): _node(node, f"{key}.{path}") for path, node in value.items()}


def _path(path: Any, key: str) -> str:
    text = _string(path, key)
    if not text or text.startswith("/") or ".." in text.split("/") or text == IMAGE:
        raise ManifestError(f"'{key}': '{text}' is not a path in the work directory")
    return text


def _node(value: Any, key: str) -> Node:
    if isinstance(value, str):
        return Node(content=value.encode())
    table = _table(value, key, "content hex size mode symlink dir fifo")
    mode = _octal(table["mode"], f"{key}.mode") if "mode" in table else None
    if "symlink" in table:
        if len(table) != 1:
            raise ManifestError(f"'{key}': nothing goes with 'symlink'")
        return Node("symlink", target=_string(table["symlink"], key))
    if _boolean(table.get("dir", False), f"{key}.dir"):
        if set(table) - {"dir", "mode"}:
            raise ManifestError(f"'{key}': only 'mode' goes with 'dir'")
        return Node("dir", mode=mode)
    if _boolean(table.get("fifo", False), f"{key}.fifo"):
        if set(table) != {"fifo"}:
            raise ManifestError(f"'{key}': nothing goes with 'fifo'")
        return Node("fifo")
    size = _count(table["size"], f"{key}.size") if "size" in table else None
    return Node(content=_bytes(table, key, "content") or b"", size=size, mode=mode)


def _mappings(value: Any, key: str) -> dict[str, str]:
    """The image itself can be mapped, too."""
    table = _string_table(value, key)
    return {guest: host if host == IMAGE else _path(host, key) for guest, host in table.items()}


def _stdout(value: Any, key: str) -> Expected:
    table = _table(value, key, "text hex numbers times early terminate id")
    if not {"text", "hex", "numbers"} & set(table):
        raise ManifestError(f"'{key}' needs 'text', 'hex' or 'numbers'")
    text = _string(table.get("text", ""), f"{key}.text")
    times = _positive(table.get("times", 1), f"{key}.times")
    data = _bytes({"hex": table.get("hex", "")}, key, "") or b""
    if "numbers" in table:
        count = _positive(table["numbers"], f"{key}.numbers")
        data += "".join(f"{n:04} " for n in range(count)).encode() + b"\n"
    early = _boolean(table.get("early", False), f"{key}.early")
    terminate = _boolean(table.get("terminate", False), f"{key}.terminate")
    if terminate and not early:
        raise ManifestError(f"'{key}': only a guest that is stopped early is terminated")
    id_ = _id(table.get("id"), key)
    return Expected(id_, text=text, data=data * times, early=early, terminate=terminate)


def _status(value: Any, key: str) -> Status:
    table = _table(value, key, "code any_of nonzero id")
    id_ = _id(table.get("id"), key)
    given = set(table) - {"id"}
    if given == {"code"}:
        return Status(id_, any_of=(_count(table["code"], key),))
    if given == {"any_of"} and isinstance(table["any_of"], list) and table["any_of"]:
        return Status(id_, any_of=tuple(_count(code, key) for code in table["any_of"]))
    if given == {"nonzero"} and table["nonzero"] is True:
        return Status(id_, nonzero=True)
    raise ManifestError(f"'{key}' needs exactly one of code, any_of = […], nonzero = true")


def _after(value: Any, key: str) -> tuple[After, ...]:
    if not isinstance(value, list):
        raise ManifestError(f"'{key}' has to be a list of tables")
    return tuple(_one_after(item, key) for item in value)


def _one_after(value: Any, key: str) -> After:
    table = _table(value, key, "path content hex size mode type absent no_files id")
    path = _path(table.get("path"), f"{key}.path")
    after = After(
        id=_id(table.get("id"), f"{key}: {path}"),
        path=path,
        content=_bytes(table, key, "content"),
        size=_count(table["size"], f"{key}.size") if "size" in table else None,
        mode=_octal(table["mode"], f"{key}.mode") if "mode" in table else None,
        type=table.get("type"),
        absent=_boolean(table.get("absent", False), f"{key}.absent"),
        no_files=_boolean(table.get("no_files", False), f"{key}.no_files"),
    )
    if after.type not in (None, "file", "dir", "symlink"):
        raise ManifestError(f"'{key}': type is file, dir or symlink, not '{after.type}'")
    conditions = set(table) - {"path", "id"}
    if not conditions or (after.absent and conditions != {"absent"}):
        raise ManifestError(f"'{key}': {path} needs a condition; 'absent' stands alone")
    return after


def _refused(value: Any, key: str) -> str:
    return _id(_table(value, key, "id").get("id"), key)


def _image(value: Any, key: str) -> tuple[str, ...]:
    edits = strings(value, key)
    for edit in edits:
        if edit.partition("=")[0] not in EDITS:
            raise ManifestError(f"'{key}': unknown edit '{edit}'; one of {', '.join(EDITS)}")
    return edits


KEYS: dict[str, Callable[[Any, str], Any]] = {
    "summary": _string,
    "needs": _capabilities,
    "memory": _positive,
    "vcpus": _positive,
    "args": strings,
    "kernel_args": strings,
    "env": _string_table,
    "stdin": _stdin,
    "files": _files,
    "mappings": _mappings,
    "missing": strings,
    "umask": _octal,
    "descriptors": _positive,
    "tap": _boolean,
    "console_full": _boolean,
    "inherited": _boolean,
    "tmpdir": _path,
    "stdout": _stdout,
    "status": _status,
    "after": _after,
    "refused": _refused,
    "image": _image,
    "timeout": _seconds,
    "foundation": _boolean,
    "probe": _capability,
}
