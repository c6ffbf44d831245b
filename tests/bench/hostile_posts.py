# ruff: noqa: RUF001 - disguised letters are what is made

"""Posts that are as long as a post may be and made to cost as much as they can."""

import re
from collections.abc import Callable, Mapping
from random import Random

from streams.detect.attacks import ATTACKS
from streams.schema.post import MAX_TEXT_CHARACTERS

_WORDS = [
    "vote",
    "votes",
    "voting",
    "voter",
    "ballot",
    "ballots",
    "election",
    "elections",
    "fraud",
    "stolen",
    "counted",
    "rigged",
    "mail",
    "machine",
    "machines",
    "polling",
    "station",
    "officials",
    "results",
    "county",
    "dead",
    "people",
    "dumped",
    "burned",
    "found",
]
_SMALL_TALK = [
    "the",
    "a",
    "of",
    "in",
    "at",
    "we",
    "they",
    "said",
    "was",
    "not",
    "about",
    "river",
    "house",
    "morning",
    "bread",
    "music",
]
_ELSEWHERE = [
    "выборы",
    "бюллетени",
    "голоса",
    "подделаны",
    "избиратели",
    "εκλογες",
    "ψηφοι",
    "انتخابات",
    "تزوير",
    "चुनाव",
    "मतदान",
    "selección",
    "élections",
    "wählen",
    "urnas",
    "pusulaları",
    "seçimler",
    "hileli",
    "wybory",
    "głosy",
]
_UNSPACED = [
    "選挙",
    "投票",
    "開票",
    "不正",
    "票",
    "中止",
    "の",
    "が",
    "は",
    "국민",
    "선거",
    "การเลือกตั้ง",
]
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _texts(unit: Callable[[Random], str]) -> Callable[[Random, int], str]:
    """Return a maker of posts out of units: as many as go into the characters."""

    def make(chance: Random, length: int) -> str:
        pieces: list[str] = []
        total = 0
        while total < length:
            piece = unit(chance)
            pieces.append(piece)
            total += len(piece)
        return "".join(pieces)[:length]

    return make


def _word(chance: Random) -> str:
    return chance.choice(_WORDS if chance.random() < 0.5 else _SMALL_TALK)


def _nonsense(chance: Random, least: int = 4, most: int = 12) -> str:
    return "".join(chance.choices(_LETTERS, k=chance.randint(least, most)))


def _attacked(name: str) -> Callable[[Random], str]:
    def unit(chance: Random) -> str:
        word = chance.choice(_WORDS)
        return ATTACKS[name](word, [word], chance) + " "

    return unit


def _slip(chance: Random) -> str:
    word = chance.choice([word for word in _WORDS if len(word) > 5])
    at = chance.randrange(1, len(word))
    return word[:at] + chance.choice(_LETTERS) + word[at + chance.randint(0, 1) :] + " "


def _single(sign: str) -> Callable[[Random, int], str]:
    return lambda _chance, length: (sign * length)[:length]


HOSTILE: Mapping[str, Callable[[Random, int], str]] = {
    **{name: _texts(_attacked(name)) for name in ATTACKS},
    "words": _texts(lambda chance: _word(chance) + " "),
    "election words alone": _texts(lambda chance: chance.choice(_WORDS) + " "),
    "one election word": _single("vote "),
    "words of many languages": _texts(lambda chance: chance.choice(_ELSEWHERE) + " "),
    "words without spaces": _texts(lambda chance: chance.choice(_UNSPACED)),
    "words nobody knows": _texts(lambda chance: _nonsense(chance) + " "),
    "slips": _texts(_slip),
    "stretched letters": _texts(lambda chance: "".join(c * 3 for c in _nonsense(chance)) + " "),
    "mixed scripts": _texts(
        lambda chance: (
            re.sub("[aeo]", lambda m: {"a": "а", "e": "ε", "o": "о"}[m[0]], chance.choice(_WORDS))
            + " "
        )
    ),
    "accents piled up": _texts(
        lambda chance: "".join(c + "\u0301\u0336\u0489" for c in chance.choice(_WORDS)) + " "
    ),
    "accents alone": _single("\u0301\u0316"),
    "one letter with accents": _single("e" + "\u0301" * 60),
    "letters in squares": _texts(
        lambda chance: "".join(chr(0x1F170 + ord(c) - 97) for c in chance.choice(_WORDS)) + " "
    ),
    "letters of mathematics": _texts(
        lambda chance: "".join(chr(0x1D41A + ord(c) - 97) for c in chance.choice(_WORDS)) + " "
    ),
    "flags": _texts(
        lambda chance: "".join(chr(0x1F1E6 + ord(c) - 97) for c in chance.choice(_WORDS)) + " "
    ),
    "masks of many kinds": _texts(
        lambda chance: _nonsense(chance, 2, 3) + chance.choice("*#%●🔥_") + _nonsense(chance) + " "
    ),
    "masks alone": _single("a*"),
    "leet of nonsense": _texts(
        lambda chance: "".join(chance.choice(_LETTERS + "1340@$!|") for _ in range(9)) + " "
    ),
    "spaced nonsense": _texts(lambda chance: " ".join(_nonsense(chance, 5, 30)) + ". "),
    "spaced without end": _texts(lambda chance: chance.choice(_LETTERS) + " "),
    "dotted without end": _texts(lambda chance: chance.choice(_LETTERS) + "."),
    "signs between letters": _texts(lambda chance: chance.choice(_LETTERS) + chance.choice(".-|/")),
    "one long hashtag": lambda chance, length: "#" + _texts(_word)(chance, length - 1),
    "one long hashtag in capitals": lambda chance, length: (
        "#" + _texts(lambda other: _word(other).title())(chance, length - 1)
    ),
    "joined hashtags": _texts(lambda chance: "#" + "".join(_word(chance) for _ in range(4)) + " "),
    "hashtags of nonsense": _texts(lambda chance: "#" + _nonsense(chance, 20, 38) + " "),
    "hash signs alone": _single("#"),
    "emoji": _texts(lambda chance: chance.choice("🗳️🔥😂🇺🇸👍🏽👩‍👩‍👧")),
    "signs of direction": _texts(
        lambda chance: chance.choice("\u202e\u202a\u2066\u200f") + chance.choice(_LETTERS)
    ),
    "unseen signs alone": _single("\u200b\u200c\u200d\u2060"),
    "one letter": _single("a"),
    "one capital": _single("A"),
    "one digit": _single("1"),
    "one full stop": _single("."),
    "spaces": _single(" "),
    "line breaks": _single("\n"),
    "escapes": _single('\\u0076"\\n'),
    "nested quotes": _single("\"'“‘«"),
    "brackets": _single("(["),
    "addresses": _texts(lambda chance: f"https://{_nonsense(chance)}.example/{_word(chance)} "),
    "one long address": lambda chance, length: "https://" + _texts(_nonsense)(chance, length - 8),
    "handles": _texts(lambda chance: f"@{_nonsense(chance)}.{_word(chance)} "),
    "digits and letters": _texts(
        lambda chance: _nonsense(chance, 1, 2) + str(chance.randint(0, 9))
    ),
    "dates and hours": _texts(
        lambda chance: f"vote on November {chance.randint(1, 31)} until {chance.randint(1, 12)}pm. "
    ),
    "stretched election words": _texts(
        lambda chance: "".join(c * chance.randint(1, 3) for c in chance.choice(_WORDS)) + " "
    ),
    "Indic": _texts(lambda chance: chance.choice("कखगचज") + chance.choice("ािीुू ")),
    "pieces of Hangul": _single("\u1112\u1161\u11ab"),
    "ligatures": _single("ﷺﬁ"),
}
"""Makers of hostile posts by name: random numbers and a length give a text."""


def hostile_post(name: str, *, seed: int, length: int = MAX_TEXT_CHARACTERS) -> str:
    """Return a post of this kind; the same name, seed and length give the same one."""
    return HOSTILE[name](Random(f"{name}:{seed}"), length)  # noqa: S311 - a repeatable choice
