"""A text folded to one case, one width and no accents, its disguises left as they are."""

from __future__ import annotations

import re
import unicodedata

from streams.detect.draft import Draft, Normalised
from streams.detect.folding import FOLDED

_DECOMPOSED = re.compile("[^\u0300-\u036f\u1161-\u11ff\u3099\u309a][\u1161-\u11ff\u3099\u309a]+")
_HASHTAG = re.compile(r"#\w+")
_CAMEL = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def fold_text(text: str) -> Normalised:
    """Return the text folded, for words that nobody disguised: those of the data."""
    draft = Draft(text)
    fold(draft)
    return draft.normalised()


def fold(draft: Draft) -> None:
    """Fold a draft and put spaces between the words of `#StopTheSteal`."""
    if draft.text.isascii():
        if "#" in draft.text:
            draft.rewrite(_HASHTAG, _split_camel)
        draft.text = draft.text.lower()
        if not draft.text.isprintable():
            draft.replace(list(map(FOLDED.__getitem__, draft.text)))
        return
    if not unicodedata.is_normalized("NFC", draft.text):
        draft.rewrite(_DECOMPOSED, _compose)
    if "#" in draft.text:
        draft.rewrite(_HASHTAG, _split_camel)
    draft.replace(list(map(FOLDED.__getitem__, draft.text)))


def _compose(cluster: str) -> list[str]:
    """Compose letters that were sent in pieces, such as Hangul syllables."""
    composed = unicodedata.normalize("NFC", cluster)
    return [composed] + [""] * (len(cluster) - 1)


def _split_camel(hashtag: str) -> list[str]:
    pieces = list(hashtag)
    for match in _CAMEL.finditer(hashtag):
        pieces[match.start()] = " " + pieces[match.start()]
    return pieces
