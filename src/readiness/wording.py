"""Puts numbers and nouns together for messages. English only; judges nothing."""

from __future__ import annotations


def count(number: int, noun: str) -> str:
    """ "1 route", "2 routes", "1,200 source files"; `noun` takes an -s in the plural."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
