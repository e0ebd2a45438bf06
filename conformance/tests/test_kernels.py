# SPDX-License-Identifier: MIT OR Apache-2.0
"""make kernels: images that are shell scripts, on a hypervisor that is a shell."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest
from uhyve_conformance import kernels
from uhyve_conformance.errors import NothingError, UsageError

SHELL = """#!/bin/sh
if [ "$1" = --no-aslr ]; then ASLR=off; shift; else ASLR=on; fi
export ASLR; exec sh "$@"
"""


class Place:
    """A folder of images, and a hypervisor for them."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.images, self._path = path / "images", path
        self.images.mkdir()
        self.published = path / "published.toml"
        self.published.write_text("")
        monkeypatch.setattr(kernels, "PUBLISHED", self.published)
        monkeypatch.setattr(kernels, "FETCHED", path / "fetched")
        shell = path / "shell"
        shell.write_text(SHELL)
        shell.chmod(0o755)
        self.adapter("sh", str(shell))

    def adapter(self, name: str, program: str, memory: bool = False) -> None:
        """A hypervisor that runs an image as a script; its arguments are vCPUs and the guest's,
        or before them the size of memory."""
        first = '"{memory}", ' if memory else ""
        (self._path / f"{name}.toml").write_text(
            f'name = "{name}"\nkvm = false\n'
            f'command = ["{program}", "{{image}}", {first}"{{vcpus}}", "{{args}}", "{{mappings}}", "{{env}}"]\n'
            'mapping = ["{host}:{guest}"]\nvariable = ["{name}={value}"]\ncapabilities = ["interface-2", "smp"]\n'
        )

    def image(self, text: str, run: str, name: str = "it") -> None:
        """An image and its list; `run` is the body of its table."""
        (self.images / name).write_text(text)
        (self.images / f"{name}.toml").write_text(
            f'[[image]]\nname = "{name}"\narch = "x86_64"\n[[image.run]]\nname = "r"\n{run}'
        )

    def start(self, *words: str, folder: bool = True, hypervisor: str = "sh") -> int:
        """The status of the command."""
        where = ["--folder", str(self.images)] if folder else []
        adapter = str(self._path / f"{hypervisor}.toml")
        return int(kernels.main([*where, "--hypervisor", adapter, *words]))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    return Place(tmp_path, monkeypatch)


GOOD = 'echo "vcpus $1 aslr $ASLR"; cat data/in; read line; echo "$line $2"; echo made >data/out; '
RUN = """status = 5
console = ["vcpus", "taken", "typed word"]
vcpus = [1, 2]
args = ["word"]
stdin = "typed\\n"
mappings = { "/data" = "data" }
files = { "data/in" = "taken\\n", "data/old" = "x" }
after = { "data/out" = "made\\n", "data/old" = "" }
"""


def test_all_that_is_expected(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    place.image(GOOD + "rm data/old; exit 5", RUN)
    assert place.start() == 0
    out = capsys.readouterr().out
    for cell in ("vcpus=1 aslr=on", "vcpus=1 aslr=off", "vcpus=2 aslr=on", "vcpus=2 aslr=off"):
        assert f"ok   {place.images.parent}/sh.toml it r {cell}\n" in out
    assert "4 ok, 0 FAIL, 0 SKIP" in out


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        (GOOD + "rm data/old; exit 6", "status 6 instead of 5"),
        (GOOD + "exit 5", "data/old is not as it has to be afterwards"),
        (GOOD + "rm data/old data/out; exit 5", "data/out is not as it has to be afterwards"),
        (GOOD + "rm data/old; echo more >>data/out; exit 5", "data/out is not as"),
        ("cat data/in; rm data/old; echo made >data/out; exit 5", "the console lacks 'vcpus'"),
        ("echo typed word; " + GOOD.replace("$2", "") + "rm data/old; exit 5", "'typed word'"),
        (GOOD + "kill -SEGV $$", "no status: signal or flood"),
    ],
)
def test_what_differs_is_a_failure(
    place: Place, capsys: pytest.CaptureFixture[str], image: str, reason: str
) -> None:
    place.image(image, RUN)
    assert place.start() == 1
    out = capsys.readouterr().out
    assert reason in out and "0 ok, 4 FAIL, 0 SKIP" in out


def test_a_failure_has_its_last_words(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    said = "thread 'main' (7) panicked at src/vm.rs:42:7:\\nno such thing\\nnote: more"
    place.image(f'printf "{said}\\n" >&2; exit 101', "status = 0\nconsole = []\naslr = [true]")
    place.image(
        "echo a; echo b; echo c; echo d; exit 1",
        "status = 0\nconsole = []\naslr = [true]",
        name="quiet",
    )
    assert place.start() == 1
    out = capsys.readouterr().out
    assert "status 101 instead of 0\n       thread 'main' (7) panicked at src/vm.rs:42:7:\n" in out
    assert "       no such thing\n" in out and "note: more" not in out
    assert "status 1 instead of 0\n       b\n       c\n       d\n" in out


def test_variables_are_the_hosts_too(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    place.image('echo "$2 host $A"', 'status = 0\nconsole = ["A=1 host 1"]\nenv = { A = "1" }')
    assert place.start() == 0
    assert "2 ok, 0 FAIL, 0 SKIP" in capsys.readouterr().out


def test_without_aslr_is_told(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    place.image("echo $ASLR", 'status = 0\nconsole = ["off"]\naslr = [false]')
    assert place.start() == 0
    place.image("echo $ASLR", 'status = 0\nconsole = ["off"]')
    assert place.start() == 1
    assert "FAIL" in capsys.readouterr().out


def test_one_failure_of_many_starts(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    counter = place.images.parent / "starts"
    image = f"echo >>{counter}; test $(wc -l <{counter}) != 3"
    place.image(image, "status = 0\nconsole = []\naslr = [true]\ntimes = 5")
    assert place.start() == 1
    out = capsys.readouterr().out
    assert "5 times 1 of 5 starts failed, the first by: status 1 instead of 0" in out
    assert place.start() == 0


def test_starts_with_several_sizes_of_memory(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """--times: of runs with several starts, and of no others."""
    counter = place.images.parent / "starts"
    place.adapter("sh", str(place.images.parent / "shell"), memory=True)
    place.image(
        f"echo $1 >>{counter}",
        "status = 0\nconsole = []\naslr = [true]\nmemory = [64, 1000]\ntimes = 2\n"
        '[[image.run]]\nname = "once"\nstatus = 0\nconsole = []\naslr = true\nmemory = 32',
    )
    assert place.start("--times", "3") == 0
    out = capsys.readouterr().out
    assert "it r vcpus=1 aslr=on memory=64 3 times\n" in out
    assert "it r vcpus=1 aslr=on memory=1000 3 times\n" in out
    assert "it once vcpus=1 aslr=on\n" in out
    assert sorted(counter.read_text().split()) == ["1000"] * 3 + ["32"] + ["64"] * 3


def test_a_result_is_told_when_its_start_has_ended(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = place.images.parent / "starts"
    place.image(f"echo >>{counter}", "status = 0\nconsole = []\ntimes = 2")
    ended: list[int] = []

    def noted(*words: object, **_: object) -> None:
        if str(words[0]).startswith("ok "):
            ended.append(len(counter.read_text()))

    monkeypatch.setattr("builtins.print", noted)
    assert place.start() == 0
    assert ended == [2, 4]


def test_what_is_not_there_is_skipped_and_no_success(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.image("true", "status = 0\nconsole = []")
    (place.images / "it").unlink()
    with pytest.raises(NothingError):
        place.start()
    assert f"no file {place.images}/it" in capsys.readouterr().out
    place.image("true", "status = 0\nconsole = []")
    place.adapter("absent", "/nonexistent/vmm")
    with pytest.raises(NothingError):
        place.start(hypervisor="absent")
    assert "SKIP" in capsys.readouterr().out


def published(text: str, digest: str) -> str:
    return (
        f"{text}[[image]]\nname = 'p'\narch = 'x86_64'\npublished = 'there'\nsha256 = '{digest}'\n"
        "[[image.run]]\nname = 'r'\nstatus = 0\nconsole = []\n"
    )


def test_by_digest(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    digest = hashlib.sha256(b"exit 0\n").hexdigest()
    place.published.write_text(published("", digest))
    (place.images / "any-name").write_bytes(b"exit 0\n")
    assert place.start() == 0
    (place.images / "any-name").write_bytes(b"exit  0\n")
    with pytest.raises(NothingError):
        place.start()
    assert "not among the images; published: there" in capsys.readouterr().out


def test_fetched(place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repository = tmp_path / "upstream"
    (repository / "data").mkdir(parents=True)
    (repository / "data" / "image").write_bytes(b"exit 0\n")
    git = ["git", "-C", str(repository), "-c", "user.name=n", "-c", "user.email=e"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "images"]):
        subprocess.run([*git, *words], check=True)
    commit = subprocess.run(
        [*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True
    ).stdout.strip()
    source = f"[source]\nrepository = '{repository}'\ncommit = '{commit}'\nfolder = 'data'\n"
    digest = hashlib.sha256(b"exit 0\n").hexdigest()
    place.published.write_text(published(source, digest))
    assert place.start(folder=False) == 0
    repository.rename(tmp_path / "gone")
    assert place.start(folder=False) == 0  # it is here already
    place.published.write_text(published(source.replace(commit, "0" * 40), digest))
    place.published.write_text(published(source.replace(commit, "0" * 40), "1" * 64))
    with pytest.raises(NothingError):
        place.start(folder=False)
    assert "what is published cannot be fetched: " in capsys.readouterr().err


def test_one_list_for_two_architectures(place: Place) -> None:
    (place.images / "it.x86_64").write_text("true")
    (place.images / "l.toml").write_text(
        '[[image]]\nname = "it-{arch}"\narch = ["x86_64", "aarch64"]\nfile = "it.{arch}"\n'
        '[[image.run]]\nname = "r"\nstatus = 0\nconsole = []\n'
    )
    found = kernels.find_kernels(place.images)
    assert [(k.name, k.arch) for k in found] == [("it-x86_64", "x86_64"), ("it-aarch64", "aarch64")]
    assert found[0].path == place.images / "it.x86_64" and found[1].path is None


@pytest.mark.parametrize(
    ("run", "reason"),
    [
        ("status = 0\nconsole = []\nvcpu = [1]", "unknown key 'vcpu'"),
        ("status = 0", "console"),
        ("status = 0\nconsole = []\nvcpus = []", "it starts nothing"),
        ("status = 0\nconsole = []\nmemory = []", "it starts nothing"),
        ("status = 0\nconsole = []\ntimes = 0", "it starts nothing"),
    ],
)
def test_wrong_lists(place: Place, run: str, reason: str) -> None:
    place.image("true", run)
    with pytest.raises(UsageError, match=reason):
        place.start()


def test_wrong_words(place: Place) -> None:
    place.image("true", "status = 0\nconsole = []")
    with pytest.raises(UsageError, match="no image 'other'"):
        place.start("--only", "other")
    with pytest.raises(UsageError, match="--times: 0 starts nothing"):
        place.start("--times", "0")
    with pytest.raises(UsageError, match="no run 'other'"):
        place.start("--run", "other")
    with pytest.raises(UsageError, match="no hypervisor"):
        place.start(hypervisor="other")


def test_only_some_runs(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    run = "status = 0\nconsole = []\naslr = [true]\n"
    place.image("true", run + f"[[image.run]]\nname = 's'\n{run}")
    assert place.start("--run", "s") == 0
    out = capsys.readouterr().out
    assert "it s vcpus=1" in out and "it r" not in out and "1 ok" in out


def test_the_list_of_the_project_is_right() -> None:
    found = kernels.find_kernels(None)
    assert {kernel.arch for kernel in found} == {"x86_64", "aarch64"}
    assert len({kernel.name for kernel in found}) == len(found)
