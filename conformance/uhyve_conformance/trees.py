# SPDX-License-Identifier: MIT OR Apache-2.0
"""Trees of files: makes those of a job, collects what it left, and removes them.

What a hypervisor left behind is hostile: modes that let no one in, links that lead away,
FIFOs that never answer, directories thousands of levels deep. Nothing here follows a link,
opens anything but regular files and directories, or calls itself. As the owner of a file
it lets itself in, and puts the mode back. Linux gives handles of files that are not opened, so
that a name cannot come to mean something else in between; elsewhere the name is looked at, and
what was opened is looked at again.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

from .executor import COLLECT_LIMIT, Node
from .host import HANDLES

# No guest makes a tree that comes near this.
MOST_ENTRIES = 20_000
MOST_LEVELS = 100


class TreeError(Exception):
    """The files that a job left cannot be collected; one message."""


def create_tree(place: Path, files: Mapping[str, Node]) -> None:
    """Makes the files of a job; ValueError for a path that leads out of its directory."""
    modes: list[tuple[Path, int]] = []
    made = set()  # directories that hold something
    for name, node in files.items():
        if name.startswith("/") or ".." in name.split("/"):
            raise ValueError(f"{name} leads out of the job's directory")
        path = place / name
        if (above := name.rpartition("/")[0]) not in made:
            path.parent.mkdir(parents=True, exist_ok=True)
            made.add(above)
        if node.kind == "dir":
            path.mkdir(exist_ok=True)
            modes.append((path, 0o755 if node.mode is None else node.mode))
        elif node.kind == "symlink":
            path.symlink_to(node.target or "")
        elif node.kind == "fifo":
            os.mkfifo(path)
            modes.append((path, 0o644 if node.mode is None else node.mode))
        else:
            _create_file(path, node)
    # Last, and the deepest first: a directory's mode may keep its owner out.
    for path, mode in reversed(modes):
        path.chmod(mode)


def _create_file(path: Path, node: Node) -> None:
    content = memoryview(node.content or b"")
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        if node.size is not None and node.size > len(content):
            os.ftruncate(file, node.size)
        while content:
            content = content[os.write(file, content) :]
        os.fchmod(file, 0o644 if node.mode is None else node.mode)
    finally:
        os.close(file)


def collect_tree(place: Path, roots: Sequence[str], ignore: Sequence[str]) -> dict[str, Node]:
    """The tree below these paths; a path that is not there is left out. TreeError when it is
    too much, or belongs to another user."""
    found: dict[str, Node] = {}
    pending = list(roots)
    with contextlib.ExitStack() as put_back:
        top = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
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
                info = os.stat(name or ".", dir_fd=top, follow_symlinks=False)
            except FileNotFoundError:
                continue
            try:
                if stat.S_ISDIR(info.st_mode):
                    below = _listed(name or ".", top, put_back)
                    pending += [f"{name}/{entry}" if name else entry for entry in below]
                if name:
                    found[name] = _collected(name, top, info)
            except PermissionError as problem:
                raise TreeError(f"{name} cannot be read: {problem.strerror}") from None
    return dict(sorted(found.items()))


def _opened(
    name: str, parent: int | None, flags: int, wanted: int, put_back: contextlib.ExitStack | None
) -> int:
    """Opens a file or directory of which its owner has these rights from now on, or until
    `put_back` closes. OSError when it is something else than flags and rights ask for."""
    if HANDLES:
        handle = os.open(name, os.O_PATH | os.O_NOFOLLOW, dir_fd=parent)
        info = os.fstat(handle)
        path, follow = f"/proc/self/fd/{handle}", {}
    else:
        handle = None
        info = os.stat(name, dir_fd=parent, follow_symlinks=False)
        path, follow = name, {"dir_fd": parent}
        flags |= os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        if stat.S_ISLNK(info.st_mode):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        mode = stat.S_IMODE(info.st_mode)
        changes = mode & wanted != wanted and bool(os.geteuid() or put_back is None)
        if changes:
            os.chmod(path, mode | wanted, **follow)  # noqa: PTH101 - with dir_fd
        file = os.open(path, flags, **follow)
    finally:
        if handle is not None:
            os.close(handle)
    if not HANDLES and not os.path.samestat(os.fstat(file), info):
        os.close(file)
        raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
    if changes and put_back is not None:
        kept = os.dup(file)
        put_back.callback(os.close, kept)
        put_back.callback(os.fchmod, kept, mode)
    return file


_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY


def _listed(name: str, top: int, put_back: contextlib.ExitStack) -> list[str]:
    """The names in a directory, which lets its owner in until `put_back` closes."""
    file = _opened(name, top, _DIRECTORY, stat.S_IRWXU, put_back)
    try:
        return os.listdir(file)  # noqa: PTH208 - of a descriptor
    finally:
        os.close(file)


def _collected(name: str, top: int, info: os.stat_result) -> Node:
    mode = stat.S_IMODE(info.st_mode)
    if stat.S_ISDIR(info.st_mode):
        return Node("dir", size=info.st_size, mode=mode)
    if stat.S_ISLNK(info.st_mode):
        return Node("symlink", size=info.st_size, mode=mode, target=os.readlink(name, dir_fd=top))
    if not stat.S_ISREG(info.st_mode):
        return Node("other", size=info.st_size, mode=mode)
    content = _read(name, top, info.st_size) if info.st_size <= COLLECT_LIMIT else None
    return Node("file", content=content, size=info.st_size, mode=mode)


def _read(name: str, top: int, size: int) -> bytes:
    with contextlib.ExitStack() as put_back:
        file = _opened(name, top, os.O_RDONLY, stat.S_IRUSR, put_back)
        try:
            content = b""
            while len(content) < size and (piece := os.read(file, size - len(content))):
                content += piece
            return content
        finally:
            os.close(file)


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
    top = _entered(str(path))
    try:
        pending = _emptied(top)
        moved = secrets.token_hex(8)
        number = 0
        while pending:
            name = pending.pop()
            directory = _entered(name, top)
            try:
                for entry in _emptied(directory):
                    number += 1
                    os.close(_entered(entry, directory))  # its owner may move it now
                    up = f"{moved}.{number}"
                    os.rename(entry, up, src_dir_fd=directory, dst_dir_fd=top)
                    pending.append(up)
            finally:
                os.close(directory)
            os.rmdir(name, dir_fd=top)
    finally:
        os.close(top)
    path.rmdir()


def _entered(name: str, parent: int | None = None) -> int:
    """A directory, into which its owner may look and write from now on."""
    return _opened(name, parent, _DIRECTORY, stat.S_IRWXU, None)


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
