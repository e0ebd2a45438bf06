# SPDX-License-Identifier: MIT OR Apache-2.0
"""Trees of files: makes those of a job, collects what it left, and removes them.

What a hypervisor left behind is hostile: modes that let no one in, links that lead away,
FIFOs that never answer, directories thousands of levels deep. Nothing here follows a link,
opens anything but regular files and directories, or calls itself. As the owner of a file
it lets itself in, and puts the mode back.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

from .executor import COLLECT_LIMIT, Node

# No guest makes a tree that comes near this.
MOST_ENTRIES = 20_000
MOST_LEVELS = 100


class TreeError(Exception):
    """The files that a job left cannot be collected; one message."""


def create_tree(place: Path, files: Mapping[str, Node]) -> None:
    """Makes the files of a job; ValueError for a path that leads out of its directory."""
    modes: list[tuple[Path, int]] = []
    for name, node in files.items():
        if name.startswith("/") or ".." in name.split("/"):
            raise ValueError(f"{name} leads out of the job's directory")
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if node.kind == "dir":
            path.mkdir(exist_ok=True)
            modes.append((path, 0o755 if node.mode is None else node.mode))
        elif node.kind == "symlink":
            path.symlink_to(node.target or "")
        elif node.kind == "fifo":
            os.mkfifo(path)
            modes.append((path, 0o644 if node.mode is None else node.mode))
        else:
            with path.open("wb") as file:
                file.write(node.content or b"")
                if node.size is not None and node.size > len(node.content or b""):
                    file.truncate(node.size)
            modes.append((path, 0o644 if node.mode is None else node.mode))
    # Last, and the deepest first: a directory's mode may keep its owner out.
    for path, mode in reversed(modes):
        path.chmod(mode)


def collect_tree(place: Path, roots: Sequence[str], ignore: Sequence[str]) -> dict[str, Node]:
    """What is below these paths; a path that is not there is left out. TreeError when it is
    too much, or belongs to another user."""
    found: dict[str, Node] = {}
    pending = list(roots)
    with contextlib.ExitStack() as put_back:
        top = os.open(place, os.O_PATH | os.O_DIRECTORY)
        put_back.callback(os.close, top)
        while pending:
            name = pending.pop()
            if name in ignore:
                continue
            if len(found) >= MOST_ENTRIES or name.count("/") >= MOST_LEVELS:
                raise TreeError(
                    f"the job left more than {MOST_ENTRIES} files or {MOST_LEVELS} levels"
                )
            try:
                file = os.open(name or ".", os.O_PATH | os.O_NOFOLLOW, dir_fd=top)
            except FileNotFoundError:
                continue
            try:
                info = os.fstat(file)
                if stat.S_ISDIR(info.st_mode):
                    _let_in(file, info.st_mode, put_back)
                    below = [entry.name for entry in _again(file).iterdir()]
                    pending += [f"{name}/{entry}" if name else entry for entry in below]
                if name:
                    target = os.readlink(name, dir_fd=top) if stat.S_ISLNK(info.st_mode) else None
                    found[name] = _collected(file, info, target)
            except PermissionError as problem:
                raise TreeError(f"{name} cannot be read: {problem.strerror}") from None
            finally:
                os.close(file)
    return dict(sorted(found.items()))


def _again(file: int) -> Path:
    """A path to an open file, whatever has its name now."""
    return Path(f"/proc/self/fd/{file}")


def _let_in(directory: int, mode: int, put_back: contextlib.ExitStack) -> None:
    """Lets its owner into a directory until `put_back` closes."""
    if stat.S_IMODE(mode) & stat.S_IRWXU != stat.S_IRWXU and os.geteuid():
        _again(directory).chmod(stat.S_IMODE(mode) | stat.S_IRWXU)
        kept = os.dup(directory)
        put_back.callback(os.close, kept)
        put_back.callback(_again(kept).chmod, stat.S_IMODE(mode))


def _collected(file: int, info: os.stat_result, target: str | None) -> Node:
    mode = stat.S_IMODE(info.st_mode)
    if stat.S_ISDIR(info.st_mode):
        return Node("dir", size=info.st_size, mode=mode)
    if target is not None:
        return Node("symlink", size=info.st_size, mode=mode, target=target)
    if not stat.S_ISREG(info.st_mode):
        return Node("other", size=info.st_size, mode=mode)
    content = _read(file, mode) if info.st_size <= COLLECT_LIMIT else None
    return Node("file", content=content, size=info.st_size, mode=mode)


def _read(file: int, mode: int) -> bytes:
    path = _again(file)
    try:
        return path.read_bytes()
    except PermissionError:
        path.chmod(mode | stat.S_IRUSR)
        try:
            return path.read_bytes()
        finally:
            path.chmod(mode)


def remove_tree(path: Path) -> None:
    """Removes what is there, if anything; OSError when it cannot. Directories move up to the
    first level before they are emptied, so that depth costs nothing."""
    try:
        is_directory = stat.S_ISDIR(path.lstat().st_mode)
    except FileNotFoundError:
        return
    if not is_directory:
        path.unlink()
        return
    top = _opened(str(path))
    try:
        pending = _emptied(top)
        moved = secrets.token_hex(8)
        number = 0
        while pending:
            name = pending.pop()
            directory = _opened(name, top)
            try:
                for entry in _emptied(directory):
                    number += 1
                    os.close(_opened(entry, directory))  # its owner may move it now
                    up = f"{moved}.{number}"
                    os.rename(entry, up, src_dir_fd=directory, dst_dir_fd=top)
                    pending.append(up)
            finally:
                os.close(directory)
            os.rmdir(name, dir_fd=top)
    finally:
        os.close(top)
    path.rmdir()


def _opened(name: str, parent: int | None = None) -> int:
    """A directory, into which its owner may look and write from now on."""
    file = os.open(name, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=parent)
    try:
        if os.fstat(file).st_mode & stat.S_IRWXU != stat.S_IRWXU:
            _again(file).chmod(stat.S_IRWXU)
        return os.open(_again(file), os.O_RDONLY | os.O_DIRECTORY)
    finally:
        os.close(file)


def _emptied(directory: int) -> list[str]:
    """Removes all but directories, whose names it gives."""
    left = []
    with os.scandir(directory) as entries:
        found = list(entries)
    for entry in found:
        if entry.is_dir(follow_symlinks=False):
            left.append(entry.name)
        else:
            os.unlink(entry.name, dir_fd=directory)
    return left
