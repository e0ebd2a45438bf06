# SPDX-License-Identifier: MIT OR Apache-2.0
"""The specification's page does what it promises, in a browser."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest
from browser import NARROW, WIDE, Page
from conftest import PICTURES
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from uhyve_conformance.interface import read_calls
from uhyve_conformance.paths import SPEC

SHOWN = "return [...document.querySelectorAll('main .r')].filter((r) => r.checkVisibility()).map((r) => r.id)"
AT_TOP = """
const box = document.getElementById(arguments[0]).getBoundingClientRect();
return box.height > 0 && box.top > -1 && box.top < innerHeight / 2;
"""


def shown(page: Page) -> list[str]:
    """The ids that the page shows."""
    return page.js(SHOWN)


def keys(page: Page, *typed: str) -> None:
    """Types into whatever has the focus."""
    ActionChains(page.driver).send_keys(*typed).perform()


def paste(page: Page, text: str) -> None:
    """Puts text at once where the focus is."""
    page.cdp("Input.insertText", text=text)


def click(page: Page, selector: str) -> None:
    """Clicks what a reader would see there."""
    page.driver.find_element(By.CSS_SELECTOR, selector).click()


def busy(page: Page) -> float:
    """Seconds for which the page's main thread has worked since it was requested."""
    rows = page.cdp("Performance.getMetrics")["metrics"]
    return next(row["value"] for row in rows if row["name"] == "TaskDuration")


def choose(page: Page, facet: str) -> None:
    """One click on a filter."""
    click(page, f"#filters input[value='{facet}']")


def ids(data: dict[str, Any], **wanted: Any) -> list[str]:
    """The requirements that have all of these, from requirements.json."""
    test = {
        "call": lambda r, v: v in r["calls"],
        "level": lambda r, v: r["level"].split()[0] == v,
        "since": lambda r, v: r["since"] == v,
        "provenance": lambda r, v: r["provenance"] == v,
        "needs": lambda r, v: v in r["needs"],
        "arch": lambda r, v: r["arch"] == v,
        "binds": lambda r, v: r["binds"] == v,
    }
    return [r["id"] for r in data["requirements"] if all(test[k](r, v) for k, v in wanted.items())]


# ---- The files -----------------------------------------------------------------------------------


def test_it_is_small_and_opens_at_once(spec: Page, site: Path, data: dict[str, Any]) -> None:
    assert (site / "spec" / "index.html").stat().st_size < 1 << 20
    # Processor time of the page, so that a busy machine does not count.
    spec.cdp("Performance.enable", timeDomain="threadTicks")
    seconds = []
    for _ in range(3):
        spec.open(site / "spec" / "index.html")
        seconds.append(busy(spec))
    spec.cdp("Performance.disable")
    print(f"opened in {min(seconds):.2f} s")
    assert 0.01 < min(seconds) < 1
    assert len(data["requirements"]) >= 600
    assert shown(spec) == [r["id"] for r in data["requirements"]]


def test_requirements_json_has_its_form(data: dict[str, Any]) -> None:
    schema = json.loads((SPEC / "requirements.schema.json").read_text())
    validate = fastjsonschema.compile(schema)
    validate(data)
    broken = data | {"requirements": [data["requirements"][0] | {"level": "WILL"}]}
    with pytest.raises(fastjsonschema.JsonSchemaException):
        validate(broken)
    checked = [r for r in data["requirements"] if r["checks"]]
    assert len(checked) > 500 and all(c["lines"] for r in checked for c in r["checks"])
    assert sum(bool(r["mutants"]) for r in data["requirements"]) > 500


# ---- Search --------------------------------------------------------------------------------------


def test_a_flag_by_search(spec: Page, data: dict[str, Any]) -> None:
    keys(spec, "/")
    paste(spec, "O_APPEND")
    keys(spec, Keys.ENTER)
    naming = [r["id"] for r in data["requirements"] if "O_APPEND" in r["sentence"]]
    assert len(naming) >= 4 and set(naming) <= set(shown(spec))
    texts = spec.js(
        "return [...document.querySelectorAll('main .r')].filter((r) => r.checkVisibility()).map((r) => r.textContent)"
    )
    assert all("o_append" in text.lower() for text in texts)
    assert spec.js("return document.querySelectorAll('.at').length") == 1
    assert f"{len(texts)} requirement" in spec.js(
        "return document.getElementById('count').textContent"
    )
    assert spec.js("return CSS.highlights.get('found').size") >= len(naming)
    spec.picture(PICTURES / "spec-search.png")


def test_search_works_while_one_types(spec: Page) -> None:
    keys(spec, "/")
    counts = [len(shown(spec))]
    for letter in "eexist":
        keys(spec, letter)
        counts.append(len(shown(spec)))
    assert counts == sorted(counts, reverse=True) and 0 < counts[-1] < counts[0]
    paste(spec, " qqqq")
    assert shown(spec) == [] and spec.js("return document.getElementById('none').checkVisibility()")
    keys(spec, Keys.ESCAPE)
    assert len(shown(spec)) == counts[0]


def test_quotes_keep_words_together(spec: Page) -> None:
    keys(spec, "/")
    paste(spec, "exists MUST give")
    loose = shown(spec)
    spec.js("document.getElementById('q').value = ''")
    paste(spec, '"exists MUST give"')
    assert 0 < len(shown(spec)) <= len(loose) and "UHY-OPEN-008" in shown(spec)


def test_a_flag_by_two_clicks(spec: Page) -> None:
    click(spec, "nav a[href='#flag-list']")
    assert spec.js(AT_TOP, "flag-list")
    click(spec, "#O_APPEND a")
    assert "UHY-OPEN-033" in shown(spec) and "UHY-OPEN-008" not in shown(spec)


def test_a_number_by_search_and_by_click(spec: Page) -> None:
    keys(spec, "/")
    paste(spec, "0x1140")
    visible = spec.js(
        "return [...document.querySelectorAll('main .rows tr[id]')].filter((r) => r.checkVisibility()).map((r) => r.id)"
    )
    assert visible == ["call-FileLseek"]
    assert spec.js("return document.getElementById('file-lseek').checkVisibility()")
    keys(spec, Keys.ESCAPE)
    click(spec, "nav a[href='#call-FileLseek']")
    assert spec.js(AT_TOP, "call-FileLseek") or spec.js(
        "return scrollY + innerHeight >= document.documentElement.scrollHeight - 2"
    )


# ---- Filters -------------------------------------------------------------------------------------


def test_all_shoulds_of_a_call_in_two_clicks(spec: Page, data: dict[str, Any]) -> None:
    choose(spec, "c:FileOpen")
    choose(spec, "l:SHOULD")
    wanted = ids(data, call="FileOpen", level="SHOULD")
    assert len(wanted) >= 5 and shown(spec) == wanted
    spec.picture(PICTURES / "spec-filters.png")


COMBINATIONS = [
    {"call": "FileWrite", "provenance": "diverges"},
    {"since": 3, "needs": "interface-3", "binds": "hypervisor"},
    {"level": "MUST", "arch": "aarch64"},
    {"call": "FileRead", "level": "MUST", "since": 2, "provenance": "observed"},
    {"binds": "guest", "level": "SHOULD"},
    {"needs": "smp", "call": "FileWrite", "arch": "aarch64"},  # none
]
LETTERS = {
    "call": "c",
    "level": "l",
    "since": "v",
    "provenance": "p",
    "needs": "n",
    "arch": "a",
    "binds": "t",
}


@pytest.mark.parametrize(
    "wanted", COMBINATIONS, ids=lambda wanted: "-".join(map(str, wanted.values()))
)
def test_filters_combine(spec: Page, data: dict[str, Any], wanted: dict[str, Any]) -> None:
    for key, value in wanted.items():
        choose(spec, f"{LETTERS[key]}:{value}")
    assert shown(spec) == ids(data, **wanted)


def test_choices_of_one_group_add_up_and_counts_are_true(spec: Page, data: dict[str, Any]) -> None:
    choose(spec, "v:3")
    choose(spec, "v:1")
    assert sorted(shown(spec)) == sorted(ids(data, since=3) + ids(data, since=1))
    choose(spec, "v:1")
    counts = spec.js(
        "return Object.fromEntries([...document.querySelectorAll('#filters label')].map((l) => [l.firstElementChild.value, +l.querySelector('small').textContent]))"
    )
    for call in ("FileOpen", "FileStat", "Mkdir"):
        assert counts[f"c:{call}"] == len(ids(data, since=3, call=call))
    assert counts["v:2"] == len(ids(data, since=2))  # its own group does not narrow it


def test_search_and_filters_combine(spec: Page, data: dict[str, Any]) -> None:
    choose(spec, "p:diverges")
    keys(spec, "/", "EBADF")
    found = shown(spec)
    assert found and set(found) <= set(ids(data, provenance="diverges"))
    assert {
        i
        for i in ids(data, provenance="diverges")
        if "EBADF" in next(r["sentence"] for r in data["requirements"] if r["id"] == i)
    } <= set(found)


def test_verdicts_filter(spec: Page, data: dict[str, Any]) -> None:
    hypervisor = [n for n, r in enumerate(data["requirements"]) if r["binds"] == "hypervisor"]
    choose(spec, "r:uhyve:unmet")
    wanted = [data["requirements"][n]["id"] for n in hypervisor if n % 4 in (1, 2)]
    assert shown(spec) == wanted


# ---- Links ---------------------------------------------------------------------------------------


def test_every_id_is_there_once(spec: Page, data: dict[str, Any]) -> None:
    found = spec.js("return [...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(found) == len(set(found))
    assert {r["id"] for r in data["requirements"]} <= set(found)


def test_links_resolve(spec: Page, site: Path, data: dict[str, Any]) -> None:
    dice = random.Random(17)
    first, *others = dice.sample([r["id"] for r in data["requirements"]], 8)
    spec.open(site / "spec" / "index.html", f"#{first}")
    assert spec.js(AT_TOP, first), first
    for id_ in others:
        spec.js("location.hash = arguments[0]", id_)
        spec.driver.execute_async_script("setTimeout(arguments[0], 60)")
        assert spec.js(AT_TOP, id_), id_


def test_a_link_to_what_a_filter_hides(spec: Page) -> None:
    choose(spec, "c:FileOpen")
    spec.js("location.hash = '#UHY-EXIT-001'")
    spec.driver.execute_async_script("setTimeout(arguments[0], 50)")
    assert spec.js(AT_TOP, "UHY-EXIT-001")
    assert spec.js("return location.hash") == "#UHY-EXIT-001"


def test_links_copy_and_resolve(spec: Page, site: Path) -> None:
    spec.cdp(
        "Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"]
    )
    read = "navigator.clipboard.readText().then(arguments[0], (e) => arguments[0](String(e)))"
    spec.js("document.getElementById('UHY-OPEN-008').scrollIntoView()")
    click(spec, "#UHY-OPEN-008 .cp")
    copied = spec.driver.execute_async_script(read)
    assert copied == (site / "spec" / "index.html").resolve().as_uri() + "#UHY-OPEN-008"
    assert spec.js("return document.getElementById('said').textContent") == "Link copied"
    spec.driver.get("about:blank")
    spec.driver.get(copied)
    assert spec.js(AT_TOP, "UHY-OPEN-008")
    choose(spec, "c:FileClose")
    keys(spec, "/", "EBADF")
    selection = shown(spec)
    click(spec, "#share")
    copied = spec.driver.execute_async_script(read)
    spec.driver.get("about:blank")
    spec.driver.get(copied)
    assert selection and shown(spec) == selection


# ---- Reading -------------------------------------------------------------------------------------


def test_the_side_bar_follows(spec: Page) -> None:
    current = "return document.querySelector('nav [aria-current]')?.hash"
    for anchor in ("file-open", "file-lseek", "boot"):
        spec.js("document.getElementById(arguments[0]).scrollIntoView()", anchor)
        spec.driver.execute_async_script(
            "requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(arguments[0], 60)))"
        )
        assert spec.js(current).split(".")[0] == f"#{anchor}"
        assert spec.js(
            "const b = document.querySelector('nav [aria-current]').getBoundingClientRect(); return b.top >= 0 && b.bottom <= innerHeight"
        )


def test_a_check_shows_its_lines(spec: Page) -> None:
    spec.js(
        "document.querySelector('#UHY-OPEN-008 details').open = true; document.getElementById('UHY-OPEN-008').scrollIntoView()"
    )
    assert "open-excl" in spec.js("return document.querySelector('#UHY-OPEN-008 ul').textContent")
    for button in spec.driver.find_elements(By.CSS_SELECTOR, "#UHY-OPEN-008 .s"):
        button.click()
    spec.driver.execute_async_script("setTimeout(arguments[0], 200)")
    lines = spec.js(
        "return [...document.querySelectorAll('#UHY-OPEN-008 pre')].map((p) => p.textContent)"
    )
    assert lines and all("UHY-OPEN-008" in text for text in lines)
    assert any("UHYVE_EEXIST" in text for text in lines)
    spec.picture(PICTURES / "spec-lines.png")
    click(spec, "#UHY-OPEN-008 .s")
    assert len(spec.driver.find_elements(By.CSS_SELECTOR, "#UHY-OPEN-008 pre")) == len(lines) - 1


def test_diagrams_are_drawn_to_scale(spec: Page) -> None:
    boxes = spec.js("""
        document.getElementById("block-FileOpen").scrollIntoView();
        return [...document.querySelectorAll("#block-FileOpen .grid span")].map((e) =>
          [e.firstChild.data.trim(), e.getBoundingClientRect().left, e.getBoundingClientRect().width]);
    """)
    by_name = {name: (left, width) for name, left, width in boxes}
    byte = by_name["name"][1] / 8
    assert by_name["flags"][1] == pytest.approx(4 * byte, abs=2)
    assert by_name["mode"][0] - by_name["flags"][0] == pytest.approx(4 * byte, abs=2)
    assert by_name["ret"][0] == pytest.approx(by_name["flags"][0], abs=2)
    spec.picture(PICTURES / "spec-diagram.png")
    fields = spec.js("""
        return [...document.querySelectorAll("#layout-boot_info-aarch64 .grid span")].map((e) =>
          [e.firstChild.data.trim(), getComputedStyle(e).gridColumnStart, getComputedStyle(e).gridColumnEnd]);
    """)
    assert ["has_pci", "2", "span 1"] in fields
    assert ["boot_time_ns_low", "6", "span 4"] in fields  # at 108, four bytes into its row


def test_every_structure_is_drawn_once(spec: Page) -> None:
    found = spec.js("return [...document.querySelectorAll('figure.block')].map((f) => f.id)")
    wanted = [f"block-{call.name}" for call in read_calls() if call.fields]
    wanted += ["layout-file_attr", "layout-dirent"]
    wanted += [f"layout-boot_info-{arch}" for arch in ("x86_64", "aarch64", "riscv64")]
    assert sorted(found) == sorted(wanted)
    # The text's tables give way to them, but for the one of guest memory.
    heads = spec.js("return [...document.querySelectorAll('main th')].map((th) => th.innerHTML)")
    assert heads.count("offset") == 1 and "direction" not in heads
    assert spec.js(
        "return [...document.querySelectorAll('#block-Getdents .grid i')].filter((i) => i.textContent === 'or').length"
    )


def test_freedoms_stand_beside_their_sentences(spec: Page, data: dict[str, Any]) -> None:
    places = spec.js("""
        return Object.fromEntries([...document.querySelectorAll("[id^='freedom-']")].map((e) =>
          [e.id.slice(8), [e.closest(".r")?.id ?? null, e.textContent]]));
    """)
    assert set(places) == {freedom["name"] for freedom in data["freedoms"]}
    for freedom in data["freedoms"]:
        place, text = places[freedom["name"]]
        assert place == freedom["requirement"]
        assert (freedom["variant"] or freedom["no_variant"].replace("`", "")) in text
    links = spec.js("""
        return [...document.querySelectorAll(".r a[href^='#freedom-']")].map((a) =>
          [a.hash.slice(9), a.closest(".r").id]);
    """)
    asked = [(f["name"], id_) for f in data["freedoms"] for id_ in f["guests"]]
    assert asked and {*asked} <= {tuple(link) for link in links}
    choose(spec, "x:freedom")
    wanted = {f["requirement"] for f in data["freedoms"]} | {id_ for _, id_ in asked}
    assert {*shown(spec)} == wanted - {None}


def test_keyboard_alone(spec: Page, site: Path) -> None:
    spec.open(site / "spec" / "index.html")  # with the focus nowhere
    keys(spec, Keys.TAB)
    assert spec.js("return document.activeElement.className") == "skip"
    keys(spec, Keys.ENTER)
    assert spec.js("return document.activeElement.id") == "main"
    spec.js("document.querySelector(\"#filters input[value='l:MAY']\").focus()")
    keys(spec, Keys.SPACE)
    assert 0 < len(shown(spec)) < 50
    keys(spec, Keys.ESCAPE)
    assert len(shown(spec)) > 600


def test_dark_and_light(spec: Page) -> None:
    colour = "return getComputedStyle(document.body).backgroundColor"
    light = spec.js(colour)
    spec.media("dark")
    dark = spec.js(colour)
    assert light != dark
    click(spec, ".theme")  # from auto to light
    assert spec.js(colour) == light
    click(spec, ".theme")
    spec.media("light")
    assert spec.js(colour) == dark
    click(spec, ".theme")
    assert spec.js(colour) == light


def test_print(spec: Page) -> None:
    spec.media(kind="print")
    spec.js("dispatchEvent(new Event('beforeprint'))")
    assert spec.js(
        "return !document.querySelector('nav').checkVisibility() && !document.getElementById('q').checkVisibility()"
    )
    assert spec.js("return document.querySelector('#UHY-OPEN-008 ul').checkVisibility()")
    spec.js("document.getElementById('UHY-OPEN-008').scrollIntoView()")
    spec.picture(PICTURES / "spec-print.png")
    spec.media()


# axe-core looks at every element there is, so it gets one chapter of 25, and of long lists the
# beginning: every kind of thing that the page has stays.
SAMPLE = """
for (const chapter of document.querySelectorAll(".ch:not(.list)"))
  if (!chapter.querySelector("#file-open, #errors")) chapter.remove();
for (const row of document.querySelectorAll(".back tr:nth-child(n + 9), .r:nth-of-type(n + 12)")) row.remove();
"""


def test_axe(spec: Page) -> None:
    spec.dirty = True
    spec.unfold()
    spec.js(SAMPLE)
    assert spec.js("return document.querySelectorAll('main .r').length") > 20
    assert spec.axe() == []
    spec.media("dark")
    assert spec.contrast() == []
    spec.js("location.hash = '#?q=EEXIST'")
    spec.driver.execute_async_script("setTimeout(arguments[0], 50)")
    assert shown(spec)
    spec.js("for (const gone of document.querySelectorAll('[hidden]')) gone.remove()")
    assert spec.axe() == []


@pytest.mark.parametrize(("name", "size"), [("wide", WIDE), ("narrow", NARROW)])
def test_nothing_sticks_out(spec: Page, site: Path, name: str, size: tuple[int, int]) -> None:
    spec.open(site / "spec" / "index.html", size=size)
    spec.picture(PICTURES / f"spec-{name}.png")
    spec.js(
        "for (const button of [...document.querySelectorAll('#UHY-OPEN-008 .s')]) button.click()"
    )
    spec.unfold()
    assert spec.sticks_out() == []
    spec.js("document.getElementById('UHY-OPEN-008').scrollIntoView()")
    spec.picture(PICTURES / f"spec-{name}-card.png")
    spec.media("dark")
    spec.js("document.getElementById('block-Getdents').scrollIntoView()")
    spec.picture(PICTURES / f"spec-{name}-dark.png")
