# SPDX-License-Identifier: MIT OR Apache-2.0
"""remote.sh: a hypervisor on another machine, which is this one, through a stand-in that does what
ssh does, and through a real server with another user."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import textwrap
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tools import PLAYER, ROOT, World

REMOTE = ROOT / "conformance" / "remote.sh"
SSHD, USER = Path("/usr/sbin/sshd"), "nobody"


@dataclass(frozen=True)
class Machine:
    """The other machine: what reaches it, and where its temporary files are."""

    shell: str
    temporary: Path

    def remote(self, here: Path, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """A program there, in a copy of this directory."""
        return subprocess.run(
            [REMOTE, "user@there", *words], cwd=here, env=self.environment, input=stdin,
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "REMOTE_SHELL": self.shell}

    def is_empty(self) -> bool:
        """Nothing stays there; the guard has a second for it."""
        for _ in range(50):
            if not list(self.temporary.iterdir()):
                return True
            time.sleep(0.1)
        return False


@pytest.fixture
def stand_in(tmp_path: Path) -> Machine:
    """As ssh: a session of its own, in another directory, and HOST in front of the command."""
    shell, temporary = tmp_path / "shell", tmp_path / "there"
    temporary.mkdir()
    shell.write_text(f'#!/bin/sh\ncd / && TMPDIR={temporary} exec setsid -w sh -c "$2"\n')
    shell.chmod(0o755)
    return Machine(str(shell), temporary)


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """The directory of a run."""
    path = tmp_path / "here"
    (path / "data").mkdir(parents=True)
    (path / "data" / "old").write_text("old")
    return path


def test_words_input_output_status_and_files(stand_in: Machine, here: Path) -> None:
    script = 'cat; echo "$1"; echo message >&2; rm data/old; echo new >data/new; umask; exit 7'
    word = """a 'quoted' "word" with $dollars; and `more`"""
    done = stand_in.remote(here, "sh", "-c", script, "sh", word, stdin="input\n")
    assert done.stdout.splitlines()[:2] == ["input", word]
    assert done.stderr == "message\n" and done.returncode == 7
    mask = os.umask(0)
    os.umask(mask)
    assert int(done.stdout.splitlines()[2], 8) == mask
    assert [p.name for p in (here / "data").iterdir()] == ["new"]
    assert stand_in.is_empty()


def test_every_status_arrives_and_signals_are_crashes(stand_in: Machine, here: Path) -> None:
    for status in (0, 1, 3, 255):
        assert stand_in.remote(here, "sh", "-c", f"exit {status}").returncode == status
    assert stand_in.remote(here, "sh", "-c", "kill -SEGV $$").returncode == 128 + signal.SIGSEGV


@pytest.mark.parametrize("part", ["mktemp", "tar -xpf", ">../pid", "tar -cf"])
def test_a_lost_connection_is_no_status(
    stand_in: Machine, here: Path, tmp_path: Path, part: str
) -> None:
    """Each connection but the guard's fails once: it may not look like a refused image."""
    shell = tmp_path / "lossy"
    shell.write_text(
        f'#!/bin/sh\ncase $2 in *"{part}"*) exit 255 ;; esac\nexec {stand_in.shell} "$@"\n'
    )
    shell.chmod(0o755)
    lossy = Machine(str(shell), stand_in.temporary)
    done = lossy.remote(here, "true")
    assert done.returncode == -signal.SIGKILL and "remote.sh: user@there: " in done.stderr
    assert lossy.is_empty()


def test_what_hangs_ends_with_this_end(stand_in: Machine, here: Path, tmp_path: Path) -> None:
    """The harness kills what takes too long; the program there and its files go, too."""
    mark = tmp_path / "mark"
    words = ["sh", "-c", f"echo $$ >{mark}; exec sleep 1000"]
    with subprocess.Popen(
        [REMOTE, "user@there", *words], cwd=here, env=stand_in.environment
    ) as run:
        for _ in range(100):
            if mark.exists() and mark.read_text():
                break
            time.sleep(0.1)
        run.kill()
    assert stand_in.is_empty()
    state = Path("/proc", mark.read_text().strip(), "stat")
    assert not state.exists() or state.read_text().split()[2] == "Z"


# ---- A real server ---------------------------------------------------------------------------


@pytest.fixture
def ssh() -> Iterator[Machine]:
    """sshd for another user of this machine, on a port of its own, by key. Its view of /etc/passwd
    gives that user a shell, and its /dev/kvm is everyone's."""
    if missing := [word for word in ("ssh", "ssh-keygen", "unshare") if not shutil.which(word)]:
        pytest.skip(f"{', '.join(missing)} is not installed")
    if not SSHD.exists():
        pytest.skip(f"{SSHD} is not installed (Debian: openssh-server)")
    if os.geteuid():
        pytest.skip("a second user needs root")
    place = Path(tempfile.mkdtemp(prefix="uhyve-sshd-"))  # pytest closes its own to others
    place.chmod(0o711)
    for name in ("host", "user"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", place / name], check=True
        )
    (place / "user.pub").chmod(0o644)
    temporary = place / "there"
    temporary.mkdir()
    entry = pwd.getpwnam(USER)
    os.chown(temporary, entry.pw_uid, entry.pw_gid)
    lines = Path("/etc/passwd").read_text().splitlines()
    lines = [line for line in lines if not line.startswith(f"{USER}:")]
    lines.append(f"{USER}:x:{entry.pw_uid}:{entry.pw_gid}::/:/bin/sh")
    (place / "passwd").write_text("\n".join(lines) + "\n")
    (place / "passwd").chmod(0o644)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (place / "config").write_text(
        textwrap.dedent(
            f"""\
            ListenAddress 127.0.0.1:{port}
            HostKey {place}/host
            AuthorizedKeysFile {place}/user.pub
            PidFile none
            StrictModes no
            UsePAM no
            PasswordAuthentication no
            AllowUsers {USER}
            SetEnv TMPDIR={temporary}
            MaxStartups 100
            """
        )
    )
    script = f"mount --bind {place}/passwd /etc/passwd && mkdir -p /run/sshd && "
    if Path("/dev/kvm").exists():
        script += f"mknod -m 666 {place}/kvm c 10 232 && mount --bind {place}/kvm /dev/kvm && "
    with subprocess.Popen(
        ["unshare", "--mount", "sh", "-c", f"{script}exec {SSHD} -D -e -f {place}/config"],
        stderr=(place / "log").open("wb"),
    ) as server:
        shell = place / "shell"
        shell.write_text(
            f"#!/bin/sh\nexec ssh -p {port} -i {place}/user -o BatchMode=yes -o LogLevel=ERROR"
            " -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
            f" -o ControlMaster=auto -o ControlPath={place}/master -o ControlPersist=60"
            f' {USER}@127.0.0.1 "$2"\n'
        )
        shell.chmod(0o755)
        for _ in range(100):
            with socket.socket() as probe:
                if server.poll() is not None or not probe.connect_ex(("127.0.0.1", port)):
                    break
            time.sleep(0.05)
        if server.poll() is not None:
            pytest.skip(f"sshd does not start: {(place / 'log').read_text().strip()}")
        yield Machine(str(shell), temporary)
        leave = ["ssh", "-O", "exit", "-o", f"ControlPath={place}/master", "127.0.0.1"]
        subprocess.run(leave, stderr=subprocess.DEVNULL, check=False)
        server.terminate()
    shutil.rmtree(place)


def test_a_hypervisor_of_another_user_through_ssh(ssh: Machine, world: World, here: Path) -> None:
    """The suite's own run, a status, a signal, and what hangs."""
    done = ssh.remote(here, "sh", "-c", "id -un; cat; touch data/new; kill -SEGV $$", stdin="in")
    assert done.stdout == f"{USER}\nin" and done.returncode == 128 + signal.SIGSEGV
    assert (here / "data" / "new").exists() and ssh.is_empty()

    world.requirements("UHY-OPEN-001")
    world.guest("g", 'summary = "good", tests = ["UHY-OPEN-001"]')
    player = ssh.temporary.parent / "player.py"
    shutil.copy(PLAYER, player)
    player.chmod(0o644)
    adapter = world.adapter(
        f'prefix = ["{REMOTE}", "user@there"]',
        f'environment = {{ REMOTE_SHELL = "{ssh.shell}" }}',
        command=f'["/usr/bin/env", "python3", "{player}", "{{image}}", "{{mappings}}"]',
    )
    judged = world.run(adapter=adapter)
    assert judged.verdict("UHY-OPEN-001") == "PASS", judged.text
    assert ssh.is_empty()
