# SPDX-License-Identifier: MIT OR Apache-2.0
"""Bundles: what is in one gives its verdicts again, and nothing in it can be changed unnoticed."""

from __future__ import annotations

import json
import lzma
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tools import ROOT, Finished, World, command
from uhyve_conformance.bundle import archive
from uhyve_conformance.bundle.outcomes import Observed, from_json, to_json
from uhyve_conformance.errors import SuiteError
from uhyve_conformance.executor import Node, Outcome

IDS = ("UHY-EXIT-001", "UHY-OPEN-001", "UHY-READ-001", "UHY-READ-002")


def manifest(role: str, *ids: str, more: str = "") -> str:
    """The manifest of a guest that plays this role."""
    listed = ", ".join(f'"{id_}"' for id_ in ids)
    return f'summary = "{role}", tests = [{listed}]{more}'


@pytest.fixture
def made(world: World) -> World:
    """A world with a failure, a crash, and two guests that are fine."""
    world.requirements(*IDS)
    for number, (id_, role) in enumerate(
        zip(IDS, ("fine", "false-check", "crash", "fine"), strict=True)
    ):
        world.guest(f"g{number}", manifest(role, id_))
    return world


def bundle_of(world: World, *options: str, shard: str = "") -> Path:
    """The bundle of a run."""
    finished = world.run(*options)
    path = world.output / f"player-x86_64{shard}{archive.SUFFIX}"
    assert path.is_file(), finished.text
    return path


def changed(path: Path, change: Callable[[dict[str, bytes]], None], seal: bool = False) -> Path:
    """A copy in which members were changed; sealed: with digests that agree with that."""
    bundle = archive.read_bundle(path)
    members = dict(bundle.members)
    change(members)
    other = path.with_name(f"other{archive.SUFFIX}")
    if seal:
        head = {k: v for k, v in bundle.head.items() if k not in ("format", "members")}
        archive.write_bundle(other, head, members)
        return other
    whole = {archive.HEAD: json.dumps(dict(bundle.head)).encode(), **members}
    write_raw(other, whole)
    return other


def write_raw(path: Path, members: dict[str, bytes]) -> None:
    """A tar.xz of these, whatever they say of each other."""
    import io
    import tarfile

    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    path.write_bytes(lzma.compress(buffer.getvalue()))


def edit(name: str, change: Callable[[Any], None]) -> Callable[[dict[str, bytes]], None]:
    """Changes one member that is JSON."""

    def apply(members: dict[str, bytes]) -> None:
        tree = json.loads(members[name])
        change(tree)
        members[name] = json.dumps(tree).encode()

    return apply


def verify(path: Path) -> Finished:
    """The command."""
    return command("verify", path)


def test_a_bundle_gives_its_verdicts_again(made: World) -> None:
    path = bundle_of(made)
    answer = verify(path)
    assert answer.status == 0, answer.text
    assert "4 outcomes give the verdicts" in answer.text


def test_a_broken_foundation_gives_the_same_verdicts_again(world: World) -> None:
    """The session stopped there, and what it did not run is not a loss."""
    world.requirements(*IDS)
    for number, (id_, role) in enumerate(zip(IDS, ("crash", "fine", "fine", "fine"), strict=True)):
        more = ", foundation = true" if number < 2 else ""
        world.guest(f"g{number}", manifest(role, id_, more=more))
    done = verify(bundle_of(world))
    assert done.status == 0, done.text


def test_a_selection_leaves_no_bundle(made: World) -> None:
    path = bundle_of(made)
    made.run("--only", "g0")
    assert path.exists(), "that of the whole run stays"
    assert not list(made.output.glob(f"selection/*{archive.SUFFIX}"))


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        archive.write_bundle(tmp_path / f"{name}{archive.SUFFIX}", {"x": 1}, {"b": b"2", "a": b"1"})
    one, two = (tmp_path / f"{n}{archive.SUFFIX}" for n in "ab")
    assert one.read_bytes() == two.read_bytes()


def test_one_changed_byte_is_refused_by_name(made: World) -> None:
    def change(members: dict[str, bytes]) -> None:
        data = bytearray(members["outcomes/g1.json"])
        data[len(data) // 2] ^= 1
        members["outcomes/g1.json"] = bytes(data)

    answer = verify(changed(bundle_of(made), change))
    assert answer.status == 3
    assert "outcomes/g1.json was changed" in answer.text


@pytest.mark.parametrize("name", ["results.json", "adapter.toml", "guests.json", "spec/00-all.md"])
def test_what_is_missing_or_added_is_refused_by_name(made: World, name: str) -> None:
    path = bundle_of(made)
    answer = verify(changed(path, lambda members: members.pop(name) and None))
    assert (answer.status, f"{name} is missing" in answer.text) == (3, True)
    answer = verify(changed(path, lambda members: members.update({"extra": b""})))
    assert (answer.status, "extra was added" in answer.text) == (3, True)


def passes(results: dict[str, Any]) -> None:
    """Somebody would like to conform."""
    for row in results["requirements"]:
        row |= {"verdict": "PASS", "fails": False, "reason": ""}
    for run in results["guests"]:
        run["verdict"] = "PASS"
    results |= {"conforms": True, "exit_status": 0}


def test_a_verdict_that_the_outcomes_do_not_give_is_refused_though_digests_agree(
    made: World,
) -> None:
    answer = verify(changed(bundle_of(made), edit("results.json", passes), seal=True))
    assert answer.status == 3
    assert "UHY-OPEN-001 is FAIL, its results say PASS" in answer.text


def from_another_harness(path: Path, change: Callable[[Any], None]) -> Path:
    """A copy that another version of the harness made, with other results."""
    bundle = archive.read_bundle(path)
    members = dict(bundle.members)
    edit("results.json", change)(members)
    head = {k: v for k, v in bundle.head.items() if k not in ("format", "members")}
    head["digests"] = {**head["digests"], "harness": "0" * 64}
    other = path.with_name(f"older{archive.SUFFIX}")
    archive.write_bundle(other, head, members)
    return other


def test_a_bundle_of_another_form_is_one_message(tmp_path: Path) -> None:
    head = {"format": "uhyve-conformance-bundle/1", "members": {}}
    write_raw(tmp_path / "old.uhyve.tar.xz", {archive.HEAD: json.dumps(head).encode()})
    with pytest.raises(SuiteError, match=r"bundle/1, not .*/2; judge the hypervisor again"):
        archive.read_bundle(tmp_path / "old.uhyve.tar.xz")


def test_a_bundle_of_another_version_may_use_other_words(made: World, tmp_path: Path) -> None:
    """What it says in its own words is not shown: all of it follows from the outcomes again."""

    def reword(tree: Any) -> None:
        for row in (*tree["requirements"], *tree["guests"]):
            for one in row["checks"]:
                one["reason"] = "in other words"
        del tree["causes"]

    path = from_another_harness(bundle_of(made), reword)
    done = verify(path)
    assert done.status == 0 and "another version of the harness" in done.text, done.text
    assert command("report", path, "--output", tmp_path).status == 0
    assert "other words" not in (tmp_path / "older" / "index.html").read_text()
    assert command("gate", "--against", path, path).status == 0
    same = verify(changed(bundle_of(made), edit("results.json", reword), seal=True))
    assert same.status == 3 and "checks is not what the outcomes say" in same.text


def test_a_bundle_of_another_version_has_no_other_verdicts(made: World) -> None:
    done = verify(from_another_harness(bundle_of(made), passes))
    assert done.status == 3 and "UHY-OPEN-001 is FAIL, its results say PASS" in done.text


def test_a_lost_outcome_is_an_error(made: World) -> None:
    path = changed(bundle_of(made), lambda m: m.pop("outcomes/g0.json") and None, seal=True)
    answer = verify(path)
    assert answer.status == 3
    assert "UHY-EXIT-001 is ERROR, its results say PASS" in answer.text


def test_an_outcome_of_another_challenge_does_not_count(made: World) -> None:
    change = edit("outcomes/g0.json", lambda tree: tree.update(challenge="0x1"))
    answer = verify(changed(bundle_of(made), change, seal=True))
    assert answer.status == 3
    assert "UHY-EXIT-001 is" in answer.text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("../outside", b""),
        ("/absolute", b""),
    ],
)
def test_a_member_that_leads_out_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / f"x{archive.SUFFIX}"
    write_raw(path, {archive.HEAD: b"{}", name: content})
    with pytest.raises(SuiteError, match="refused: the member"):
        archive.read_bundle(path)


@pytest.mark.parametrize(
    "data", [b"", b"nothing", lzma.compress(b"nothing"), b"\xfd7zXZ\x00" + bytes(40)]
)
def test_what_is_no_bundle_is_one_message(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / f"x{archive.SUFFIX}"
    path.write_bytes(data)
    answer = verify(path)
    assert answer.status == 3
    assert answer.text.startswith("error: ")
    assert "Traceback" not in answer.text


def test_a_damaged_file_is_refused(made: World) -> None:
    path = bundle_of(made)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x10
    path.write_bytes(data)
    answer = verify(path)
    assert answer.status == 3
    assert path.name in answer.text


def test_outcomes_come_back_as_they_were() -> None:
    tree = {
        "data/\udcff": Node("file", b"\xff\0text", 7, 0o600),
        "data": Node("dir", None, 40, 0o755),
        "data/l": Node("symlink", None, 1, 0o777, "t"),
        "data/empty": Node("file", b"", 0, 0),
    }
    for end in (
        Outcome(status=0, stdout=b"\xffx", stderr="é".encode(), tree=tree, seconds=0.25),
        Outcome(signal=6),
        Outcome(timed_out=True),
        Outcome(error="no space"),
    ):
        seen = Observed("guest[variant]#1", 1 << 63, ("vmm", "x"), end)
        assert from_json(json.dumps(to_json(seen)).encode(), "name") == seen


def test_pages_are_made_again(made: World, tmp_path: Path) -> None:
    answer = command("report", bundle_of(made), "--output", tmp_path / "pages")
    assert answer.status == 0, answer.text
    pages = tmp_path / "pages" / "player-x86_64"
    assert "UHY-OPEN-001" in (pages / "index.html").read_text()
    assert json.loads((pages / "results.json").read_text())["arch"] == "x86_64"


# ---- Shards ------------------------------------------------------------------------------


def shards(world: World, count: int) -> list[Path]:
    """All bundles of a run in so many parts."""
    made = []
    for number in range(1, count + 1):
        path = bundle_of(world, "--shard", f"{number}/{count}", shard=f".{number}-of-{count}")
        made.append(path.rename(path.with_name(f"kept-{number}-of-{count}{archive.SUFFIX}")))
    return made


def verdicts(results: dict[str, Any]) -> dict[str, Any]:
    """Without what chance and time decide."""
    rows = {r["id"]: (r["verdict"], r["reason"], r["checks"]) for r in results["requirements"]}
    runs = {r["name"]: (r["verdict"], r["end"], r["status"]) for r in results["guests"]}
    whole = {key: results[key] for key in ("conforms", "exit_status", "summary", "selected")}
    return {"requirements": rows, "guests": runs, "capabilities": results["capabilities"], **whole}


def test_shards_are_one_run(made: World, tmp_path: Path) -> None:
    made.guest("p", manifest("fine", "UHY-EXIT-001", more=', probe = "smp"'))
    one = made.run()
    assert one.results
    parts = shards(made, 3)
    answer = command("merge", *parts, "--output", tmp_path / "merged")
    assert answer.status == one.status == 1, answer.text
    merged = tmp_path / "merged" / f"player-x86_64{archive.SUFFIX}"
    results = json.loads((tmp_path / "merged" / "results.json").read_text())
    assert verdicts(results) == verdicts(one.results)
    assert verify(merged).status == 0
    names = [archive.read_bundle(part).head["wanted"] for part in parts]
    assert sorted(sum(names, [])) == sorted(run["name"] for run in one.results["guests"])


def test_a_lost_or_doubled_shard_is_refused(made: World, tmp_path: Path) -> None:
    parts = shards(made, 3)
    out = tmp_path / "merged"
    for chosen, what in (
        (parts[:2], "shard 3 of 3 is missing"),
        ([*parts, parts[0]], "shard 1/3 is there twice"),
        ([], "required"),
    ):
        answer = command("merge", *chosen, "--output", out)
        assert answer.status in (3, 4)
        assert what in answer.text
        assert not out.exists()


def test_shards_of_different_runs_are_refused(made: World, tmp_path: Path) -> None:
    parts = shards(made, 2)
    made.guest("g9", manifest("fine", "UHY-EXIT-001"))
    other = shards(made, 3)
    answer = command("merge", parts[0], *other[1:], "--output", tmp_path / "m")
    assert (answer.status, "of different runs" in answer.text) == (3, True)
    # The same paths once more: the old one is kept apart.
    old = shutil.copy(parts[0], tmp_path / f"old{archive.SUFFIX}")
    newer = shards(made, 2)
    answer = command("merge", old, newer[1], "--output", tmp_path / "m")
    assert (answer.status, "is of another run" in answer.text) == (3, True)


@pytest.mark.parametrize("text", ["0/2", "3/2", "2", "a/b", "1/0", "1/99"])
def test_what_is_no_shard_is_refused(made: World, text: str) -> None:
    assert made.run("--shard", text).status == 4


# ---- Run again ---------------------------------------------------------------------------------


def test_a_bundle_is_run_again(tmp_path: Path) -> None:
    """With the suite's own guests, on hypervisors that are judged in a moment."""
    lazy = ROOT / "conformance" / "lazy"
    command("run", "--hypervisor", lazy / "exit.toml", "--output", tmp_path / "run")
    path = tmp_path / "run" / f"lazy-exit-x86_64{archive.SUFFIX}"
    again = command("verify", path, "--rerun", "--output", tmp_path / "again")
    assert (again.status, "rerun: no verdicts differ" in again.text) == (0, True), again.text
    crashing = (
        (lazy / "exit.toml").read_text().replace('"/bin/true"', '"/bin/sh", "-c", "kill -9 $$"')
    )
    (tmp_path / "crash.toml").write_text(crashing)
    other = command(
        "verify",
        path,
        "--rerun",
        "--hypervisor",
        tmp_path / "crash.toml",
        "--output",
        tmp_path / "x",
    )
    assert other.status == 1 and "FAIL in the bundle, CRASH here" in other.text, other.text
