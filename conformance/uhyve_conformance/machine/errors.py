# SPDX-License-Identifier: MIT OR Apache-2.0
"""The one exception of this package: something a user can read and act upon."""

from ..errors import SuiteError


class MachineError(SuiteError):
    """No machine to run on; the message says what is missing and what to do."""
