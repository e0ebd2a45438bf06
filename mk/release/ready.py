# SPDX-License-Identifier: MIT OR Apache-2.0
"""Says what the person who releases still has to do for the version that the file VERSION names,
in the order in which it is done, and what is wrong at any time.

Status 0 when nothing is left, 1 otherwise.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator

from archive import ROOT, git

VERSION = (ROOT / "VERSION").read_text(encoding="utf-8").strip()


def wrong() -> Iterator[str]:
    """A sentence for each thing that is in order between releases, too."""
    if not re.fullmatch(r"\d+\.\d+\.\d+", VERSION):
        yield f"VERSION: '{VERSION}' is not three numbers"
    if not re.search(r"^## Unreleased$", _changelog(), re.M):
        yield "CHANGELOG.md: no heading '## Unreleased'"
    edition, recorded = _specification()
    if edition["status"] == "draft" and recorded == edition["version"]:
        yield (
            f"spec/edition.toml: {recorded} is recorded as released (spec/last-version.toml), so "
            "it is no draft: raise its version"
        )
    if git("rev-parse", "HEAD") is None:
        yield "git: no repository, so no commit to release"
    elif (tag := _commit(f"v{VERSION}")) and tag != _commit("HEAD"):
        yield f"git: the tag v{VERSION} is another commit than this one: raise VERSION"


def left() -> Iterator[str]:
    """A step for each thing that only a release has."""
    changelog = _changelog()
    unreleased = re.search(r"^## Unreleased\n+(?!## )\S", changelog, re.M)
    if not re.search(rf"^## {re.escape(VERSION)} - \d{{4}}-\d\d-\d\d$", changelog, re.M):
        yield (
            f"CHANGELOG.md: no heading '## {VERSION} - YEAR-MONTH-DAY'; put it under "
            "'## Unreleased', above all that is a part of this release"
        )
    elif unreleased:
        yield (
            f"CHANGELOG.md: something stands under Unreleased; move it under {VERSION}, whose "
            "heading is there"
        )
    edition, recorded = _specification()
    if edition["status"] != "released":
        yield (
            f"spec/edition.toml: {edition['version']} is a {edition['status']}, not released; set "
            'status = "released" and its day, then `conformance/uhyve-conformance lock --release`'
        )
    elif recorded != edition["version"]:
        yield (
            f"spec/last-version.toml: holds {recorded}, not {edition['version']}; "
            "`conformance/uhyve-conformance lock --release`"
        )
    if status := git("status", "--porcelain"):
        yield f"git: not committed: {', '.join(line[3:] for line in status.splitlines()[:5])}"
    if _commit("HEAD") and not _commit(f"v{VERSION}"):
        yield f"git: no tag v{VERSION}; after all checks, `git tag v{VERSION}` on the last commit"


def _changelog() -> str:
    return (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def _specification() -> tuple[dict[str, object], str]:
    """The edition, which has a version of its own, and the version that was recorded last."""
    edition = tomllib.loads((ROOT / "spec/edition.toml").read_text(encoding="utf-8"))
    recorded = tomllib.loads((ROOT / "spec/last-version.toml").read_text(encoding="utf-8"))
    return edition, recorded["version"]


def _commit(name: str) -> str | None:
    return git("rev-parse", "-q", "--verify", f"{name}^{{commit}}")


def main() -> int:
    """Prints them."""
    faults, steps = list(wrong()), list(left())
    for line in faults:
        print(f"wrong: {line}")
    if steps:
        print(f"{VERSION} is not released; left to do, in this order:")
    for number, line in enumerate(steps, 1):
        print(f"  {number}. {line}")
    if faults or steps:
        print(f"{VERSION}: {len(faults)} wrong, {len(steps)} left to do")
        return 1
    print(f"{VERSION}: ready")
    return 0


if __name__ == "__main__":
    sys.exit(main())
