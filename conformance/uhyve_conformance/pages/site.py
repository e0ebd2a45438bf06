# SPDX-License-Identifier: MIT OR Apache-2.0
"""The site: specification, reports, the explorer's findings, history and documents as a folder
of pages with relative links. It shows what lies under build/; nothing is run for it."""

from __future__ import annotations

import json
import posixpath
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from markupsafe import Markup

from ..bundle.history import headline
from ..edition import read_edition
from ..errors import SuiteError
from ..explored import last_exploration
from ..paths import BUILD, ROOT, shown
from ..report_html import write_html
from ..results import answer, counted, remarks
from ..show import last_results
from . import text
from .environment import write_page
from .figures import write_figures
from .history import write_history
from .specification import write_specification

# The documents, in the order of the first page; what is not there is left out.
DOCUMENTS = (
    "README.md",
    "docs/*.md",
    "conformance/README.md",
    "conformance/schema.md",
    "guests/README.md",
    "reference-vmm/README.md",
    "*/*/README.md",
    "conformance/uhyve_conformance/explore/README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
)


@dataclass(frozen=True)
class Link:
    """An entry of the first page."""

    href: str
    title: str
    text: str = ""
    good: bool | None = None


@dataclass
class Site:
    """The pages written so far."""

    root: Path
    reports: list[Link] = field(default_factory=list)
    findings: list[Link] = field(default_factory=list)
    history: list[Link] = field(default_factory=list)
    figures: list[Link] = field(default_factory=list)
    documents: list[Link] = field(default_factory=list)


def write_site(directory: Path) -> Iterator[str]:
    """Replaces the site and says what is in it. SuiteError when `directory` holds something
    that is not a site."""
    if directory.exists() and any(directory.iterdir()) and not (directory / ".site").exists():
        raise SuiteError(f"{shown(directory)}: not empty and not a site; name another folder")
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    (directory / ".site").touch()
    site = Site(directory)
    write_specification(directory / "spec" / "index.html", home="../index.html")
    _reports(site)
    _findings(site)
    if write_figures(BUILD / "bench", "../index.html", directory / "figures" / "index.html"):
        site.figures.append(Link("figures/index.html", "Cost of starts and calls"))
    _documents(site, documents(ROOT), ROOT, "docs", site.documents)
    _history(site)
    write_page(directory / "index.html", "site.html.j2", site=site, edition=read_edition())
    yield (
        f"{shown(directory / 'index.html')}: specification, {len(site.reports)} reports, "
        f"{len(site.findings)} explorations, {len(site.history)} pages of history, "
        f"{len(site.documents)} documents"
    )


# ---- Reports and findings ----------------------------------------------------------------------


def _reports(site: Site) -> None:
    """The newest results of each hypervisor and architecture."""
    seen = set()
    for path, tree in last_results():
        name = path.parent.name
        if name in seen:
            continue
        seen.add(name)
        place = site.root / "reports" / name
        place.mkdir(parents=True)
        write_html(tree, place / "index.html", last_exploration(tree), home="../../index.html")
        for beside in ("results.json", "junit.xml"):
            if (path.parent / beside).exists():
                shutil.copyfile(path.parent / beside, place / beside)
        facts = f"{tree['hypervisor']['version']}, {tree['arch']}, {tree['created'][:10]}"
        notes = "; ".join(part for part in (facts, remarks(tree)) if part)
        site.reports.append(
            Link(f"reports/{name}/index.html", answer(tree), notes, bool(tree["conforms"]))
        )


def _findings(site: Site) -> None:
    """The findings of `make explore`."""
    for path in sorted((BUILD / "explore").glob("*/results.json")):
        try:
            explored = json.loads(path.read_text(encoding="utf-8"))
            found = [_finding(path.parent, row) for row in explored["findings"]]
            facts = f"{explored['sequences']} sequences, {explored['steps']} calls, seed {explored['seed']}"
            number = counted(len(found), "difference") if found else "no differences"
            title = f"{path.parent.name}: {number}"
            version = str(explored["version"])
        except (OSError, ValueError, KeyError, TypeError) as problem:
            raise SuiteError(f"{shown(path)}: not results of explore: {problem!r}") from None
        href = f"findings/{path.parent.name}.html"
        write_page(
            site.root / href, "findings.html.j2", home="../index.html", title=title,
            version=version, facts=facts, findings=found,
        )  # fmt: skip
        site.findings.append(Link(href, title, f"{version}; {facts}", not found))


def _history(site: Site) -> None:
    """The page of `make history`."""
    path = BUILD / "history" / "history.json"
    if not path.is_file():
        return
    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
        title = headline(tree)
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise SuiteError(f"{shown(path)}: not a history: {problem!r}") from None
    href = "history/releases.html"
    write_history(tree, site.root / href, home="../index.html")
    site.history.append(Link(href, title))


def _finding(directory: Path, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of results.json with the text for an issue that lies in its folder."""
    issue = directory / PurePosixPath(str(row["folder"])).name / "issue.md"
    body = issue.read_text(encoding="utf-8", errors="replace") if issue.is_file() else ""
    return {
        "name": str(row["name"]),
        "requirements": [str(id_) for id_ in row["requirements"]],
        "sequence": str(row["sequence"]),
        "expected": str(row["expected"]),
        "actual": str(row["actual"]),
        "issue": body,
    }


# ---- Documents -----------------------------------------------------------------------------


def documents(root: Path) -> list[Path]:
    """The documents that are there, each once."""
    found: dict[Path, None] = {}
    for pattern in DOCUMENTS:
        for path in sorted(root.glob(pattern)):
            if "build" not in path.relative_to(root).parts:
                found.setdefault(path)
    return list(found)


def _documents(
    site: Site, paths: Iterable[Path], root: Path, folder: str, into: list[Link]
) -> None:
    """Renders Markdown files; each keeps its place below `folder`."""
    pages = {
        path.relative_to(root).as_posix(): f"{folder}/{path.relative_to(root).with_suffix('.html')}"
        for path in paths
    }
    for source, page in pages.items():
        body = (root / source).read_text(encoding="utf-8")
        blocks = list(text.blocks(body, _Links(source, page, pages)))
        title = next((b.text for b in blocks if b.level == 1), source)
        home = posixpath.relpath("index.html", posixpath.dirname(page))
        spec = posixpath.relpath("spec/index.html", posixpath.dirname(page))
        write_page(
            site.root / page, "document.html.j2", home=home, spec=spec, title=title,
            source=source, blocks=list(_anchored(blocks, spec)),
        )  # fmt: skip
        into.append(Link(page, title, source))


def _anchored(blocks: Iterable[text.Block], spec: str) -> Iterator[tuple[int, str, Markup]]:
    """Level, anchor and HTML; ids of requirements lead to the specification."""
    used: dict[str, int] = {}
    for block in blocks:
        html = Markup(str(block.html).replace('href="#UHY-', f'href="{spec}#UHY-'))  # noqa: S704
        anchor = text.slug(block.text) if block.level else ""
        used[anchor] = used.get(anchor, -1) + 1
        yield block.level, f"{anchor}-{used[anchor]}" if used[anchor] else anchor, html


@dataclass(frozen=True)
class _Links:
    """The targets of a document's links on the site."""

    source: str
    page: str
    pages: Mapping[str, str]

    def __call__(self, href: str) -> str | None:
        parts = urlsplit(href)
        if parts.scheme in ("http", "https", "mailto"):
            return href
        if not parts.path and parts.fragment:
            return f"#{text.slug(unquote(parts.fragment))}"
        target = posixpath.normpath(posixpath.join(posixpath.dirname(self.source), parts.path))
        page = self.pages.get(target)
        if target == "spec" or (target.startswith("spec/") and target.endswith(".md")):
            page = "spec/index.html"
            chapter = PurePosixPath(target).stem.split("-", 1)[-1] if target != "spec" else ""
            return posixpath.relpath(page, posixpath.dirname(self.page)) + (
                f"#{chapter}" if chapter else ""
            )
        if page is None:
            return None  # a file of the project that is not a page
        there = posixpath.relpath(page, posixpath.dirname(self.page))
        return f"{there}#{text.slug(unquote(parts.fragment))}" if parts.fragment else there
