"""Disguises of words undone: what people do to letters so that machines do not read them.

What is undone keeps its case and its accents; what is not disguised stays as
it was published. Every step is linear in the text, and what is looked up word
by word is bounded by the number of words.
"""

# ruff: noqa: RUF001 - look-alikes are what this module undoes

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import islice, product

from streams.detect.draft import Draft, spread
from streams.detect.folding import FOLDED, MARKS, MIXED, TO_CYRILLIC, TO_GREEK, TO_LATIN
from streams.detect.vocabulary import FEWEST_LETTERS, MOST_LETTERS, load_vocabulary
from streams.detect.words import UNSPACED

MOST_READ = 1_000
"""Words of a post that are read for disguises; those behind them are read as they stand."""
MOST_ODD = 100
"""Words with signs among their letters; they are read in several ways."""
MOST_SEGMENTED = 30
"""Runs of spaced letters of a post in which words are looked for."""
_MOST_READINGS = 16
_VARIED = 4
"""Runs of one letter that are read as one letter and as two; two to their power are readings."""
_LETTERS_OF_A_JOINED_TEXT = 5
_FANCY_LETTERS = 3
_DOUBLED_LETTERS = 6
_SPLINTER = 2
"""Letters of the shortest part of a word that was only broken: `mid-term` was not."""
_HEAD_OF_A_MASK = 2
_HOLE = "\0"

_EUROPEAN = "A-Za-z\u00c0-\u058f\u1e00-\u1fff"
_LETTER = rf"[^\W\d_][{MARKS}]*"
_UNSEEN = "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u2064\u206a-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e01ef"  # noqa: E501
_DIRECTING = "\u200c-\u200f\u202a-\u202e\u2066-\u2069"
_HIDDEN = re.compile(
    rf"(?<=[^\W_{UNSPACED}])[{_UNSEEN}{_DIRECTING}]*[{_UNSEEN}][{_UNSEEN}{_DIRECTING}]*(?=[^\W_{UNSPACED}])"
    rf"|(?<=[{_EUROPEAN}])[{_DIRECTING}]+(?=[{_EUROPEAN}])"
)
_OVERLAID = re.compile(
    "[\u0305\u0332-\u0338\u033f\u0488\u0489\u20d0-\u20dc\u20e5-\u20f0]+|(?<=[^\\W\\d_])[\u0300-\u036f]{3,}"
)
_FANCY = re.compile(
    "[\u1d00-\u1d7f\u1d80-\u1dbf\u2071-\u209c\u2100-\u214f\u2160-\u217f\u249c-\u24e9\ua730\ua731"
    "\u0262\u026a\u0274\u0280\u028f\u0299\u029c\u029f\uff21-\uff3a\uff41-\uff5a"
    "\U0001d400-\U0001d7ff\U0001f110-\U0001f149\U0001f150-\U0001f169\U0001f170-\U0001f189]"
)
_FLAGS = re.compile("[\U0001f1e6-\U0001f1ff]{4,}")
_WIDE_SCRIPTS = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_FANCY_WORD = re.compile(rf"(?:[^\W_]|[{MARKS}]|{_FANCY.pattern}){{{_FANCY_LETTERS},}}")
_WORD = re.compile(r"\w+")
_BETWEEN = rf"([^\w{MARKS}]{{1,3}})"
_ITEM = rf"(?:{_LETTER}|[0-9@$!])"
_SPACED = re.compile(
    rf"(?<![\w@$#{MARKS}]){_ITEM}{_BETWEEN}{_ITEM}(?:\1{_ITEM}){{2,}}(?![\w{MARKS}])"
)
_SPACED_PIECE = re.compile(rf"{_ITEM}")
_SPACED_SHORT = re.compile(
    rf"(?:(?<=  )|(?<![^\n])){_LETTER} {_LETTER}(?: {_LETTER})?(?=  |\n|$)"
    rf"|(?<!\w){_LETTER}([.\-_*|/·~+])(?:{_LETTER}\1)?{_LETTER}(?!\w)"
)
_FAR = "\u0530-\u1fff\u3040-\ud7a3"
_SPACED_FAR = re.compile(
    rf"(?<![\w{MARKS}])[{_FAR}][{MARKS}]*([ .\-_*·])[{_FAR}][{MARKS}]*"
    rf"(?:\1[{_FAR}][{MARKS}]*){{0,2}}(?![\w{MARKS}])"
)
_TOKEN = re.compile(r"(?:https?://|www\.)\S+|[^\s\"“”«»()\[\]{},;<>…]{4,80}", re.IGNORECASE)
_SIGN_INSIDE = re.compile(r"\w\W+\w|[\d@$]")
_EDGES = re.compile(r"^[^\w@$]*(.*?)[^\w$@]*$", re.DOTALL)
_NEVER_LEET = re.compile(rf"['’{MARKS}]")
_SHOWN = re.compile(rf"[\w{MARKS}]")
_PART = re.compile(r"[^\s/'’:.-]{4,40}")
_ALIKE = {
    "0": "o", "1": "il", "2": "z", "3": "e", "4": "a", "5": "s", "6": "bg", "7": "t", "8": "b",
    "9": "g", "@": "a", "$": "s", "!": "il", "|": "li", "+": "t", "€": "e", "£": "l", "¡": "i",
    "¢": "c", "§": "s",
}  # fmt: skip
_ALIKE_CYRILLIC = {
    "0": "о", "1": "іл", "3": "з", "4": "ч", "6": "б", "8": "в", "9": "д", "@": "а", "7": "т",
}  # fmt: skip
_ALPHABET = "aeiouybcdfghjklmnpqrstvwxz"
_ALPHABET_CYRILLIC = "аеиоуыіїєюяйбвгґджзклмнпрстфхцчшщьъэ"
_STRETCHED = re.compile(r"(.)\1+")
_CYRILLIC = re.compile("[\u0400-\u052f]")
_LEETABLE = re.compile(r"[0-9@$!|+€£¡¢§]")
_LETTERS = re.compile(r"[^\W\d_]+")
_LETTERS_AT_THE_END = frozenset("$@035")
_OFTEN_MORE = frozenset("35@")
_YEAR = re.compile(r"(?<=[^\W_])(?:19|20)\d\d$")
_MASK = re.compile("[*#%^~•●○◯◦∗＊×✕░█■▪\u2190-\u2bff\U0001f000-\U0001faff]\ufe0f?|_")


def undisguise(text: str) -> str:
    """Return the text with the disguises of its letters undone, all else as published.

    Equal to the text when nothing is disguised. Pure and linear.
    """
    draft = Draft(text)
    undo(draft)
    return draft.text


def undo(draft: Draft) -> None:
    """Undo the disguises of a draft."""
    if not draft.text.isascii():
        draft.rewrite(_HIDDEN, _nothing)
        draft.rewrite(_OVERLAID, _nothing)
        if _FANCY.search(draft.text):
            wide = _WIDE_SCRIPTS.search(draft.text) is not None
            draft.rewrite(_FANCY_WORD, _plain_wide if wide else _plain)
        draft.rewrite(_FLAGS, _spelled_in_flags)
        if MIXED.search(draft.text):
            draft.rewrite(_WORD, one_script)
        draft.rewrite(_SPACED_FAR, _known_when_joined)
    if draft.rewrite(_SPACED, _Joiner()):
        draft.rewrite(_SPACED_SHORT, _joined_short)
    _read_tokens(draft)


def _nothing(run: str) -> list[str]:
    return [""] * len(run)


def _plain(word: str) -> list[str] | None:
    """Return a word in plain letters when it has styled ones."""
    if not _FANCY.search(word):
        return None
    return [_plain_letter(char) if _FANCY.match(char) else char for char in word]


def _plain_wide(word: str) -> list[str] | None:
    """Do so in a text of a script whose writers use wide letters for style."""
    if all("\uff00" < char <= "\uff5a" or char.isascii() for char in word):
        return None
    return _plain(word)


@lru_cache(maxsize=2048)
def _plain_letter(char: str) -> str:
    folded = FOLDED[char]
    if len(folded) != 1 or not folded.isascii():
        return char
    name = unicodedata.name(char, "")
    capital = "CAPITAL" in name and "SMALL CAPITAL" not in name
    return folded.upper() if capital or char.isupper() else folded


def _spelled_in_flags(flags: str) -> list[str] | None:
    word = "".join(FOLDED[char] for char in flags)
    return list(word.upper()) if load_vocabulary().knows(word) else None


def one_script(word: str) -> list[str] | None:
    """Return a word of mixed scripts in the one script that all its letters can be read in."""
    if not MIXED.search(word):
        return None
    for table, first, last in (
        (TO_LATIN, "A", "\u024f"),
        (TO_CYRILLIC, "\u0400", "\u052f"),
        (TO_GREEK, "\u0370", "\u03ff"),
    ):
        letters = [char if first <= char <= last else table.get(char, char) for char in word]
        if all(first <= char <= last for char in letters if char.isalpha()):
            return letters
    return None


class _Joiner:
    """Joins spaced letters; finds the words in a bounded number of runs of a post."""

    __slots__ = ("joined",)

    def __init__(self) -> None:
        self.joined = 0

    def __call__(self, run: str) -> list[str] | None:
        self.joined += 1
        return _joined(run, segment=self.joined <= MOST_SEGMENTED)


def _joined(run: str, *, segment: bool) -> list[str] | None:
    """Return `v o t e` without what stands between, `m a i l i n v o t e s` as words."""
    pieces = [""] * len(run)
    places = [match.span() for match in _SPACED_PIECE.finditer(run)]
    letters = "".join(run[start:end] for start, end in places)
    alphabetic = sum(char.isalpha() for char in letters)
    if 2 * alphabetic < len(places) or alphabetic < 2:  # noqa: PLR2004 - numbers are no words
        return None
    for start, end in places:
        pieces[start:end] = run[start:end]
    if segment and _LETTERS_OF_A_JOINED_TEXT <= len(places) <= MOST_LETTERS:
        for place in _words_begin(run, places):
            pieces[place - 1] = " "
    return pieces


def _words_begin(run: str, places: list[tuple[int, int]]) -> list[int]:
    """Return where words begin behind the first one in letters that were spaced alike."""
    begins: dict[int, int] = {}
    joined = ""
    for start, end in places:
        begins[len(joined)] = start
        joined += "".join(FOLDED[char] for char in run[start:end])
    vocabulary = load_vocabulary()
    if len(joined) > MOST_LETTERS or vocabulary.knows(joined):
        return []
    found = []
    at = 0
    for word in vocabulary.segmented(joined) or ():
        if at and at in begins:
            found.append(begins[at])
        at += len(word)
    return found


def _joined_short(run: str) -> list[str]:
    return ["" if char in " .-_*|/·~+" else char for char in run]


def _known_when_joined(run: str) -> list[str] | None:
    pieces = ["" if char in " .-_*·" else char for char in run]
    joined = "".join(FOLDED[char] for char in pieces if char)
    return pieces if load_vocabulary().has(joined) else None


def _sub_part(part: str, *, whole: str) -> list[str] | None:
    edges = _EDGES.match(part)
    if edges is None or not edges[1]:
        return None
    core = edges[1]
    start, end = edges.span(1)
    if core.isalpha():
        read = read_word(core)
    elif core == whole:
        return None
    else:
        read = read_leet(core) or (read_mask(core) if _MASK.search(core) else None)
    return None if read is None else [*part[:start], *read, *part[end:]]


_REMEMBERED = 50_000
_READ: dict[str, tuple[list[str] | None, bool]] = {}
"""Tokens as they were read, and whether they hold signs; emptied when full."""


def _read_tokens(draft: Draft) -> None:
    """Read each word of the draft, not more than the bounds: the same ones in every process."""
    changed: list[str] | None = None
    odd = 0
    for match in islice(_TOKEN.finditer(draft.text), MOST_READ):
        token = match[0]
        read = _READ.get(token)
        if read is None:
            is_odd = not token.isalpha() and _SIGN_INSIDE.search(token) is not None
            # Signs cost time: those of a post full of them are not read at all.
            pieces = _token(token) if not is_odd or odd < MOST_ODD else None
            read = pieces, is_odd
            if not is_odd or odd < MOST_ODD:
                if len(_READ) >= _REMEMBERED:
                    _READ.clear()
                _READ[token] = read
        pieces, is_odd = read
        odd += is_odd
        if pieces is not None and (odd <= MOST_ODD or not is_odd):
            changed = changed or list(draft.text)
            changed[match.start() : match.end()] = pieces
    if changed is not None:
        draft.replace(changed)


def _token(token: str) -> list[str] | None:
    if token.isalpha():
        return read_word(token) if len(token) <= MOST_LETTERS else None
    if "://" in token or token[:4].lower() == "www.":
        return None
    return _parts(token)


def _parts(token: str) -> list[str] | None:
    """Read a token of more than letters: whole, then its parts."""
    edges = _EDGES.match(token)
    if edges is None or not edges[1]:
        return None
    start, end = edges.span(1)
    core = token[start:end]
    if len(core) <= MOST_LETTERS and not core.isalpha():
        whole = read_leet(core) or (read_mask(core) if _MASK.search(core) else None)
        if whole is not None:
            return [*token[:start], *whole, *token[end:]]
    if core[0] == "@":
        return None
    pieces: list[str] | None = None
    for part in _PART.finditer(token):
        word = read_word(part[0]) if part[0].isalpha() else _sub_part(part[0], whole=core)
        if word is not None:
            pieces = pieces or list(token)
            pieces[part.start() : part.end()] = word
    return pieces


def read_word(word: str) -> list[str] | None:
    """Return a word of letters as it is meant, when it is stretched or misspelled."""
    vocabulary = load_vocabulary()
    folded = "".join(FOLDED[char] for char in word)
    if len(folded) < FEWEST_LETTERS or vocabulary.knows(folded):
        return None
    if len(folded) == len(word):
        squeezed = _squeezed(folded)
        if squeezed is not None:
            return [char if keep else "" for char, keep in zip(word, squeezed, strict=True)]
    corrected = vocabulary.corrected(folded)
    return None if corrected is None else spread(_cased(corrected, word), len(word))


def _squeezed(folded: str) -> list[bool] | None:
    """Return which letters of a stretched word to keep for a known one."""
    runs = [match.span() for match in _STRETCHED.finditer(folded)]
    if not runs:
        return None
    vocabulary = load_vocabulary()
    if folded in vocabulary.ordinary:
        return None
    stretched = any(end - start > 2 for start, end in runs)  # noqa: PLR2004 - doubles are ordinary
    options = [(1, 2) if stretched or end - start > 2 else (2, 1) for start, end in runs]  # noqa: PLR2004
    ends = [0, *(end for _, end in runs)]
    parts = [
        (folded[end:start] + folded[start], folded[end:start] + folded[start] * 2)
        for end, (start, _) in zip(ends, runs, strict=False)
    ]
    # The readings differ in the last letters alone.
    fixed = max(0, len(runs) - _VARIED)
    first = tuple(option[0] for option in options[:fixed])
    head = "".join(part[length - 1] for part, length in zip(parts, first, strict=False))
    rest = folded[ends[-1] :]
    for last in product(*options[fixed:]):
        word = head
        for part, length in zip(parts[fixed:], last, strict=True):
            word += part[length - 1]
        word += rest
        if len(word) < len(folded) and (
            vocabulary.knows(word)
            if stretched
            else len(word) >= _DOUBLED_LETTERS and vocabulary.names(word)
        ):
            keep = [True] * len(folded)
            for (start, end), length in zip(runs, first + last, strict=True):
                keep[start + length : end] = [False] * (end - start - length)
            return keep
    return None


def read_leet(core: str) -> list[str] | None:
    """Return a word with its digits and signs read as letters, joined, when it is known then.

    A year behind it stays: `3lection2024`.
    """
    vocabulary = load_vocabulary()
    parts = _LETTERS.findall(core)
    if (
        not parts
        or len(core) > MOST_LETTERS
        or _NEVER_LEET.search(core)
        or (not _LEETABLE.search(core) and min(map(len, parts)) > _SPLINTER)
    ):
        return None
    year = _YEAR.search(core)
    if year:
        word = read_leet(core[: year.start()])
        return None if word is None else [*word, *year[0]]
    hold = _stands(core, parts)
    if hold is None:
        return None
    alike = _ALIKE_CYRILLIC if _CYRILLIC.search(core) else _ALIKE
    options = [(char,) if char.isalpha() else tuple(alike.get(char, "")) or ("",) for char in core]
    readings = list(islice(product(*options), _MOST_READINGS))
    found = _likeliest(readings, whole=hold)
    if found is not None and core[-1] in _OFTEN_MORE and core[:-1].isalpha():
        # `day5` and `line@` are no words in disguise, `ballot5` surely is.
        found = found if vocabulary.is_core("".join(map(FOLDED.__getitem__, found))) else None
    if found is not None:
        return _capitals(_with_hyphens(found, core), core)
    # All signs stand between letters rather than for them: `v|o|t|e`.
    if not hold and _LEETABLE.search(core) and not any(char.isdigit() for char in core):
        return _known([char if char.isalpha() else "" for char in core])
    return None


def _stands(core: str, parts: list[str]) -> bool | None:
    """Do parts of a token stand for themselves, so that it must be a word of the lists, whole?

    None: it is read as it stands. `vote2024now` and `mail-in` are; `covid19` is no word either way.
    """
    vocabulary = load_vocabulary()
    folded = ["".join(map(FOLDED.__getitem__, part)) for part in parts]
    if any(map(vocabulary.knows, folded)):
        # One sign at the end may be a letter: `vote$`, `mandat0`. Other digits count: `vote1`.
        may = core[-1].isalpha() or (core[:-1].isalpha() and core[-1] in _LETTERS_AT_THE_END)
        return True if may and _LEETABLE.search(core) else None
    if len(parts) > 1 and any(len(part) > _SPLINTER and vocabulary.has(part) for part in folded):
        return True if _LEETABLE.search(core) else None
    return False


def _likeliest(readings: list[tuple[str, ...]], *, whole: bool) -> list[str] | None:
    """Return the first reading that names an election, else one of the lists, else one like them.

    Args:
        readings: letters for each character, in order.
        whole: only words that the lists hold as they are count.
    """
    vocabulary = load_vocabulary()
    known: list[str] | None = None
    held: list[str] | None = None
    for letters in readings:
        folded = "".join(map(FOLDED.__getitem__, filter(None, letters)))
        if len(folded) < FEWEST_LETTERS or not folded.isalpha():
            continue
        ordinary = folded in vocabulary.ordinary
        if vocabulary.has(folded):
            if vocabulary.opens(folded) and not (ordinary and len(folded) < _DOUBLED_LETTERS):
                return list(letters)
            if not ordinary:
                held = held or list(letters)
        elif not whole and not ordinary and vocabulary.knows(folded):
            known = known or list(letters)
    if held is not None or known is not None:
        return held or known
    for letters in readings:
        found = _known(letters)
        if found is not None and (
            not whole or vocabulary.has("".join(map(FOLDED.__getitem__, filter(None, found))))
        ):
            return found
    return None


def _known(letters: list[str] | tuple[str, ...]) -> list[str] | None:
    """Return the letters when they are a known word, stretched or not."""
    vocabulary = load_vocabulary()
    folded = "".join(map(FOLDED.__getitem__, filter(None, letters)))
    if len(folded) < FEWEST_LETTERS or not folded.isalpha() or folded in vocabulary.ordinary:
        return None
    if vocabulary.knows(folded):
        return list(letters)
    kept = [char for char in letters if char]
    if len(folded) == len(kept):
        squeezed = _squeezed(folded)
        if squeezed is not None:
            keep = iter(squeezed)
            return [char if char and next(keep) else "" for char in letters]
    return None


def _with_hyphens(letters: list[str], core: str) -> list[str]:
    """Return `m411-in` as `mail-in`: what stands on both sides of the hyphen are words."""
    if "-" not in core:
        return letters
    kept = ["-" if char == "-" else letter for char, letter in zip(core, letters, strict=True)]
    has = load_vocabulary().has
    pieces = "".join(kept).split("-")
    return kept if all(has("".join(map(FOLDED.__getitem__, one))) for one in pieces) else letters


def read_mask(core: str) -> list[str] | None:
    """Return the word that `v*te` or `el***ion` stands for."""
    runs = [match.span() for match in _MASK.finditer(core)]
    if not runs or runs[0][0] == 0 or runs[-1][1] == len(core):
        return None
    letters = "".join(FOLDED[char] if _SHOWN.match(char) else char for char in core)
    if len(letters) != len(core):
        return None
    for start, end in runs:
        letters = letters[:start] + _HOLE * (end - start) + letters[end:]
    hidden = letters.count(_HOLE)
    shown = len(letters) - hidden
    if shown < _HEAD_OF_A_MASK or any(char.isdigit() for char in letters):
        return None
    found = load_vocabulary().masked(letters, _HOLE) if shown >= hidden else None
    if found is None and hidden == 1:
        found = _with_one_letter(letters)
    if found is None and len(runs) == 1:
        # A text may hold the sign for a hole itself: then there is no mask to be read.
        head, hole, tail = letters.partition(_HOLE * hidden)
        found = _with_letters_between(head, tail) if hole and _HOLE not in tail else None
    if found is None:
        return None
    meant = _cased(found, core)
    if len(meant) != len(core):
        return spread(meant, len(core))
    return [
        new if at == _HOLE else char for at, char, new in zip(letters, core, meant, strict=True)
    ]


def _with_one_letter(letters: str) -> str | None:
    """Return the word with an ending that opens the gate with some letter in the hole."""
    if len(letters) < FEWEST_LETTERS:
        return None
    for letter in _ALPHABET_CYRILLIC if _CYRILLIC.search(letters) else _ALPHABET:
        word = letters.replace(_HOLE, letter)
        if load_vocabulary().opens(word):
            return word
    return None


def _with_letters_between(head: str, tail: str) -> str | None:
    if len(head) < _HEAD_OF_A_MASK or len(head) + len(tail) < FEWEST_LETTERS:
        return None
    return load_vocabulary().stretched_mask(head, tail)


def _cased(word: str, like: str) -> str:
    """Return a word in the case of another."""
    letters = [char for char in like if char.isalpha()]
    if len(letters) > 1 and all(char.isupper() for char in letters):
        return word.upper() if len(word.upper()) == len(word) else word
    if letters and letters[0].isupper():
        return word[:1].upper() + word[1:]
    return word.lower() if word.isupper() else word


def _capitals(letters: list[str], like: str) -> list[str]:
    """Return letters in capitals when those that stood there are."""
    written = [char for char in like if char.isalpha()]
    if len(written) > 1 and all(char.isupper() for char in written):
        return [char.upper() for char in letters]
    return letters
