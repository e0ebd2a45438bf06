# SPDX-License-Identifier: MIT OR Apache-2.0
"""Packages of any architecture from the distribution's own sources.

A private apt root below the cache holds lists and state, so that nothing of the
system is touched and no root is needed. Where to fetch from, through which proxy
and whom to trust is this machine's apt configuration; apt verifies signatures
and checksums.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from ..limits import APT
from .errors import MachineError

# Sources may be limited to the machine's own architecture; ours is another one.
_ONE_LINE_ARCH = re.compile(r"(\[[^\]]*?)\barch[+-]?=[^\s\]]*")
_DEB822_ARCH = re.compile(r"^Architectures(-Add|-Remove)?:.*\n", re.MULTILINE)


class AptRoot:
    """apt with lists and state of its own, for one Debian architecture."""

    def __init__(self, directory: Path, architecture: str):
        self.directory = directory.absolute()
        self.architecture = architecture
        self._updated = False

    def download(self, packages: list[str], into: Path) -> list[Path]:
        """The .deb files of packages, at their candidate versions."""
        self.update()
        into.mkdir(parents=True, exist_ok=True)
        for package in packages:
            self._run(["apt-get", "download", package], cwd=into)
        return sorted(into.glob("*.deb"))

    def real_package(self, metapackage: str) -> str:
        """The package that a metapackage names today (its first dependency)."""
        self.update()
        lines = self._run(["apt-cache", "depends", "--important", metapackage])
        for line in lines.splitlines():
            kind, _, package = line.strip().partition(": ")
            if kind == "Depends" and not package.startswith("<"):
                return package
        raise MachineError(f"apt knows {metapackage}, but not what it stands for")

    def knows(self, package: str) -> bool:
        self.update()
        known = self._run(["apt-cache", "policy", package])
        return bool(re.search(r"Candidate: (?!\(none\))", known))

    def update(self) -> None:
        """Fetches the lists, once in the life of this object."""
        if self._updated:
            return
        if not shutil.which("apt-get"):
            raise MachineError("there is no apt on this machine to fetch packages with")
        self._write_configuration()
        # One source of several that fails does no harm: what counts is whether
        # the package can be found afterwards.
        problem = ""
        try:
            self._run(["apt-get", "update", "--error-on=any"])
        except MachineError as error:
            problem = str(error)
        self._updated = True
        if problem and not list(self._state.glob("lists/*Packages*")):
            self._updated = False
            raise MachineError(problem)

    @property
    def _state(self) -> Path:
        return self.directory / "state"

    def _write_configuration(self) -> None:
        etc = self.directory / "etc"
        shutil.rmtree(etc, ignore_errors=True)
        for folder in (
            etc / "sources.list.d",
            etc / "parts",
            self._state / "lists/partial",
            self.directory / "cache/archives/partial",
        ):
            folder.mkdir(parents=True, exist_ok=True)
        self._copy_sources(etc)
        (self._state / "status").touch()
        settings = {
            "APT::Architecture": self.architecture,
            "APT::Sandbox::User": "root",
            "Acquire::Languages": "none",
            "Acquire::Retries": "1",
            "Acquire::http::Timeout": "30",
            "Acquire::https::Timeout": "30",
            "Acquire::IndexTargets::deb-src::Sources::DefaultEnabled": "false",
            "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "false",
            "Dir::Cache": f"{self.directory}/cache",
            "Dir::Cache::pkgcache": "",
            "Dir::Cache::srcpkgcache": "",
            "Dir::State": f"{self._state}",
            "Dir::State::status": f"{self._state}/status",
            "Dir::Etc::main": "/dev/null",
            "Dir::Etc::parts": f"{etc}/parts",
            "Dir::Etc::sourcelist": f"{etc}/sources.list",
            "Dir::Etc::sourceparts": f"{etc}/sources.list.d",
        }
        lines = [f'{key} "{value}";\n' for key, value in settings.items()]
        lines.append(
            f'#clear APT::Architectures;\nAPT::Architectures {{ "{self.architecture}"; }};\n'
        )
        # The settings with which this machine reaches its sources, without hooks and directories.
        system = self._capture(["apt-config", "dump", "Acquire"], dict(os.environ))
        kept = [
            line + "\n"
            for line in system.splitlines()
            if not re.match(r"Acquire::(IndexTargets|Languages|Changelogs)", line)
        ]
        self._configuration.write_text("".join(kept + lines))

    @property
    def _configuration(self) -> Path:
        return self.directory / "apt.conf"

    @staticmethod
    def _copy_sources(etc: Path) -> None:
        system = Path("/etc/apt")
        one_line = system / "sources.list"
        text = one_line.read_text() if one_line.exists() else ""
        (etc / "sources.list").write_text(_ONE_LINE_ARCH.sub(r"\1", text))
        for source in sorted((system / "sources.list.d").glob("*")):
            if source.suffix == ".list":
                text = _ONE_LINE_ARCH.sub(r"\1", source.read_text())
            elif source.suffix == ".sources":
                text = _DEB822_ARCH.sub("", source.read_text())
            else:
                continue
            (etc / "sources.list.d" / source.name).write_text(text)

    def _run(self, command: list[str], cwd: Path | None = None) -> str:
        environment = dict(os.environ, APT_CONFIG=str(self._configuration), LC_ALL="C.UTF-8")
        return self._capture(command, environment, cwd)

    @staticmethod
    def _capture(command: list[str], environment: dict[str, str], cwd: Path | None = None) -> str:
        try:
            done = subprocess.run(
                command,
                env=environment,
                cwd=cwd,
                timeout=APT,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
            )
        except FileNotFoundError:
            raise MachineError(f"{command[0]} is not on this machine") from None
        except subprocess.TimeoutExpired:
            raise MachineError(f"{' '.join(command)}: no answer in {APT:g} s") from None
        if done.returncode:
            reasons = [line for line in done.stderr.splitlines() if line.startswith("E: ")]
            raise MachineError(
                f"{' '.join(command)}: "
                + (reasons[0][3:] if reasons else f"status {done.returncode}")
            )
        return done.stdout


def extract(package: Path, into: Path) -> None:
    """Unpacks a .deb; nothing of it is run."""
    done = subprocess.run(
        ["dpkg-deb", "--extract", package, into], capture_output=True, text=True, errors="replace"
    )
    if done.returncode:
        raise MachineError(f"{package.name} cannot be unpacked: {done.stderr.strip()}")
