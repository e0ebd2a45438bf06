# SPDX-License-Identifier: MIT OR Apache-2.0
"""The results as JUnit XML: a suite for each area, a case for each requirement.

PASS is a plain case; FAIL and BLOCKED are failures; CRASH, TIMEOUT and ERROR are
errors; SKIP, NOT_TESTED and a SHOULD that is not followed are skipped, each with
its verdict as the type, so that none is lost.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

_ELEMENT = {
    "FLAKY": "failure",
    "FAIL": "failure",
    "BLOCKED": "failure",
    "CRASH": "error",
    "TIMEOUT": "error",
    "ERROR": "error",
    "SKIP": "skipped",
    "NOT_TESTED": "skipped",
}
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_junit(
    results: Mapping[str, Any], path: Path, explored: Mapping[str, Any] | None = None
) -> None:
    """One file for all areas; guests' requirements are left out."""
    name = f"{results['hypervisor']['name']} {results['arch']}"
    root = ElementTree.Element("testsuites", name=name)
    suites: dict[str, ElementTree.Element] = {}
    for requirement in results["requirements"]:
        if requirement["binds"] != "hypervisor":
            continue
        area = requirement["id"].split("-")[1]
        if area not in suites:
            suites[area] = ElementTree.SubElement(root, "testsuite", name=area)
        _case(suites[area], requirement)
    for problem in results["problems"]:
        if "problems" not in suites:
            suites["problems"] = ElementTree.SubElement(root, "testsuite", name="problems")
        case = ElementTree.SubElement(
            suites["problems"], "testcase", classname="suite", name=_clean(problem)
        )
        ElementTree.SubElement(case, "error", type="ERROR", message=_clean(problem))
    if explored:
        suites["explore"] = ElementTree.SubElement(root, "testsuite", name="explore")
        add_exploration(suites["explore"], explored)
    for suite in [root, *suites.values()]:
        for attribute, tag in (
            ("tests", "testcase"),
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped", "skipped"),
        ):
            suite.set(attribute, str(sum(1 for _ in suite.iter(tag))))
    ElementTree.indent(root)
    ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _case(suite: ElementTree.Element, requirement: Mapping[str, Any]) -> None:
    verdict = requirement["verdict"]
    case = ElementTree.SubElement(
        suite, "testcase", classname=requirement["id"].rsplit("-", 1)[0], name=requirement["id"]
    )
    if verdict == "PASS":
        return
    tag = "skipped" if verdict == "FAIL" and not requirement["fails"] else _ELEMENT[verdict]
    message = f"{requirement['level']}: {requirement['reason']}"
    element = ElementTree.SubElement(case, tag, type=verdict, message=_clean(message))
    lines = [requirement["sentence"], ""]
    for check in requirement["checks"]:
        if check["verdict"] != "PASS":
            lines.append(
                f"{check['verdict']} in {check['guest']}: {check['what']}: {check['reason']}"
            )
            if check["expected"] or check["actual"]:
                lines.append(f"    expected {check['expected']}, actual {check['actual']}")
    element.text = _clean("\n".join(lines))


def add_exploration(suite: ElementTree.Element, explored: Mapping[str, Any]) -> None:
    """A case for the search, and one for each difference that it found."""
    text = f"{explored['sequences']} sequences, {explored['steps']} steps, seed {explored['seed']}"
    ElementTree.SubElement(suite, "testcase", classname="explore", name=text)
    for finding in explored["findings"]:
        case = ElementTree.SubElement(
            suite, "testcase", classname="explore", name=_clean(finding["name"])
        )
        message = f"expected {finding['expected']}; actual {finding['actual']}"
        failure = ElementTree.SubElement(case, "failure", type="FAIL", message=_clean(message))
        lines = [finding["sequence"], ", ".join(finding["requirements"]), finding["folder"]]
        failure.text = _clean("\n".join(lines))


def _clean(text: str) -> str:
    """Without what XML cannot hold."""
    return _FORBIDDEN.sub("\ufffd", text)
