# SPDX-License-Identifier: MIT OR Apache-2.0
"""The parts of the pages; browser/ tests the pages themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools import command
from uhyve_conformance.interface import Field
from uhyve_conformance.pages.checks import lines_of
from uhyve_conformance.pages.glance import diagram
from uhyve_conformance.pages.site import documents
from uhyve_conformance.pages.specification import _difference
from uhyve_conformance.pages.text import blocks, inline, without
from uhyve_conformance.paths import ROOT

GUEST = """\
GUEST(
	after = [{ path = "x", id = "UHY-OPEN-002" }],
)
void guest_main(void)
{
	TEST("UHY-OPEN-001", "a brace in text: }") {
		if (x) {
			expect('}');
		}
	}
	begin("UHY-OPEN-003");
}
"""


@pytest.mark.parametrize(
    ("id_", "lines"),
    [
        ("UHY-OPEN-001", [(6, 10)]),  # the whole block
        ("UHY-OPEN-002", [(2, 2)]),
        ("UHY-OPEN-003", [(11, 11)]),
        ("UHY-OPEN-004", []),
    ],
)
def test_lines_that_check(id_: str, lines: list[tuple[int, int]]) -> None:
    assert lines_of(GUEST, id_) == lines


def test_text_is_escaped_and_linked() -> None:
    html = str(
        inline("a <b> `UHY-OPEN-001` UHY-OPEN-001 hermit-os/uhyve#12 [x](javascript:alert(1))")
    )
    assert "<b>" not in html and "<code>UHY-OPEN-001</code>" in html
    assert '<a href="#UHY-OPEN-001">UHY-OPEN-001</a>' in html
    assert 'href="https://github.com/hermit-os/uhyve/issues/12"' in html
    assert 'href="javascript' not in html
    made = list(blocks("# A *b*\n\n<script>x</script>\n\n| a | |\n|---|---|\n| 1 | 2 |\n"))
    assert [b.level for b in made] == [1, 0, 0] and made[0].text == "A b"
    assert "<script>" not in made[1].html and "<th></th>" not in made[2].html


def test_a_diagram_splits_fields_at_rows_and_draws_unions_below() -> None:
    fields = [
        Field("a", 0, "u32", "IN", "NONE", None),
        Field("b", 4, "u8x12", "OUT", "NONE", None),
        Field("c", 8, "u32", "OUT", "NONE", None),
    ]
    rows = [
        (r.offset, r.instead, [(c.field.name, c.begin, c.size, c.first) for c in r.cells])
        for r in diagram(fields)
    ]
    assert rows == [
        (0, False, [("a", 0, 4, True), ("b", 4, 4, True)]),
        (8, False, [("b", 0, 8, False)]),
        (8, True, [("c", 0, 4, True)]),
    ]


def test_a_table_loses_what_is_drawn() -> None:
    source = "| field | offset | |\n|---|---|---|\n| `a` | 0 | b \\| c |\n| pad | 4 | |\n"
    table = next(blocks(source))
    assert table.head == ("field", "offset", "")
    html = str(without(table, ("offset",)))
    assert "offset" not in html and ">0<" not in html and "pad" not in html
    assert "<td><code>a</code></td><td>b | c</td>" in html.replace("\n", "")


def test_a_difference_is_escaped() -> None:
    assert str(_difference("a <b> c", "a <i> c")) == (
        "a <del>&lt;b&gt;</del> <ins>&lt;i&gt;</ins> c"
    )


def test_the_site_removes_no_folder_of_others(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("kept")
    done = command("site", "--output", tmp_path)
    assert done.status == 3 and "not a site" in done.text
    assert (tmp_path / "mine").read_text() == "kept"


def test_documents_are_found_once() -> None:
    found = documents(ROOT)
    assert len(found) == len(set(found)) > 5 and found[0] == ROOT / "README.md"
