# SPDX-License-Identifier: MIT OR Apache-2.0
"""Errors that end the program with one message, and its exit statuses."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """The program's exit statuses; the same numbers as pytest's."""

    OK = 0
    FAILURES = 1
    INTERRUPTED = 2
    SETUP = 3
    USAGE = 4
    NOTHING = 5


class SuiteError(Exception):
    """The suite cannot do what it was asked to: one message for a human, one status."""

    status = Exit.SETUP


class UsageError(SuiteError):
    """Something was requested that does not exist."""

    status = Exit.USAGE


class NothingError(SuiteError):
    """The selection is empty."""

    status = Exit.NOTHING


class ManifestError(Exception):
    """A test guest whose manifest is not in order."""
