# SPDX-License-Identifier: MIT OR Apache-2.0
"""All pages of the site, in a browser: nothing sticks out, nothing is requested, what hypervisors
say stays text, and every link leads somewhere."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from browser import NARROW, WIDE, Page
from conftest import HOSTILE, PICTURES

KINDS = {
    "index.html": "start",
    "reports/uhyve-x86_64/index.html": "report",
    "findings/uhyve.html": "findings",
    "history/releases.html": "history",
    "docs/README.html": "document",
}


class _Links(HTMLParser):
    """Links and anchors of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if values.get("id"):
            self.ids.add(str(values["id"]))
        for key in ("href", "src"):
            if values.get(key) and tag != "link":
                self.links.append(str(values[key]))


def test_every_link_leads_somewhere(site: Path) -> None:
    pages = {path: _Links(path) for path in sorted(site.rglob("*.html"))}
    assert len(pages) > 10
    lost, inside = [], 0
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme == "https":
                continue
            inside += 1
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            fragment = unquote(parts.fragment)
            known = pages.get(target) or pages.get(site / target.relative_to(site.resolve()))
            if (
                parts.scheme
                or not target.is_file()
                or fragment
                and not fragment.startswith("?")
                and known
                and fragment not in known.ids
            ):
                lost.append(f"{path.relative_to(site)}: {link}")
    assert lost == [] and inside > 1000


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_nothing_sticks_out(page: Page, site: Path, name: str, size: tuple[int, int]) -> None:
    page.open(site / name, size=size)
    assert page.requests() == [(site / name).resolve().as_uri()]
    kind = "wide" if size == WIDE else "narrow"
    page.picture(PICTURES / f"{KINDS[name]}-{kind}.png")
    page.unfold()
    assert page.sticks_out() == []


@pytest.mark.parametrize("name", KINDS)
def test_axe(page: Page, site: Path, name: str) -> None:
    page.open(site / name)
    page.unfold()
    assert page.axe() == []
    page.media("dark")
    page.picture(PICTURES / f"{KINDS[name]}-dark.png")
    assert page.contrast() == []


def test_what_is_hard_to_read_is_seen(page: Page, site: Path) -> None:
    """The test above can fail."""
    page.open(site / "history" / "releases.html")
    page.js("""
        const row = document.querySelector("td");
        for (const colour of ["#ddd", "#777"]) {
            row.append(Object.assign(document.createElement("p"), { textContent: "pale", style: `color: ${colour}; background: #fff` }));
        }
        document.querySelector("main").append(document.createElement("img"));
    """)
    found = page.axe()
    assert [line.split(" ")[0] for line in found] == [
        "image-alt",
        "color-contrast",
        "color-contrast",
    ]


@pytest.mark.parametrize(
    "name", ["spec/index.html", *(n for n, kind in KINDS.items() if kind != "document")]
)
def test_what_others_say_stays_text(page: Page, site: Path, name: str) -> None:
    page.open(site / name)
    assert page.js("return typeof owned") == "undefined"
    assert page.js("return document.querySelectorAll('img, iframe, object, embed').length") == 0
    said = page.js(
        "return document.documentElement.textContent + [...document.querySelectorAll('[title]')].map((e) => e.title).join()"
    )
    assert HOSTILE.split("\x1b")[0] in said


def test_a_script_that_slips_in_is_seen(page: Page, site: Path) -> None:
    """The test above can fail."""
    path = site.parent / "planted.html"
    path.write_text(f"<!doctype html><title>x</title><pre>{HOSTILE}</pre>")
    page.open(path)
    assert page.js("return typeof owned") == "number"
    assert page.js("return document.querySelectorAll('img').length") == 1
    assert [url for url in page.requests() if url.endswith("/x")]
    assert page.console()  # the picture that is missing
