# SPDX-License-Identifier: MIT OR Apache-2.0
"""Markdown to HTML, block by block. HTML in a text stays text."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup
from mdit_py_plugins.deflist import deflist_plugin

from ..spec import ID

_ISSUE = re.compile(r"\b([\w.-]+/[\w.-]+)#([0-9]+)\b")
_TAG_OR_CODE = re.compile(r"(<code>.*?</code>|<pre>.*?</pre>|<a .*?</a>|<[^>]*>)", re.S)
_ROW = re.compile(r"<tr>.*?</tr>", re.S)
_NAMES = re.compile(r"<td>(?:<code>[^<]*</code>(?:, )?)+</td>")
_CELL = re.compile(r"<t[hd]\b.*?</t[hd]>", re.S)
# Gives the new target of a link; None removes the link and leaves its text.
Links = Callable[[str], str | None]


@dataclass(frozen=True)
class Block:
    """A paragraph, table, list, ... or a heading (level 1 to 6, else 0)."""

    html: Markup
    level: int = 0
    text: str = ""  # of a heading
    head: tuple[str, ...] = ()  # of a table


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table").use(deflist_plugin)


def blocks(source: str, links: Links | None = None) -> Iterator[Block]:
    """The blocks of a text in their order."""
    parser, environment = _parser(), {}
    tokens = parser.parse(source, environment)
    for group in _groups(tokens):
        if links:
            _relink(group, links)
        if group[0].type == "heading_open":
            inner = parser.renderer.render(group[1:-1], parser.options, environment)
            plain = "".join(t.content for t in group[1].children or [])
            yield Block(_finished(inner), int(group[0].tag[1]), plain)
        else:
            text = parser.renderer.render(group, parser.options, environment)
            if group[0].type == "table_open":
                text = text.replace("<th></th>", "<td></td>")
                text = (
                    f'<div class="wide" tabindex="0" role="group" aria-label="table">{text}</div>'
                )
            elif group[0].type in ("fence", "code_block"):
                text = text.replace("<pre>", '<pre tabindex="0">', 1)
            yield Block(_finished(text), head=_head(group))


def _groups(tokens: list[Token]) -> Iterator[list[Token]]:
    """The tokens of each block."""
    group: list[Token] = []
    for token in tokens:
        group.append(token)
        if token.level == 0 and token.nesting <= 0:
            yield group
            group = []


def _head(tokens: list[Token]) -> tuple[str, ...]:
    """The cells of a table's first row; empty for what is not a table."""
    return tuple(
        token.content for before, token in zip(tokens, tokens[1:]) if before.type == "th_open"
    )


def without(table: Block, columns: Collection[str]) -> Markup:
    """A table without some columns, and without rows that then have nothing but names."""
    kept = [at for at, name in enumerate(table.head) if name not in columns]

    def row(match: re.Match[str]) -> str:
        cells = _CELL.findall(match[0])
        left = [cells[at] for at in kept]
        bare = left[1:] in (["<td></td>"], ["<td>-</td>"]) or _NAMES.fullmatch("".join(left))
        return "" if bare else f"<tr>{''.join(left)}</tr>"

    return Markup(_ROW.sub(row, table.html))  # noqa: S704 - of what is escaped already


def _relink(tokens: list[Token], links: Links) -> None:
    for token in tokens:
        for child in token.children or []:
            if child.type == "link_open":
                target = links(str(child.attrs.get("href", "")))
                if target is None:
                    child.attrs.pop("href", None)
                else:
                    child.attrs["href"] = target


def inline(source: str) -> Markup:
    """One paragraph's inside."""
    return _finished(_parser().renderInline(source))


@cache
def prose(source: str) -> Markup:
    """The same, where ids and issues are no anchors: a sentence in a report."""
    return Markup(_parser().renderInline(source))  # noqa: S704 - markdown-it escapes


def _finished(text: str) -> Markup:
    """Ids become links to themselves, and upstream's issues to where they are."""
    parts = _TAG_OR_CODE.split(text)
    for index in range(0, len(parts), 2):
        part = ID.sub(lambda match: f'<a href="#{match[0]}">{match[0]}</a>', parts[index])
        parts[index] = _ISSUE.sub(r'<a href="https://github.com/\1/issues/\2">\1#\2</a>', part)
    return Markup("".join(parts))  # noqa: S704 - markdown-it escapes, see _parser


def slug(text: str) -> str:
    """An anchor."""
    return re.sub(r"[^a-z0-9]+", "-", html.unescape(text).lower()).strip("-")
