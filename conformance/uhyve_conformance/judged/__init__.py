# SPDX-License-Identifier: MIT OR Apache-2.0
"""Guests are judged: does an image, and what it does, keep the rules for guests?"""
