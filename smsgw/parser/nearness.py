"""How far two folded words are from each other. Nearness only ever suggests; it never decides about money."""

from __future__ import annotations

from typing import Final

# A long word may hold two slips of the finger and still be the same word; in a short one, one slip is another word.
LONG_WORD: Final = 8
# Fewer letters are the beginning of too many names.
PREFIX_LENGTH_MIN: Final = 3


def near(typed: str, word: str) -> bool:
    """True if *typed* is *word* with one slip (two in a word of eight letters or more)."""
    slips_max = 2 if len(word) >= LONG_WORD else 1
    if abs(len(typed) - len(word)) > slips_max:
        return False
    # Each slip spoils one of the pieces at most, so one piece more than slips is still whole: cheap to look for.
    size = len(word) // (slips_max + 1)
    pieces = (word[size * place : size * (place + 1)] for place in range(slips_max + 1))
    return any(piece in typed for piece in pieces) and distance(typed, word, slips_max) <= slips_max


def begins(typed: str, word: str) -> bool:
    """True if *typed* is at least three letters long and *word* goes on from it."""
    return len(typed) >= PREFIX_LENGTH_MIN and word.startswith(typed)


def distance(one: str, other: str, most: int = 100) -> int:
    """The number of letters to insert, drop or change to get from *one* to *other* (Levenshtein 1965).

    Above *most* the answer is only known to be more than that: a catalogue has a thousand names, and most are far.
    """
    row = list(range(len(other) + 1))
    for count, letter in enumerate(one, 1):
        diagonal, row[0] = row[0], count
        for column, mark in enumerate(other, 1):
            change = diagonal + (letter != mark)
            diagonal = row[column]
            row[column] = min(change, diagonal + 1, row[column - 1] + 1)
        if min(row) > most:
            return most + 1
    return row[-1]
