# SPDX-License-Identifier: MIT OR Apache-2.0
"""Failures are grouped by what they have in common, and nothing that fails is left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tools import World
from uhyve_conformance.causes import find_causes
from uhyve_conformance.differences import difference, field, named
from uhyve_conformance.last_words import common_lines, death, death_text, last_words
from uhyve_conformance.report_issues import write_issues
from uhyve_conformance.spec import SpecError, read_spec

RUST = """[WARN] as in each run

thread '<unnamed>' (13905) panicked at /home/x/.cargo/registry/src/index.y.z-19cf8c/vmm-0.1.0/src/m.rs:96:77:
called `Result::unwrap()` on an `Err` value: BoundsViolation
thread 'main' (1) panicked at /home/x/src/vm.rs:638:23:
called `Result::unwrap()` on an `Err` value: Any { .. }
"""
ASAN = """==7==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602 at pc 0x1
WRITE of size 1 at 0x602 thread T0
    #0 0x7f in memcpy (/lib/libasan.so+0x3)
    #1 0x55 in store /src/guest.c:12:3
    #2 0x56 in main /src/main.c:4
"""
GO = """panic: runtime error: index out of range [5] with length 3

goroutine 1 [running]:
runtime.goPanicIndex(0x5, 0x3)
\t/usr/lib/go/src/runtime/panic.go:88 +0x1
main.main()
\t/home/x/vmm/main.go:7 +0x1d
"""


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        (RUST, "vmm-0.1.0/src/m.rs:96", "called `Result::unwrap()` on an `Err` value: BoundsViolation"),
        ("thread 'main' panicked at 'no way', src/a.rs:3:5\n", "src/a.rs:3", "no way"),
        (ASAN, "/src/guest.c:12", "AddressSanitizer: heap-buffer-overflow"),
        ("src/a.c:9:4: runtime error: shift exponent 70\n", "src/a.c:9", "shift exponent 70"),
        ("vmm: src/a.c:9: run: Assertion `n < 4' failed.\n", "src/a.c:9", "Assertion `n < 4' failed"),
        ("Assertion failed: n < 4 (src/a.c: run: 9)\n", "src/a.c: run: 9", "Assertion failed: n < 4"),
        (GO, "/home/x/vmm/main.go:7", "runtime error: index out of range [5] with length 3"),
    ],
)  # fmt: skip
def test_a_death_is_read(text: str, where: str, message: str) -> None:
    said = death(text)
    assert said and (said.where, said.message) == (where, message)
    assert death_text(text)


def test_an_adapter_has_its_own_rule() -> None:
    said = death("DIED in cpu.zig:4 of shame\n", r"DIED in (?P<where>\S+) of (?P<message>.*)")
    assert said and (said.where, said.message, said.key) == ("cpu.zig:4", "shame", "cpu.zig:4")
    assert death("all is well") is None
    first, second = (death(f"lost at {n}", "lost at .*") for n in (1, 22))
    assert first and second and first.key == second.key  # numbers tell nothing apart


def test_last_words_are_of_this_run() -> None:
    common = common_lines(["warn 1\na", "warn 2\nb", "warn 3"])
    assert last_words("warn 9\nbad\nbad\nworse", common) == "bad\nworse"


def test_values_have_names() -> None:
    assert named("-14") == "-14 (EFAULT)"
    assert named("-14 or 3") == "-14 (EFAULT) or 3"
    assert named("-77777") == "never written"
    assert named("-133 to -1") == "an error number"
    assert named("'bytes -14'") == "'bytes -14'"


def test_fields_of_a_block_have_names() -> None:
    assert field("0xfffffff2") == "0xfffffff2 = -14 (EFAULT)"
    assert field("0xfffffffffffffff2") == "0xfffffffffffffff2 = -14 (EFAULT)"
    assert field("0xfffed02f") == "0xfffed02f = never written"
    for same in ("0x3", '0x1002 -> "/data/f"', "0xffffff00", "text"):
        assert field(same) == same


def check(id_: str, verdict: str, guest: str, **more: Any) -> dict[str, Any]:
    """A check in results."""
    values = {"what": "", "source": "console", "reason": "", "expected": "", "actual": ""}
    return {"id": id_, "verdict": verdict, "guest": guest, "details": {}} | values | more


def results(*checks: dict[str, Any], **stderr: str) -> dict[str, Any]:
    """A tree with these failures; `stderr` by guest."""
    runs: dict[str, dict[str, Any]] = {}
    rows: dict[str, dict[str, Any]] = {}
    for one in checks:
        name = one["guest"]
        run = runs.setdefault(name, {
            "name": name, "guest": name.split("[")[0], "requirements": [], "checks": [],
            "console": "", "stderr": stderr.get(name.split("[")[0], ""), "ran": True,
            "end": one.get("end", "status 101"), "summary": "does it", "directory": "build/x",
            "command": ["vmm"],
        })  # fmt: skip
        run["checks"].append(one)
        row = rows.setdefault(one["id"], {
            "id": one["id"], "binds": "hypervisor", "fails": one["verdict"] != "PASS",
            "verdict": one["verdict"], "severity": one.get("severity", "behaviour"),
            "reason": one["reason"], "checks": [], "sentence": "It MUST.",
        })  # fmt: skip
        row["checks"].append(one)
    return {
        "guests": list(runs.values()), "requirements": list(rows.values()), "blocked_by": None,
        "arch": "x86_64", "hypervisor": {"name": "h", "version": "1", "adapter": "h.toml"},
    }  # fmt: skip


def test_one_place_is_one_cause_and_takes_its_consequences() -> None:
    tree = results(
        check("UHY-PTR-001", "CRASH", "a[1]", severity="memory"),
        check("UHY-PTR-002", "CRASH", "a[2]"),
        check("UHY-READ-001", "CRASH", "b"),
        check("UHY-READ-002", "BLOCKED", "b", reason="CRASH of UHY-READ-001 in b"),
        check("UHY-STAT-001", "FAIL", "c", details={"call": "FileStat"}, severity="confinement",
              reason="file_stat(x)", expected="-2", actual="0"),
        check("UHY-STAT-002", "PASS", "c"),
        a=RUST, b=RUST.replace(":96:", ":97:"),
    )  # fmt: skip
    causes = find_causes(tree)
    assert [c["severity"] for c in causes] == ["confinement", "availability", "availability"]
    assert causes[1]["requirements"] == ["UHY-PTR-001", "UHY-PTR-002"]
    assert causes[1]["guests"] == {"a": 2}
    assert causes[2]["consequences"] == ["UHY-READ-002"]
    every = [i for c in causes for i in (*c["requirements"], *c["consequences"])]
    assert sorted(every) == sorted(r["id"] for r in tree["requirements"] if r["fails"])


def test_what_is_flaky_comes_first() -> None:
    """Before what is always wrong, and worse."""
    rounds = {"rounds": {"CRASH": 2, "PASS": 98}}
    tree = results(
        check("UHY-PTR-001", "CRASH", "a", severity="memory", end="ended by signal 11"),
        check("UHY-READ-001", "FLAKY", "b", details=rounds, reason="of 100 runs: CRASH 2, PASS 98"),
    )  # fmt: skip
    causes = find_causes(tree)
    assert [c["requirements"] for c in causes] == [["UHY-READ-001"], ["UHY-PTR-001"]]
    assert [c["severity"] for c in causes] == ["behaviour", "memory"]


def test_a_title_is_the_same_next_time() -> None:
    """RAM lies elsewhere in each run, and what a byte of it holds is chance."""

    def titles(address: str, number: int, byte: str) -> list[str]:
        said = RUST.replace("BoundsViolation", f"Params {{ len: {number}, buf: Addr({address}) }}")
        tree = results(
            check("UHY-PTR-001", "CRASH", "a"),
            check("UHY-BOOT-071", "FAIL", "b", reason="info->pad0", expected="0x0", actual=byte),
            a=said,
        )  # fmt: skip
        assert byte in str(tree["requirements"])
        return [cause["title"] for cause in find_causes(tree)]

    one = titles("0x7af5fffc0", 18446744040702476353, "0x37")
    assert one == titles("0xcde000000", 18446744073709551615, "0x5")
    assert one[1] == "info->pad0 is not 0x0" and "len: …, buf: Addr(0x…)" in one[0]


def test_a_signal_may_be_about_memory() -> None:
    end = "the hypervisor was ended by signal 11"
    tree = results(check("UHY-PATH-004", "CRASH", "a", severity="memory", end=end))
    (cause,) = find_causes(tree)
    assert (cause["severity"], cause["title"]) == ("memory", end)


def test_the_fewest_causes() -> None:
    """A requirement that fails at two places belongs to the one that explains more."""
    tree = results(
        check("UHY-PTR-001", "CRASH", "a"), check("UHY-PTR-001", "CRASH", "b"),
        check("UHY-PTR-002", "CRASH", "b"),
        a=RUST, b=RUST.replace(":96:", ":97:"),
    )  # fmt: skip
    (cause,) = find_causes(tree)
    assert cause["title"].startswith("vmm-0.1.0/src/m.rs:97: ") and len(cause["places"]) == 2


def test_blocked_by_no_requirement_is_a_cause() -> None:
    (cause,) = find_causes(results(check("UHY-PTR-001", "BLOCKED", "a", reason="no luck")))
    assert (cause["title"], cause["run"]) == ("no luck", None)


def test_differences_tell_calls_apart() -> None:
    def kind(id_: str, call: str, expected: str, actual: str) -> str:
        facts = {"details": {"call": call}, "expected": expected, "actual": actual}
        return difference(check(id_, "FAIL", "g", **facts), "g")[0]

    assert kind("UHY-READ-001", "FileRead", "-14", "8") == "FileRead accepts"
    assert kind("UHY-READ-002", "FileRead", "-14", "-22") == "FileRead otherwise"
    assert kind("UHY-PATH-001", "FileRead", "0x69", "0x76") != "FileRead otherwise"
    assert kind("UHY-PATH-002", "Mkdir", "-133 to -1", "0") == "path accepts"


def test_an_issue_for_each(tmp_path: Path) -> None:
    tree = results(check("UHY-PTR-001", "CRASH", "a"), a=RUST + "\x1b[2J```\n")
    tree["causes"] = find_causes(tree)
    (tmp_path / "causes" / "99-old").mkdir(parents=True)
    write_issues(tree, tmp_path)
    (path,) = (tmp_path / "causes").iterdir()
    (issue,) = path.iterdir()
    text = issue.read_text()
    for part in ("m.rs:96", "BoundsViolation", "UHY-PTR-001: It MUST.", "build/x/repeat.sh"):
        assert part in text
    assert "registry" not in text and "\x1b" not in text


def test_severity_is_read_strictly(tmp_path: Path) -> None:
    world = World(tmp_path)
    head = "hypervisor · MUST · since 2 · observed"
    world.requirements(
        UHY_READ_001=f"{head} · severity memory", UHY_PTR_001=head, UHY_READ_002=head
    )
    spec = read_spec(world.spec).requirements
    assert [str(r.severity) for r in spec.values()] == ["memory", "memory", "behaviour"]
    assert spec["UHY-READ-001"].digest != spec["UHY-READ-002"].digest
    for odd, word in (
        ("severity bad", "not a severity"),
        ("severity memory · severity memory", "twice"),
    ):
        world.requirements(UHY_READ_001=f"{head} · {odd}")
        with pytest.raises(SpecError, match=word):
            read_spec(world.spec)


@pytest.mark.parametrize(
    ("value", "word"),
    [("'('", "not a regular"), ("'x*'", "empty"), ("'(?P<a>x)'", "unknown group")],
)
def test_an_odd_rule_is_refused(tmp_path: Path, value: str, word: str) -> None:
    world = World(tmp_path)
    finished = world.run(adapter=world.adapter(f"cause = {value}"))
    assert finished.status == 4 and word in finished.text
