# SPDX-License-Identifier: MIT OR Apache-2.0
"""The specification as one HTML page: the chapters in their order, an anchor for each
requirement, and the calls and blocks as calls.def has them. pandoc does the rest."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from .errors import SuiteError
from .interface import Call, Field, read_calls
from .paths import SPEC
from .spec import ID, Specification, read_spec

_FENCE = re.compile(r"^\s*```")
_CODE = re.compile(r"(`[^`]*`)")
_LEVEL = re.compile(r"\b(MUST NOT|MUST|SHOULD NOT|SHOULD|MAY)\b")
_REQUIREMENT = re.compile(rf"^#### ({ID.pattern})\s*$")

_STYLE = """<style>
:root { color-scheme: light dark; --soft: #60646c; --box: #f2f3f5; --line: #d9dbe0;
  --mark: #0b68cb; }
@media (prefers-color-scheme: dark) {
  :root { --soft: #b0b4ba; --box: #1d1e21; --line: #363a3f; --mark: #70b8ff; }
  html, body { background: #111113 !important; color: #edeef0 !important; }
}
body { max-width: 60rem !important; hyphens: manual !important;
  font: 16px/1.55 system-ui, sans-serif !important; }
code, pre { font: 14px/1.45 ui-monospace, "DejaVu Sans Mono", monospace !important; }
table { border-collapse: collapse; margin: 1rem 0; display: table !important; }
th, td { text-align: left; vertical-align: top; padding: .25rem .7rem .25rem 0;
  border-bottom: 1px solid var(--line); }
h4 { font-size: 1rem !important; margin: 1.6rem 0 0 !important; }
h4 a { color: inherit; text-decoration: none; }
h4:target { color: var(--mark); }
.head { color: var(--soft); font-size: 14px; }
p:has(.head) { margin: 0; }
table.block { table-layout: fixed; width: 100%; max-width: 44rem; }
table.block th { font-weight: normal; color: var(--soft); width: 3rem; }
table.block td { border: 1px solid var(--line); text-align: center; padding: .3rem;
  background: var(--box); }
table.block td.pad { background: none; color: var(--soft); }
table.block small { display: block; color: var(--soft); }
#TOC ul { list-style: none; }
#TOC > ul { columns: 3 15rem; }
#TOC > ul > li { break-inside: avoid; }
</style>
"""


def write_spec_html(path: Path, directory: Path = SPEC) -> None:
    """Writes the page; SpecError when a chapter is not in order."""
    pandoc = shutil.which("pandoc")
    if not pandoc:
        raise SuiteError("pandoc is missing; it makes the specification's page (package pandoc)")
    spec = read_spec(directory)
    chapters = [chapter.read_text(encoding="utf-8") for chapter in sorted(directory.glob("*.md"))]
    text = "\n\n".join(
        [*(_chapter(chapter) for chapter in chapters), "\n".join(_calls(read_calls()))]
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    style = path.with_name("style.html")
    style.write_text(_STYLE, encoding="utf-8")
    command = [
        pandoc, "--from=markdown-tex_math_dollars-tex_math_single_backslash-smart", "--to=html5",
        "--standalone", "--toc", "--toc-depth=2",
        "--metadata=title=The Uhyve hypercall interface", f"--metadata=subtitle={_counts(spec)}",
        "--metadata=lang=en", f"--include-in-header={style}", f"--output={path}",
    ]  # fmt: skip
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    style.unlink()
    if done.returncode:
        raise SuiteError(f"pandoc: {done.stderr.strip()}")


def _counts(spec: Specification) -> str:
    """One line for below the title."""
    hypervisor, guest = len(spec.of("hypervisor")), len(spec.of("guest"))
    return f"{hypervisor} requirements on hypervisors, {guest} on guests"


def _chapter(text: str) -> str:
    """A chapter with an anchor for each requirement, and links between them."""
    lines, fenced = [], False
    head_due = sentence_due = False
    for line in text.splitlines():
        if _FENCE.match(line):
            fenced = not fenced
        if fenced:
            lines.append(line)
        elif match := _REQUIREMENT.match(line):
            lines.append(f"\n#### [{match[1]}](#{match[1]}) {{#{match[1]}}}\n")
            head_due = sentence_due = True
        elif head_due and line.startswith("*"):
            lines.append(f"[{line.strip('*')}]{{.head}}")
            head_due = False
        else:
            if sentence_due and not head_due and (level := _LEVEL.search(line)):
                line = f"{line[: level.start()]}**{level[1]}**{line[level.end() :]}"
                sentence_due = False
            lines.append(_linked(line))
    return "\n".join(lines)


def _linked(line: str) -> str:
    """Ids outside of code become links."""
    parts = _CODE.split(line)
    for index in range(0, len(parts), 2):
        parts[index] = ID.sub(lambda match: f"[{match[0]}](#{match[0]})", parts[index])
    return "".join(parts)


# ---- Calls and blocks ------------------------------------------------------------------------


_ARGUMENTS = {
    "I32": "a 32-bit value",
    "U8": "a byte",
    "READ": "none: the guest reads",
    "RESERVED": "reserved",
}
_MEANINGS = {
    "PATH": "address of a path, up to its NUL",
    "SRC": "address of bytes that the hypervisor reads",
    "DST": "address of bytes that the hypervisor writes",
    "LEN": "length",
    "FD": "descriptor",
    "FLAGS": "open flags",
    "MODE": "permission bits",
    "WHENCE": "where the offset counts from",
    "KIND": "kind of status",
    "OFFSET": "offset, then position",
    "RET": "result; negative: -errno",
    "TAG": "which result it is",
    "ERRNO": "error number",
    "COUNT": "count of bytes",
    "NONE": "none",
}


def _calls(calls: list[Call]) -> Iterable[str]:
    """The chapter that calls.def makes."""
    yield "# Calls and blocks at a glance {#calls}\n"
    yield "Made from `calls.def`, the header's description of itself. Offsets and sizes are in"
    yield "bytes.\n"
    yield "| number | call | since | argument |\n|---|---|---|---|"
    for call in calls:
        argument = f"address of `{call.block}`" if call.block else _ARGUMENTS[call.argument]
        name = f"[{call.name}](#block-{call.name})" if call.fields else call.name
        yield f"| 0x{call.number:04x} | {name} | {call.since} | {argument} |"
    yield ""
    for call in calls:
        if call.fields:
            yield from _block(call)


def _block(call: Call) -> Iterable[str]:
    """A row for every 8 bytes, a cell for each field; and the fields as a table."""
    yield f"## {call.name}: `{call.block}` {{#block-{call.name}}}\n"
    columns = "".join(f"<th>+{n}</th>" for n in range(8))
    yield f'<table class="block"><tr><th></th>{columns}</tr>'
    end = max(field.offset + field.size for field in call.fields)
    for row in range(0, end, 8):
        cells = [_cell(field) for field in call.fields if row <= field.offset < row + 8]
        yield f"<tr><th>{row}</th>{''.join(cells)}</tr>"
    yield "</table>\n"
    yield "| offset | size | field | direction | meaning |\n|---|---|---|---|---|"
    for field in call.fields:
        length = f", `{field.length}` bytes" if field.length else ""
        yield (
            f"| {field.offset} | {field.size} | `{field.name}` | {field.direction.lower()} | "
            f"{_MEANINGS[field.kind]}{length} |"
        )
    yield ""


def _cell(field: Field) -> str:
    kind = ' class="pad"' if field.direction == "PAD" else ""
    return (
        f'<td{kind} colspan="{field.size}">{html.escape(field.name)}'
        f"<small>{field.direction.lower()}</small></td>"
    )
