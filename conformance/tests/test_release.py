# SPDX-License-Identifier: MIT OR Apache-2.0
"""`make release-check` says what is missing, and nothing when nothing is."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tools import ROOT

CHANGELOG = "# Changelog\n\n## Unreleased\n\n## 1.2.3 - 2026-11-28\n\n- A thing.\n"
EDITION = 'version = "0.2.0"\nstatus = "released"\ndate = 2026-11-28\n'


def git(place: Path, *words: str) -> None:
    subprocess.run(
        ["git", "-C", place, "-c", "user.name=n", "-c", "user.email=e", *words],
        check=True, capture_output=True,
    )  # fmt: skip


@pytest.fixture
def ready(tmp_path: Path) -> Path:
    """A tree of which nothing is missing."""
    for name in ("ready.py", "archive.py"):
        (tmp_path / "mk/release").mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "mk/release" / name, tmp_path / "mk/release")
    (tmp_path / "spec").mkdir()
    (tmp_path / "VERSION").write_text("1.2.3\n")
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    (tmp_path / "spec/edition.toml").write_text(EDITION)
    (tmp_path / "spec/last-version.toml").write_text('version = "0.2.0"\n')
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "all")
    git(tmp_path, "tag", "v1.2.3")
    return tmp_path


def check(place: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-B", place / "mk/release/ready.py"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_a_tree_that_is_ready(ready: Path) -> None:
    assert check(ready) == (0, "1.2.3: ready\n")


@pytest.mark.parametrize(
    ("file", "text", "what"),
    [
        ("VERSION", "1.2\n", "VERSION: '1.2' is not three numbers"),
        ("CHANGELOG.md", CHANGELOG.replace("- 2026-11-28", ""), "no heading '## 1.2.3 - YEAR"),
        (
            "CHANGELOG.md",
            CHANGELOG.replace("Unreleased\n", "Unreleased\n\n- More.\n"),
            "move it under 1.2.3",
        ),
        (
            "CHANGELOG.md",
            CHANGELOG.replace("## Unreleased\n", ""),
            "wrong: CHANGELOG.md: no heading",
        ),
        ("spec/edition.toml", EDITION.replace("released", "draft"), "is a draft, not released"),
        ("spec/last-version.toml", 'version = "0.1.0"\n', "holds 0.1.0, not 0.2.0"),
        ("new", "", "not committed: new"),
    ],
)
def test_what_is_missing_is_named(ready: Path, file: str, text: str, what: str) -> None:
    (ready / file).write_text(text)
    status, said = check(ready)
    assert (status, what in said) == (1, True), said


def test_the_tag_is_this_commit(ready: Path) -> None:
    git(ready, "commit", "-q", "--allow-empty", "-m", "later")
    assert "wrong: git: the tag v1.2.3 is another commit" in check(ready)[1]
    git(ready, "tag", "-d", "v1.2.3")
    assert "no tag v1.2.3" in check(ready)[1]


def test_a_released_specification_is_no_draft(ready: Path) -> None:
    (ready / "spec/edition.toml").write_text(EDITION.replace("released", "draft"))
    assert "wrong: spec/edition.toml: 0.2.0 is recorded as released" in check(ready)[1]


def test_between_releases_there_are_steps_but_no_faults(ready: Path) -> None:
    """Nothing that a release changes is wrong before it, and the steps are said in their order."""
    (ready / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n\n- A thing.\n")
    (ready / "spec/edition.toml").write_text('version = "0.3.0"\nstatus = "draft"\n')
    git(ready, "commit", "-qam", "development")
    git(ready, "tag", "-d", "v1.2.3")
    status, said = check(ready)
    assert status == 1 and "0 wrong, 3 left to do" in said
    order = [said.index(word) for word in ("CHANGELOG.md", "edition.toml", "no tag v1.2.3")]
    assert order == sorted(order)


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a repository")
def test_nothing_is_wrong_with_this_tree() -> None:
    done = subprocess.run(
        [sys.executable, "-B", ROOT / "mk/release/ready.py"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "wrong: " not in done.stdout, done.stdout
    assert done.stdout.strip().endswith(("ready", "left to do")), done.stdout + done.stderr
