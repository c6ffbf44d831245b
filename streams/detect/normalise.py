"""Text as people read it, with the way back to the text as published.

Every step is linear in the text: posts are hostile.
"""

from __future__ import annotations

import re
from functools import lru_cache

from streams.detect.disguises import undisguise, undo
from streams.detect.draft import Draft, Normalised
from streams.detect.folding import FOLDED, MARKS
from streams.detect.plain import fold
from streams.detect.vocabulary import MOST_LETTERS, load_vocabulary

__all__ = ["Normalised", "normalise"]

MOST_CHARACTERS = 20_000
"""Of a post: what stands behind them is not read. Longer than the networks' own posts are."""
MOST_SHOWN = 6_000
"""Of a post: what a reader of words is given comes from them."""
MOST_HASHTAGS = 60
"""Of a post: those behind them stay joined."""
_LETTER = r"[^\W\d_]"
_JOINED_HASHTAG = re.compile(rf"#(?:{_LETTER}|[{MARKS}]){{6,}}(?!\w)")
_HASHTAG = re.compile(rf"(?<![\w&/#])#((?:{_LETTER}|[{MARKS}]){{3,40}})(?!\w)")
_WORD_AFTER = re.compile(r"[^\w\s#]{0,4}\s{1,4}[^\W\d_]|-[^\W\d_]")
_WORD_BEFORE = re.compile(r"(?:^|(?<=\s))[^\W\d_#@][\w'\u2019-]*[,;:]?\s{1,4}\Z")
_LOOK_BACK = 40
_STRETCHED = re.compile(rf"({_LETTER})\1{{2,}}")
_LEET_WORD = re.compile(r"(?<![\w@$!|])[a-z0-9@$!|]*[a-z][a-z0-9@$!|]*(?![\w@$])")
_LEET_SIGN = re.compile(r"[a-z][0-9@$!|]+[a-z]|(?<![\w@$])[0-9$][a-z]{3}")
_LEET = {"0": "o", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s", "!": "i", "|": "l"}  # fmt: skip # noqa: E501
_LEET_LETTERS = 2
_VOWELS = frozenset("aeiou")


def normalise(text: str) -> Normalised:
    """Return the text folded: one case, one width, no accents, no hiding places.

    Of a longer text its first `MOST_CHARACTERS`.
    """
    draft = Draft(text[:MOST_CHARACTERS])
    undo(draft)
    fold(draft)
    # One character may fold to eighteen.
    draft.cut(MOST_CHARACTERS)
    if "#" in draft.text:
        draft.rewrite(_JOINED_HASHTAG, _Hashtags().split)
    if _LEET_SIGN.search(draft.text):
        draft.rewrite(_LEET_WORD, _unleet)
    draft.rewrite(_STRETCHED, _squeeze)
    return draft.normalised()


def readable(text: str) -> str:
    """Return the text as published, without disguises and with joined hashtags parted.

    What a reader of words is given, who knows case and accents; see `undisguise`. Of a longer
    text its first `MOST_SHOWN` characters: such readers look at fewer.
    """
    shown = undisguise(text[:MOST_SHOWN])
    if "#" not in shown:
        return shown
    hashtags = _Hashtags()
    shown = _HASHTAG.sub(_in_running_text, shown)

    def part(hashtag: re.Match[str]) -> str:
        pieces = (
            hashtags.split(hashtag[0].lower())
            if len(hashtag[0].lower()) == len(hashtag[0])
            else None
        )
        if pieces is None:
            return hashtag[0]
        said = "".join(
            " " + sign if piece.startswith(" ") else sign
            for sign, piece in zip(hashtag[0], pieces, strict=True)
        )
        return said[1:]

    return _JOINED_HASHTAG.sub(part, shown)


def _in_running_text(hashtag: re.Match[str]) -> str:
    """Return a small word of the lists without the sign when it stands among words.

    `they dumped #ballots in a river` is a sentence; tags behind one stay tags.
    """
    word = hashtag[1]
    if word != word.lower():
        return hashtag[0]
    text = hashtag.string
    among = _WORD_AFTER.match(text, hashtag.end()) or _WORD_BEFORE.search(
        text, max(0, hashtag.start() - _LOOK_BACK), hashtag.start()
    )
    known = among and load_vocabulary().has("".join(map(FOLDED.__getitem__, word)))
    return word if known else hashtag[0]


class _Hashtags:
    """Puts spaces between the words of `#stopthesteal`."""

    __slots__ = ("read",)

    def __init__(self) -> None:
        self.read = 0

    def split(self, hashtag: str) -> list[str] | None:
        self.read += 1
        if self.read > MOST_HASHTAGS or len(hashtag) > MOST_LETTERS:
            return None
        words = _segments(hashtag[1:])
        if words is None:
            return None
        pieces = list(hashtag)
        at = 1
        for word in words[:-1]:
            at += len(word)
            pieces[at] = " " + pieces[at]
        return pieces


@lru_cache(maxsize=10_000)
def _segments(joined: str) -> list[str] | None:
    vocabulary = load_vocabulary()
    return None if vocabulary.has(joined) else vocabulary.segmented(joined)


def _unleet(word: str) -> list[str]:
    """Read digits and signs among letters as the letters that they look like.

    Digits at the end of a word without others (`covid19`), at the start of few letters (`2nd`) and
    numbers of three digits or more (`vote2024now`) are digits.
    """
    pieces = list(word)
    length = len(word)
    if sum(char.isalpha() for char in word) < _LEET_LETTERS:
        return pieces
    place = 0
    undone = False
    while place < length:
        if word[place].isalpha():
            place += 1
            continue
        end = place
        while end < length and not word[end].isalpha():
            end += 1
        inside = undone if end == length else place > 0 or length - end > _LEET_LETTERS
        if inside and end - place <= _LEET_LETTERS:
            for at in range(place, end):
                pieces[at] = _letter_of(pieces, word, at)
            undone = True
        place = end
    return pieces


def _letter_of(pieces: list[str], word: str, at: int) -> str:
    """`1` stands for l beside a vowel and for i between consonants."""
    sign = word[at]
    if sign == "1":
        before = pieces[at - 1] if at else ""
        after = word[at + 1] if at + 1 < len(word) else ""
        return "l" if before in _VOWELS or after in _VOWELS or after == "1" else "i"
    return _LEET.get(sign, sign)


def _squeeze(run: str) -> list[str]:
    """Keep one letter of `voooote`."""
    return [run[0]] + [""] * (len(run) - 1)
