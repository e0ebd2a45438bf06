# SPDX-License-Identifier: MIT OR Apache-2.0
"""Says what is missing for a release of the version that the file VERSION names.

Status 0 when nothing is, 1 otherwise.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator

from archive import ROOT, git


def missing() -> Iterator[str]:
    """One sentence for each thing."""
    version = (ROOT / "VERSION").read_text(encoding="utf-8").strip()
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        yield f"VERSION: '{version}' is not three numbers"
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    if not re.search(rf"^## {re.escape(version)} - \d{{4}}-\d\d-\d\d$", changelog, re.M):
        yield f"CHANGELOG.md: no heading '## {version} - YEAR-MONTH-DAY'"
    if re.search(r"^## Unreleased\n+(?!## )\S", changelog, re.M):
        yield "CHANGELOG.md: something stands under Unreleased"
    yield from _specification()
    status = git("status", "--porcelain")
    if status is None:
        yield "git: no repository, so no commit to release"
        return
    if status:
        yield f"git: not committed: {', '.join(line[3:] for line in status.splitlines()[:5])}"
    tag, head = (
        git("rev-parse", "-q", "--verify", f"v{version}^{{commit}}"),
        git("rev-parse", "HEAD"),
    )
    if tag is None:
        yield f"git: no tag v{version}"
    elif tag != head:
        yield f"git: the tag v{version} is another commit than this one"


def _specification() -> Iterator[str]:
    """The specification has a version of its own, which `lock --release` records."""
    edition = tomllib.loads((ROOT / "spec/edition.toml").read_text(encoding="utf-8"))
    recorded = tomllib.loads((ROOT / "spec/last-version.toml").read_text(encoding="utf-8"))
    if edition["status"] != "released":
        yield f"spec/edition.toml: {edition['version']} is a {edition['status']}, not released"
    elif recorded["version"] != edition["version"]:
        yield (
            f"spec/last-version.toml: holds {recorded['version']}, not {edition['version']}: "
            "`conformance/uhyve-conformance lock --release`"
        )


def main() -> int:
    """Prints them."""
    found = list(missing())
    for line in found:
        print(f"missing: {line}")
    version = (ROOT / "VERSION").read_text(encoding="utf-8").strip()
    print(f"{version}: {f'{len(found)} things are missing' if found else 'ready'}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
