# SPDX-License-Identifier: MIT OR Apache-2.0
"""A headless Chromium that is watched: what it requests, what its console says, what axe-core
finds, what sticks out."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

WIDE, NARROW = (1400, 1000), (360, 780)
_ARGUMENTS = (
    "--headless=new",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    # No name resolves: a page that asks for one shows it.
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
# Lays out everything, which is otherwise done only near the window, and opens what folds.
_UNFOLD = """
const style = document.createElement("style");
style.textContent = ".sec { content-visibility: visible !important }";
document.head.append(style);
for (const part of document.querySelectorAll("details")) part.open = true;
"""
_STICKS_OUT = """
const wide = document.documentElement.scrollWidth, room = document.documentElement.clientWidth;
if (wide <= room) return [];
const found = [...document.querySelectorAll("body *")].filter((e) => {
  const box = e.getBoundingClientRect();
  return box.right > room + 1 && box.width && !e.parentElement.closest(".wide, pre");
});
return [`${wide} > ${room}`, ...found.slice(0, 5).map((e) =>
  `${e.tagName}.${e.className} ${e.textContent.trim().slice(0, 60)}`)];
"""
# axe-core measures the contrast of each text for itself, which takes most of its time. Texts that
# are styled alike have one contrast, so the first of each kind will do.
_KINDS = """
const kinds = new Map();
for (const e of document.body.querySelectorAll("*")) {
  if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || !e.checkVisibility()) continue;
  const { color, backgroundColor, fontSize, fontWeight, opacity } = getComputedStyle(e);
  let key = [color, backgroundColor, fontSize, fontWeight, opacity].join();
  for (let p = e; p !== document.body; p = p.parentElement) key += ` ${p.tagName}.${p.className}`;
  if (!kinds.has(key)) kinds.set(key, e);
}
const context = { include: [...kinds.values()] };
"""
_AXE = """
const done = arguments[0];
axe.run(context, { resultTypes: ["violations"], ...choice })
  .then((r) => done(r), (e) => done({ error: String(e) }));
"""


def _found(*names: str) -> str:
    for name in names:
        if path := shutil.which(name):
            return path
    raise RuntimeError(f"{names[0]} is missing; `make page-check` installs it or says how")


class Page:
    """The browser, at one page at a time."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver
        self.dirty = True  # whether a test left the page so that it has to be loaded again
        self._axe = _axe_source()

    def open(self, path: Path, fragment: str = "", size: tuple[int, int] = WIDE) -> None:
        """Loads a file, whatever was open."""
        self.dirty = True
        self.resize(size)
        self.driver.get("about:blank")
        self.console(), self.requests()
        self.driver.get(path.resolve().as_uri() + fragment)

    def resize(self, size: tuple[int, int]) -> None:
        """The window, in CSS pixels."""
        self.cdp(
            "Emulation.setDeviceMetricsOverride",
            width=size[0], height=size[1], deviceScaleFactor=1, mobile=size[0] < 600,
        )  # fmt: skip

    def media(self, scheme: str = "light", kind: str = "") -> None:
        """Light or dark; screen or print."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.cdp("Emulation.setEmulatedMedia", media=kind, features=features)

    def cdp(self, command: str, **arguments: Any) -> Any:
        """A command of the DevTools protocol."""
        return self.driver.execute_cdp_cmd(command, arguments)

    def js(self, script: str, *arguments: Any) -> Any:
        """Runs a script in the page."""
        return self.driver.execute_script(script, *arguments)

    def console(self) -> list[str]:
        """Errors and warnings of the console since the last time."""
        return [
            row["message"]
            for row in self.driver.get_log("browser")
            if row["level"] in ("SEVERE", "WARNING")
        ]

    def requests(self) -> list[str]:
        """Addresses that were asked for since the last time, of data: only the scheme."""
        found = []
        for row in self.driver.get_log("performance"):
            message = json.loads(row["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                url = message["params"]["request"]["url"]
                found.append("data:" if url.startswith("data:") else url)
        return [url for url in found if url not in ("about:blank", "data:")]

    def unfold(self) -> None:
        """Lays out and opens everything."""
        self.dirty = True
        self.js(_UNFOLD)

    def sticks_out(self) -> list[str]:
        """The elements that make the page scroll sideways; empty if there are none."""
        return self.js(_STICKS_OUT)

    def axe(self) -> list[str]:
        """Violations of all rules of axe-core, one line each."""
        rules = 'const context = document, choice = { rules: { "color-contrast": { enabled: false } } };'
        return self._violations(rules) + self.contrast()

    def contrast(self) -> list[str]:
        """Texts of too little contrast, one line for each kind of text."""
        return self._violations(f'{_KINDS} const choice = {{ runOnly: ["color-contrast"] }};')

    def _violations(self, what: str) -> list[str]:
        if not self.js("return Boolean(window.axe)"):
            self.js(self._axe)
        results = self.driver.execute_async_script(what + _AXE)
        assert not results.get("error"), results["error"]
        assert results["passes"], "axe-core has looked at nothing"
        return [
            f"{v['id']} ({v['impact']}): {v['help']}: {node['html'][:160]} "
            f"{'; '.join(check['message'] for check in node['any'])[:160]}"
            for v in results["violations"]
            for node in v["nodes"][:3]
        ]

    def picture(self, path: Path) -> None:
        """A screenshot of what the window shows."""
        path.parent.mkdir(parents=True, exist_ok=True)
        assert self.driver.save_screenshot(str(path))


@contextmanager
def browser(home: Path) -> Iterator[Page]:
    """Starts Chromium with `home` as its own place, and ends it."""
    options = webdriver.ChromeOptions()
    options.binary_location = _found("chromium", "chromium-browser", "google-chrome")
    for argument in (*_ARGUMENTS, f"--user-data-dir={home / 'profile'}"):
        options.add_argument(argument)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # Chromium's sandbox does not start as root
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    environment = os.environ | {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "XDG_CACHE_HOME": str(home),
    }
    service = Service(_found("chromedriver"), env=environment)
    driver = webdriver.Chrome(options=options, service=service)
    try:
        driver.set_script_timeout(60)
        yield Page(driver)
    finally:
        driver.quit()


def _axe_source() -> str:
    package = importlib.util.find_spec("axe_playwright_python")
    assert package and package.submodule_search_locations
    place = Path(next(iter(package.submodule_search_locations)))
    return (place / "axe.min.js").read_text(encoding="utf-8")
