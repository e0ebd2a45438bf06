# SPDX-License-Identifier: MIT OR Apache-2.0
"""Guests are judged: each form of the report, the statuses, and that nothing which was not
looked at looks like a success."""

from __future__ import annotations

import contextlib
import io
import json
import re
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tools import ROOT, Finished, elf
from uhyve_conformance import cli
from uhyve_conformance.architectures import JUDGED
from uhyve_conformance.errors import SuiteError
from uhyve_conformance.executor import Job, Node, Outcome
from uhyve_conformance.judged import compare, elsewhere, gate, reports, rules, symbols, verdict
from uhyve_conformance.judged import elf as look
from uhyve_conformance.judged.run import Observation, Request, Settings
from uhyve_conformance.machine.choose import kvm_problem
from uhyve_conformance.spec import read_spec

SPEC, RULES = read_spec(), rules.read_rules()
BOUND = len(SPEC.of("guest"))
CORRECT = ROOT / "build/bad/bad-2.elf"  # whose choice is not a mistake
needs_kvm = pytest.mark.skipif(kvm_problem() is not None, reason=f"no KVM: {kvm_problem()}")


def guest(image: Path, *options: str | Path) -> Finished:
    """The command, in this process: most of its time would be the start of another."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text), contextlib.redirect_stderr(text):
        try:
            status = cli.main(["guest", str(image), *map(str, options)])
        except SystemExit as end:  # of argparse
            status = end.code
    return Finished(status, text.getvalue(), None)


def mistaken(name: str, place: Path) -> Path:
    """The image that makes this mistake, beside data/."""
    if not (place / "data").exists():
        gate.lay_out_files(place)
    (mistake,) = [m for m in gate.read_mistakes() if m.name == name]
    return gate.image_of(mistake, place)


# ---- The command, with KVM -----------------------------------------------------------------------


@needs_kvm
def test_a_correct_guest(tmp_path: Path) -> None:
    done = guest(CORRECT, "--require", "UHY-BOOT-100", "--require", "UHY-SWBUF-060")
    # A rule that cannot be decided is not exercised, either.
    assert done.status == 1 and "required, and not exercised: UHY-SWBUF-060" in done.text
    done = guest(CORRECT, "--require", "UHY-BOOT-100", "--strict")
    assert done.status == 0, done.text
    assert "breaks no requirement that was exercised" in done.text
    assert "runs: plain, boot-ram-place" in done.text


@needs_kvm
def test_text_says_all_there_is_to_know(tmp_path: Path) -> None:
    done = guest(
        mistaken("closed_twice", tmp_path), "--no-freedoms", "--mapping", f"{tmp_path}/data:/data"
    )
    assert done.status == 1
    for wanted in (
        r"BROKEN   UHY-CLOSE-015: \*?\*?A guest MUST NOT",
        r"what   descriptor 3 is closed",
        r"call   FileClose\(fd=3\)",
        r"where  vCPU 0, 0x[0-9a-f]+ \(mistake_closed_twice\+0x[0-9a-f]+\), .*guests/bad/bad\.c:\d+",
        r"mend   forget the number",
        rf"{BOUND} requirements on guests: \d+ obeyed, 1 broken",
        r"breaks 1 requirement$",
    ):
        assert re.search(wanted, done.text, re.M), (wanted, done.text)
    assert "count" not in done.text  # once


@needs_kvm
def test_programs_read_the_same(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = guest(
        mistaken("odd_whence", tmp_path), "--no-freedoms", "--format", "json", "--output", out,
        "--mapping", f"{tmp_path}/data:/data", "--require", "UHY-SRBYTE-061",
    )  # fmt: skip
    assert done.status == 1
    tree = json.loads(done.text)
    assert tree == json.loads((out / "guest.json").read_text())
    assert (tree["broken"], tree["ended"], tree["runs"]) == (0, "exit", ["plain"])
    assert tree["required_and_not_exercised"] == ["UHY-SRBYTE-061"]
    assert len(tree["requirements"]) == BOUND
    (warning,) = tree["warnings"]
    assert warning["rule"] == "odd-fields" and warning["function"] == "mistake_odd_whence"
    assert re.search(r"bad\.c:\d+$", warning["source"])

    suite = ElementTree.parse(out / "guest.xml").getroot()[0]
    assert suite.get("tests") == str(BOUND) and suite.get("failures") == "1"
    (failed,) = [case for case in suite.iter("testcase") if case.find("failure") is not None]
    assert failed.get("name") == "UHY-SRBYTE-061"
    skipped = [case for case in suite.iter("testcase") if case.find("skipped") is not None]
    obeyed = [r for r in tree["requirements"] if r["verdict"] == "OBEYED"]
    assert len(skipped) + len(obeyed) + 1 == BOUND and obeyed

    page = (out / "index.html").read_text()
    assert "UHY-SRBYTE-061" in page and "whence is 17" in page and "bad.c:" in page
    assert not re.search(r'(?:src|href)="(?!data:|#)', page)  # self-contained


@needs_kvm
@pytest.mark.parametrize(
    ("mistake", "options", "status", "says"),
    [
        ("odd_whence", [], 0, "breaks no requirement that was exercised, 1 warning"),
        ("odd_whence", ["--strict"], 1, "1 warning"),
        ("sse", [], 1, "it crashed"),
        ("null_block", [], 1, "the VMM had to end it"),
        ("endless", ["--time-limit", "0.5"], 1, "it was stopped at the time limit"),
    ],
)
def test_status(tmp_path: Path, mistake: str, options: list[str], status: int, says: str) -> None:
    image = mistaken(mistake, tmp_path)
    done = guest(image, "--no-freedoms", "--mapping", f"{tmp_path}/data:/data", *options)
    assert (done.status, says in done.text) == (status, True), done.text


@needs_kvm
@pytest.mark.parametrize("judging", [False, True])
def test_time_limit_of_the_vmm(tmp_path: Path, judging: bool) -> None:
    """It ends in order, as at SIGALRM, and says where the vCPU was."""
    report = tmp_path / "judge.json"
    command = [ROOT / "build/uhyve-ref", "--time-limit=1", mistaken("endless", tmp_path)]
    if judging:
        command.insert(1, f"--judge=json:{report}")
    begin = time.monotonic()
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False
    )
    assert 1.0 <= time.monotonic() - begin < 30.0
    assert done.returncode in (-signal.SIGALRM, 128 + signal.SIGALRM), done
    assert "vCPU 0" in done.stderr and "endless" in done.stderr, done.stderr
    assert report.exists() == judging
    if judging:
        assert json.loads(report.read_text())["ended"] == "signal"


@needs_kvm
def test_what_may_differ_under_a_freedom(tmp_path: Path) -> None:
    image, data = mistaken("records_by_strlen", tmp_path), f"{tmp_path}/data:/data"
    under = ["--freedom", "dents-long-record", "--mapping", data]
    done = guest(image, *under)
    assert done.status == 1
    assert "BROKEN   UHY-DENTS-016" in done.text
    assert "under  the freedom dents-long-record" in done.text
    assert "of the console was" in done.text
    assert guest(image, *under, "--may-differ", "console").status == 0
    # Each line of its console is left out.
    assert guest(image, *under, "--may-differ-line", "^").status == 0


@needs_kvm
@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--require", "UHY-NONE-001"], "--require=UHY-NONE-001"),
        (["--require", "UHY-OPEN-001"], "--require=UHY-OPEN-001"),  # of a hypervisor
        (["--freedom", "nonsense"], "no freedom 'nonsense'"),
        (["--memory", "3"], "--memory-size=3"),
        (["--cpus", "0"], "--cpus"),
        (["--cpus", "1000"], "--cpu-count=1000"),
        (["--time-limit", "nan"], "--time-limit"),
        (["--env", "x"], "--env-vars=x"),
        (["--mapping", "/nonexistent:/data"], "/nonexistent"),
        (["--stdin", "/nonexistent"], "--stdin=/nonexistent"),
        (["--may-differ-line", "("], "--may-differ-line"),
        (["--output", "/dev/null"], "--output=/dev/null"),
        (["--arch", "riscv64"], "nothing runs guests of riscv64 yet; use --image-only"),
    ],
)
def test_wrong_usage(options: list[str], says: str) -> None:
    done = guest(CORRECT, *options)
    assert (done.status, says in done.text, "Traceback" in done.text) == (4, True, False), done.text


@pytest.mark.parametrize("image", ["/nonexistent", "/dev/zero", "/tmp"])
def test_what_is_no_file(image: str) -> None:
    done = guest(Path(image), "--image-only")
    assert done.status == 4 and image in done.text


# ---- The image by itself ---------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b"\x7fELF", b"#!/bin/sh\n", b"\x7fELF" + bytes(200)])
def test_what_is_no_image_is_no_success(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "image").write_bytes(data)
    done = guest(tmp_path / "image", "--image-only")
    assert done.status == 1 and "the image is refused" in done.text


def note(name: bytes, kind: int, desc: bytes) -> bytes:
    head = len(name).to_bytes(4, "little") + len(desc).to_bytes(4, "little")
    return head + kind.to_bytes(4, "little") + name + desc.ljust(4, b"\0")


@pytest.mark.parametrize(
    ("change", "rule", "says"),
    [
        ((b"UHYVEIF\0\0\0\0\2", b"UHYVEIF\0\2\0\0\0"), "UHY-BOOT-101", "little-endian"),
        ((b"UHYVEIF\0\0\0\0\2", b"UHYVEIF\0\0\0\0\7"), "UHY-BOOT-101", "00000007"),
        ((b"\x00\x5b\0\0UHYVEIF", b"\x01\x5b\0\0UHYVEIF"), "UHY-BOOT-101", "type 0x5b01"),
        ((b"\x7fELF\2\1\1\xff", b"\x7fELF\2\1\1\0"), "image-os-abi", "EI_OSABI is 0"),
        ((b"\x7fELF\2", b"\x7fELF\1"), "image-form", "64-bit"),
    ],
)
def test_one_byte_of_an_image(change: tuple[bytes, bytes], rule: str, says: str) -> None:
    data = CORRECT.read_bytes()
    assert data.count(change[0]) >= 1
    assert not look.look(data, "x86_64").found
    found = look.look(data.replace(*change), "x86_64").found
    assert [f.rule for f in found] == [rule] and says in found[0].what


def test_garbage_is_looked_at_without_harm() -> None:
    data = bytearray(elf(None))
    for at in range(4, 120, 3):  # the ELF header and a program header
        for value in (0, 0x7F, 0xFF):
            look.look(bytes(data[:at]) + bytes([value]) + bytes(data[at + 1 :]), "x86_64")
        look.look(bytes(data[:at]), "x86_64")


# ---- The parts ----------------------------------------------------------------------------------------


def report(findings: list[dict[str, object]], broken: int = 0) -> dict[str, object]:
    rows = [
        {"id": id_, "obeyed": 0, "broken": broken if id_ == "UHY-CLOSE-015" else 0}
        for id_ in RULES
        if id_ != rules.RELIES
    ]
    return {"rules": rows, "findings": findings}


class Prepared:
    """A runner whose runs come out like these."""

    def __init__(self, runs: Sequence[Observation]) -> None:
        self._left = iter(runs)

    def run(self, requests: Sequence[Request]) -> list[Observation]:
        return [next(self._left) for _ in requests]

    def freedoms(self) -> list[tuple[str, str, str]]:
        return [("dents-one", "together", "one a call")]


def judged(*runs: Observation) -> verdict.Judgement:
    """With runs that come out like this."""
    options = verdict.Options(freedoms=("dents-one",))
    return verdict.judge(Settings(CORRECT), "x86_64", options, SPEC, RULES, Prepared(runs))


SOUND = Observation("exit", 0, "a\nb\n", "", report=report([]))
TAKEN = replace(SOUND, taken=frozenset(["dents-one"]))


def test_a_run_without_a_report_is_no_success() -> None:
    lost = Observation("refused", -9, "", "out of memory")
    with pytest.raises(SuiteError, match="under dents-one: out of memory"):
        judged(SOUND, SOUND, lost)
    with pytest.raises(SuiteError, match="the second time"):
        judged(SOUND, lost)
    with pytest.raises(SuiteError, match="did not run it: out of memory"):
        judged(lost)


def test_what_the_vmm_has_no_room_for_is_broken_all_the_same() -> None:
    full = replace(SOUND, report=report([], broken=7))
    (row,) = judged(full, SOUND, TAKEN).broken
    assert row.requirement.id == "UHY-CLOSE-015" and row.findings[0].count == 7


def test_reliance_on_a_freedom() -> None:
    other = replace(TAKEN, console="a\nc\n", status=3)
    (finding,) = judged(SOUND, SOUND, other).warnings
    assert finding.rule == rules.RELIES and finding.under == "dents-one"
    assert "Exit(0), now by Exit(3)" in finding.what and "line 2" in finding.what
    # Only what is the same twice can be compared.
    assert not judged(SOUND, replace(other, taken=frozenset()), other).warnings


class Machine:
    """An emulated machine whose jobs come out by what they are."""

    def __init__(self, starts: list[list[str]]) -> None:
        self._starts = starts

    def run(self, jobs: Sequence[Job]) -> list[Outcome]:
        self._starts.append([" ".join(job.argv[1:]) for job in jobs])
        return [self._outcome(job) for job in jobs]

    def _outcome(self, job: Job) -> Outcome:
        if job.argv[1] == "--list-freedoms":
            return Outcome(status=0, stdout=b"dents-one\ttogether\tone a call\nlone\talone\tx\n")
        under = job.argv[1].partition("--freedoms=")[2]
        tree = {
            "judge.json": Node(
                content=json.dumps(report([]) | {"format": 1, "ended": "exit"}).encode()
            ),
            "mapped-0": Node("dir"),
            "mapped-0/f": Node(content=b"other" if under else b"same"),
        }
        if under:
            tree["taken"] = Node(content=f"{under} 1\nlone 0\n".encode())
        return Outcome(status=0, stdout=b"said", tree=tree)

    def close(self) -> None:
        pass


@pytest.fixture
def starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Programs for an emulated machine, and the jobs of each of its starts."""
    (tmp_path / "static" / "x86_64").mkdir(parents=True)
    for program in ("uhyve-ref", "uhyve-ref-freedoms"):
        (tmp_path / "static" / "x86_64" / program).touch()
    seen: list[list[str]] = []
    monkeypatch.setattr(elsewhere, "BUILD", tmp_path)
    monkeypatch.setattr(elsewhere, "executor", lambda *_: Machine(seen))
    return seen


def test_runs_in_an_emulated_machine(starts: list[list[str]], tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    settings = Settings(CORRECT, ("a",), mappings=((tmp_path / "data", "/data"),), time_limit=3.0)
    runner = elsewhere.Elsewhere("x86_64")
    runner.make([Request(settings), Request(settings)])
    assert [job.split()[0] for job in starts[0]] == ["--judge=json:judge.json"] * 2 + [
        "--list-freedoms"
    ]
    assert starts[0][0].endswith("--time-limit=3 --file-mapping=mapped-0:/data guest.elf -- a")
    judgement = verdict.judge(settings, "x86_64", verdict.Options(), SPEC, RULES, runner)
    # The plain runs were there; then those under several freedoms, then one for each taken.
    assert [len(jobs) for jobs in starts] == [3, 1, 1]
    assert judgement.runs == ["plain", "dents-one"]
    (finding,) = judgement.findings
    assert finding.under == "dents-one" and "/data/f" in finding.what


def test_an_emulated_machine_that_cannot(
    starts: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Machine, "_outcome", lambda *_: Outcome(error="QEMU died"))
    with pytest.raises(SuiteError, match="did not run the guest: QEMU died"):
        elsewhere.Elsewhere("x86_64").freedoms()
    (tmp_path / "static" / "x86_64" / "uhyve-ref-freedoms").unlink()
    with pytest.raises(SuiteError, match="uhyve-ref-freedoms` builds it"):
        elsewhere.Elsewhere("x86_64").run([Request(Settings(CORRECT), ("dents-one",))])


def test_numbers_that_differ_from_run_to_run() -> None:
    first, second = replace(SOUND, console="at 0x12\nx"), replace(SOUND, console="at 0x34\nx")
    same = compare.prepare(first, second, (), ())
    assert not same.differences(replace(SOUND, console="at 0x56\nx"))
    assert same.differences(replace(SOUND, console="at 0x56\ny"))
    files = compare.prepare(
        replace(SOUND, files={"/a": "1"}), replace(SOUND, files={"/a": "1"}), (), ()
    )
    assert files.differences(replace(SOUND, files={"/a": "2"}))[0].what == "files"


def test_pages_escape_what_guests_say(tmp_path: Path) -> None:
    evil = '<script>alert("x")</script>\x00\ud800'
    finding = verdict.Finding("odd-fields", evil, "mend", call=evil, place=evil, pc=1)
    judgement = verdict.Judgement(
        Path("/tmp/<b>"), "x86_64", [], [finding], ["plain"], "crash", f"{evil}\n"
    )
    page = reports.write(judgement, tmp_path, ["UHY-X-001"]).read_text(errors="replace")
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page
    assert "It did not end by Exit" in page and "UHY-X-001" in page
    ElementTree.parse(tmp_path / "guest.xml")


def test_places_of_addr2line() -> None:
    lines = ["0x00001234", "outl", "/x/uhyve_interface/guest.h:9", "act", "/y/main.c:12",
             "0x00001300", "??", "??:0"]  # fmt: skip
    lines += ["0x1400", "uhyve_open", "/z/sdk/wrappers.h:28", "main", "/y/main.c:3"]
    found = symbols._parse(lines)
    wrapped = symbols.relevant(found[0x1400])
    assert wrapped and wrapped.source == "/y/main.c:3"
    named = symbols.relevant(found[0x1234])
    assert named and str(named) == "act (/y/main.c:12)"
    assert symbols.relevant(found[0x1300]) is None


def test_table_and_chapters() -> None:
    assert not rules.faults(RULES, SPEC)
    missing = {id_: rule for id_, rule in RULES.items() if id_ != "UHY-CLOSE-015"}
    assert "UHY-CLOSE-015 binds guests" in rules.faults(missing, SPEC)[0]
    extra = RULES | {"UHY-CLOSE-001": rules.Rule("UHY-CLOSE-001", "PASSIVE", "")}
    assert "UHY-CLOSE-001 is not a requirement on guests" in rules.faults(extra, SPEC)[0]
    decided = [r for r in RULES.values() if not r.warning and r.how != "NEVER"]
    # All but what only the author of a guest knows, UHY-SWBUF-060, and what nothing runs.
    unjudged = [r for r in SPEC.of("guest") if r.arch and r.arch not in JUDGED]
    assert len(decided) == BOUND - 1 - len(unjudged)


# ---- The gate itself -------------------------------------------------------------------------------------


def suite(place: Path, findings: dict[str, list[str] | None]) -> Path:
    for guest_, ids in findings.items():
        (place / guest_ / "work").mkdir(parents=True)
        if ids is not None:
            text = json.dumps({"findings": [{"id": id_} for id_ in ids]})
            (place / guest_ / "work/judge.json").write_text(text)
    return place


def test_the_gate_notices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    breaks = tmp_path / "breaks.toml"
    breaks.write_text('unjudged = ["u"]\nanything = ["a"]\nUHY-CLOSE-015 = ["c", "d"]\n')
    monkeypatch.setattr(gate, "BREAKS", breaks)
    good = {
        "u": None,
        "a": ["open-mode"],
        "c.1": ["UHY-CLOSE-015"],
        "c.2": [],
        "d": ["UHY-CLOSE-015"],
    }
    assert gate._suite(suite(tmp_path / "good", good)) == (4, [])  # fmt: skip
    for number, (change, says) in enumerate(
        [
            ({"c.1": []}, "c does not break UHY-CLOSE-015"),
            ({"c.1": ["UHY-CLOSE-015", "open-mode"]}, "c breaks open-mode"),
            ({"e": ["open-mode"]}, "e breaks open-mode"),
            ({"e": None}, "e: the VMM left no report"),
        ]
    ):
        _, (problem,) = gate._suite(suite(tmp_path / str(number), good | change))
        assert says in problem
    _, (problem,) = gate._suite(
        suite(tmp_path / "gone", {k: v for k, v in good.items() if k != "u"})
    )
    assert "u of" in problem and "did not run" in problem
    with pytest.raises(SuiteError, match="no run left"):
        gate._suite(suite(tmp_path / "none", {"u": None}))


@needs_kvm
def test_a_detector_that_says_nothing_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    table = gate.read_mistakes()
    (mistake,) = [m for m in table if m.name == "odd_whence"]
    wrong = replace(mistake, says=frozenset(["UHY-CLOSE-015"]))
    monkeypatch.setattr(gate, "read_mistakes", lambda: [wrong])
    assert gate.check(["odd_whence"], 1, None, []) == 1
    assert "wanted UHY-CLOSE-015, got odd-fields" in capsys.readouterr().out
