# SPDX-License-Identifier: MIT OR Apache-2.0
"""Trees that a hostile job left, for root and for an ordinary user."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from uhyve_conformance import trees
from uhyve_conformance.executor import Node
from uhyve_conformance.trees import TreeError, collect_tree, create_tree, remove_tree

NOBODY = 65534


def as_user(place: Path, function: Callable[[], None]) -> None:
    """Calls it in a process of an ordinary user, to whom the place belongs."""
    if os.geteuid() != 0:
        function()
        return
    top = place
    while top != top.parent:  # pytest keeps its directories to their owner
        if top.stat().st_mode & 0o005 != 0o005 and top.is_relative_to("/tmp"):
            top.chmod(0o755)
        top = top.parent
    os.chown(place, NOBODY, NOBODY)
    if child := os.fork():
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        return
    try:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        function()
        os._exit(0)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


def test_files_that_no_one_may_read(tmp_path: Path) -> None:
    def user() -> None:
        create_tree(
            tmp_path,
            {
                "data": Node("dir", mode=0),
                "data/locked": Node(content=b"abc", mode=0),
                "data/dir": Node("dir", mode=0o200),
                "data/dir/f": Node(content=b"d"),
            },
        )
        for _ in "12":  # a second time: the modes were put back
            tree = collect_tree(tmp_path, ("data",), ())
            assert tree["data"].mode == 0 and tree["data/dir"].mode == 0o200
            assert tree["data/locked"] == Node("file", b"abc", 3, 0)
            assert tree["data/dir/f"].content == b"d"
        remove_tree(tmp_path / "data")
        assert not (tmp_path / "data").exists()

    as_user(tmp_path, user)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can leave another user's file")
def test_a_file_of_another_user_is_named(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x")
    (tmp_path / "f").chmod(0)
    with pytest.raises(AssertionError):
        as_user(tmp_path, lambda: collect_tree(tmp_path, ("",), ()) and None)


def test_links_and_pipes_are_not_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"s")
    place = tmp_path / "place"
    place.mkdir()
    (place / "link").symlink_to(secret)
    (place / "away").symlink_to(tmp_path)
    os.mkfifo(place / "pipe")
    tree = collect_tree(place, ("",), ())
    assert {name: node.kind for name, node in tree.items()} == {
        "away": "symlink",
        "link": "symlink",
        "pipe": "other",
    }
    assert tree["link"].target == str(secret)
    remove_tree(place)
    assert secret.read_bytes() == b"s" and not place.exists()


def deep(place: Path, levels: int) -> None:
    """Directories in directories, deeper than a path can say."""
    place.mkdir()
    here = os.open(place, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)


def test_a_deep_tree(tmp_path: Path) -> None:
    deep(tmp_path / "deep", 2500)
    with pytest.raises(TreeError, match="levels"):
        collect_tree(tmp_path, ("deep",), ())
    begin = time.monotonic()
    remove_tree(tmp_path / "deep")
    assert not (tmp_path / "deep").exists() and time.monotonic() - begin < 20


def test_too_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "MOST_ENTRIES", 10)
    for number in range(10):
        (tmp_path / str(number)).touch()
    assert len(collect_tree(tmp_path, ("",), ())) == 10
    (tmp_path / "more").touch()
    with pytest.raises(TreeError, match="more than 10 files"):
        collect_tree(tmp_path, ("",), ())


def test_removing_what_is_no_directory(tmp_path: Path) -> None:
    remove_tree(tmp_path / "nothing")
    (tmp_path / "link").symlink_to("/")
    remove_tree(tmp_path / "link")
    assert not (tmp_path / "link").is_symlink() and Path("/etc").exists()
