# SPDX-License-Identifier: MIT OR Apache-2.0
"""The pages under test: a site with made-up results, some of them hostile, so that the tests
neither run a hypervisor nor depend on what lies under build/conformance."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Page, browser

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

from test_reports import ALL, tree  # noqa: E402
from uhyve_conformance import paths  # noqa: E402
from uhyve_conformance.bundle.history import history  # noqa: E402
from uhyve_conformance.pages import site as site_module  # noqa: E402
from uhyve_conformance.pages import specification  # noqa: E402
from uhyve_conformance.results import write_json  # noqa: E402
from uhyve_conformance.spec import read_spec  # noqa: E402

OUTPUT = paths.BUILD / "page-check"
PICTURES = OUTPUT / "pictures"
HOSTILE = '</script></pre><script>owned = 1</script><img src=x onerror="owned = 1">\x1b[31m&lt;'


def _made_up(
    name: str, verdicts: dict[str, str], hostile: str = "", last: int | None = None
) -> dict[str, Any]:
    """Results with a verdict for each requirement of the specification, or for the first ones."""
    made = tree(**ALL)
    made["hypervisor"] |= {"name": name, "version": f"{name} 1.0{hostile}"}
    row = made["requirements"][0]
    made["requirements"] += [
        row | {"id": r.id, "sentence": r.sentence, "binds": r.binds, "verdict": verdicts[r.id],
               "fails": verdicts[r.id] in ("FAIL", "CRASH"), "level": r.level, "checks": []}
        for r in list(read_spec().requirements.values())[:last]
    ]  # fmt: skip
    return _poisoned(made, hostile) if hostile else made


# Keys whose values a hypervisor or its console chooses, anywhere in the tree.
_THEIRS = (
    "console", "stderr", "reason", "expected", "actual", "what", "end", "summary", "version",
)  # fmt: skip


def _poisoned(value: Any, poison: str, key: str = "") -> Any:
    if isinstance(value, dict):
        return {k: _poisoned(v, poison, k) for k, v in value.items()}
    if isinstance(value, list):
        return [_poisoned(v, poison, key) for v in value]
    return f"{value}{poison}" if isinstance(value, str) and key in _THEIRS else value


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole site."""
    ids = list(read_spec().requirements)
    good = _made_up("reference", dict.fromkeys(ids, "PASS"))
    mixed = {id_: ("PASS", "FAIL", "CRASH", "SKIP")[n % 4] for n, id_ in enumerate(ids)}
    bad = _made_up("uhyve", mixed, HOSTILE)
    build = tmp_path_factory.mktemp("build")
    report = build / "conformance" / "uhyve-x86_64" / "results.json"
    report.parent.mkdir(parents=True)
    short = _made_up("uhyve", mixed, HOSTILE, last=60)
    write_json(short, report)
    explored = {
        "version": HOSTILE, "seed": 1, "sequences": 2, "steps": 3,
        "findings": [{"name": f"FileOpen {HOSTILE}", "folder": "x/01-a", "sequence": HOSTILE,
                      "requirements": [ids[0]], "expected": HOSTILE, "actual": HOSTILE}],
    }  # fmt: skip
    place = build / "explore" / "uhyve"
    (place / "01-a").mkdir(parents=True)
    (place / "01-a" / "issue.md").write_text(HOSTILE)
    (place / "results.json").write_text(json.dumps(explored))
    (build / "history").mkdir()
    digests = dict.fromkeys(("specification", "guests", "harness"), "0")
    head = {"name": "uhyve", "release": "", "arch": "x86_64", "suite": "0", "digests": digests}
    older = good | {"hypervisor": good["hypervisor"] | {"version": "0"}}
    write_json(history([("a", head, older), ("b", head, bad)]), build / "history" / "history.json")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(specification, "last_results", lambda: [(report, good), (report, bad)])
        patch.setattr(site_module, "last_results", lambda: [(report, short)])
        patch.setattr(site_module, "BUILD", build)
        list(site_module.write_site(OUTPUT / "site"))
    return OUTPUT / "site"


@pytest.fixture(scope="session")
def data(site: Path) -> dict[str, Any]:
    """requirements.json."""
    return json.loads((site / "spec" / "requirements.json").read_text())


@pytest.fixture(scope="session")
def _session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("browser")) as page:
        yield page


@pytest.fixture
def page(_session: Page) -> Iterator[Page]:
    """The browser. After each test: no error on the console, no request but for files."""
    _session.media()
    yield _session
    assert _session.console() == []
    strangers = [url for url in _session.requests() if not url.startswith("file:")]
    assert strangers == []


# As after loading.
_AGAIN = """
for (const old of document.querySelectorAll("main pre > i:first-child")) old.parentElement.previousElementSibling.click();
for (const part of document.querySelectorAll("main details")) part.open = false;
document.getElementById("clear").click();
document.activeElement.blur();
history.replaceState(null, "", location.href.split("#")[0]);
scrollTo(0, 0);
"""


@pytest.fixture
def spec(page: Page, site: Path) -> Page:
    """The browser at the specification, as after loading it."""
    path = site / "spec" / "index.html"
    at = str(page.js("return location.href")).split("#")[0]
    if page.dirty or at != path.resolve().as_uri():
        page.open(path)
        page.dirty = False
    else:
        page.js(_AGAIN)
    return page
