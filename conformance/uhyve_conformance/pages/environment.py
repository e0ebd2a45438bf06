# SPDX-License-Identifier: MIT OR Apache-2.0
"""Renders templates as pages: one self-contained file each, everything escaped."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from .text import prose

HERE = Path(__file__).parent


@cache
def environment() -> jinja2.Environment:
    """Templates of this folder and of the one above. A template extends base.html.j2 for the
    style that all pages share, and puts other style sheets and scripts in with `asset`."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader([HERE, HERE.parent]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.globals["asset"] = asset
    made.filters["prose"] = prose
    return made


def asset(name: str) -> Markup:
    """A file of this folder as it is, for <style> and <script>."""
    return Markup((HERE / name).read_text(encoding="utf-8"))  # noqa: S704 - our own file


def render(template: str, **values: Any) -> str:
    """The page that a template makes of the values."""
    return environment().get_template(template).render(**values)


def write_page(path: Path, template: str, **values: Any) -> None:
    """Writes it whole or not at all, and makes its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    # A path of the host need not be UTF-8.
    temporary.write_text(render(template, **values), encoding="utf-8", errors="replace")
    temporary.replace(path)
