# SPDX-License-Identifier: MIT OR Apache-2.0
"""Compares bindings in some language with the interface: their debug information against the
description."""
