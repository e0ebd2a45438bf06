# SPDX-License-Identifier: MIT OR Apache-2.0
"""mk/crates.sh tells crates that cannot be had here, status 75, from crates that are broken."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from tools import ROOT

# Offline, the crates are there or not; online, it says what the test wants.
CARGO = """#!/bin/sh
case "$*" in *--offline*) exit {cached} ;; esac
echo '{said}' >&2
exit {online}
"""


def ask(place: Path, cargo: str | None, *target: str) -> subprocess.CompletedProcess[str]:
    """What the script says with this cargo."""
    tools = place / "bin"
    tools.mkdir()
    for name in ("sh", "printf", "grep"):
        (tools / name).symlink_to(f"/usr/bin/{name}" if name != "sh" else "/bin/sh")
    for name, text in (("cargo", cargo), ("rustc", f"#!/bin/sh\necho {place}/$4\n")):
        if text:
            (tools / name).write_text(text)
            (tools / name).chmod(0o755)
    return subprocess.run(
        ["/bin/sh", ROOT / "mk/crates.sh", "there/Cargo.toml", *target],
        env={"PATH": str(tools)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def cargo(cached: int, online: int, said: str = "") -> str:
    return CARGO.format(cached=cached, online=online, said=said)


def test_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "known").mkdir()
    done = ask(tmp_path, cargo(0, 101), "known")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_can_be_fetched(tmp_path: Path) -> None:
    assert ask(tmp_path, cargo(101, 0)).returncode == 0


def test_no_cargo_and_no_target(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    done = ask(tmp_path / "a", None)
    assert (done.returncode, done.stdout) == (75, "no cargo\n")
    (tmp_path / "b").mkdir()
    done = ask(tmp_path / "b", cargo(0, 0), "vax-unknown-none")
    assert (done.returncode, done.stdout) == (75, "cargo has no target vax-unknown-none\n")


@pytest.mark.parametrize(
    "said",
    [
        "error: failed to download from `https://example.org/x`",
        "spurious network error (3 tries remaining)",
        "Could not resolve host: example.org",
        "Connection timed out after 10001 milliseconds",
        "you may need to run without --offline: using offline mode",
    ],
)
def test_what_cannot_be_had_here(tmp_path: Path, said: str) -> None:
    done = ask(tmp_path, cargo(101, 101, said))
    assert done.returncode == 75
    assert done.stdout == "the crates of there/Cargo.toml are not cached, and cannot be fetched\n"


@pytest.mark.parametrize(
    "said",
    [
        "error: failed to parse manifest at `there/Cargo.toml`",
        "error: the lock file needs to be updated but --locked was passed",
        "error: failed to parse lock file",
    ],
)
def test_what_is_broken(tmp_path: Path, said: str) -> None:
    done = ask(tmp_path, cargo(101, 101, said))
    assert (done.returncode, done.stdout) == (1, "") and said in done.stderr
