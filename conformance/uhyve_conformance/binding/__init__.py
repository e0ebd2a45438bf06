# SPDX-License-Identifier: MIT OR Apache-2.0
"""Whether bindings in some language match the interface: their debug information against the
description."""
