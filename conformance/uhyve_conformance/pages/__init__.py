# SPDX-License-Identifier: MIT OR Apache-2.0
"""The pages people read: templates, style and script that all of them share."""
