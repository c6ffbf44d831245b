"""What opens the gate whatever the words are: signs of letters in disguise."""

from __future__ import annotations

from streams.detect.gate.edges import LEFT
from streams.detect.spelling import escape

ALWAYS: tuple[bytes, ...] = (
    rb"\x00[^{]",  # not a JSON object: to be judged by who can report it
    rb"\\u",  # an escaped character may be a letter of an election word
    rb'"op"\s{0,20}:\s{0,20}"(?:update|delete)"',  # may take a label back, whatever it says
)
"""What is let through for another reason than its words."""
_UNSEEN = rb"(?:\xc2\xad|\xe2\x80[\x8b-\x8f\xaa-\xae]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf|\xcd\x8f)"
_UNSEEN_NOT_JOINER = rb"(?:\xc2\xad|\xe2\x80[\x8b\x8d-\x8f]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf)"
_ALPHABETIC = rb"(?:[a-zA-Z]|[\xc3-\xc5][\x80-\xbf])"
_FAR = rb"(?:[\xd6\xd7\xe0-\xed][\x80-\xbf]{1,2})"
_BREAKING = rb"(?:\xc2\xad|\xe2\x80\x8b|\xe2\x81\xa0|\xef\xbb\xbf)"
_FOREIGN = rb"(?:[\xce\xcf\xd0\xd1\xd4\xd5][\x80-\xbf])"
_ARABIC = rb"[\xd8-\xdb][\x80-\xbf]"
_SPACERS = (
    rb" {1,3}", rb" ?\. ?", rb" ?- ?", rb"_", rb" ?\* ?", rb" ?\| ?", rb" ?\\?/ ?", rb"~", rb"\+",
    rb"=", rb":", rb"\xc2[\xa0\xb7]", rb" ?\xe2[\x80-\xbf][\x80-\xbf] ?",
    rb" ?\xf0\x9f[\x80-\xbf][\x80-\xbf] ?",
)  # fmt: skip
# Letters of Greek and Cyrillic, one by one: a scan has no word for the same again.
_ALPHABET_PAIRS = [
    escape(chr(point).encode())
    for first, last in ((0x3B1, 0x3CA), (0x410, 0x460))
    for point in range(first, last)
]


def _spaced(letter: bytes) -> list[bytes]:
    return [letter + (spacer + letter) * 3 for spacer in _SPACERS]


DISGUISES: tuple[bytes, ...] = (
    rb"[A-Za-z]" + _UNSEEN,
    _UNSEEN + rb"[A-Za-z]",
    _FOREIGN + _UNSEEN_NOT_JOINER + _FOREIGN,
    _ARABIC + _UNSEEN_NOT_JOINER + _ARABIC,
    _ARABIC + rb"\xd9[\x80\x8b-\x9f]",  # stretched or pointed Arabic
    rb"\xd7[\x90-\xaa]\xd6[\xb0-\xbf]",  # pointed Hebrew
    # Combining marks that no language puts on these letters.
    rb"[A-Za-z]\xcc[\x85\x8b\x8d-\x9a\x9c-\xa2\xa4-\xa6\xa9-\xbf]",
    rb"[A-Za-z](?:\xcd[\x80-\xaf]|\xe1\xb7|\xe2\x83[\x90-\xbf])",
    rb"(?:\xcc[\x80-\xbf]){3}",
    rb"[A-Za-z]" + _FOREIGN,
    _FOREIGN + rb"[A-Za-z]",
    rb"\xef\xbc[\xa1-\xba]|\xef\xbd[\x81-\x9a]",  # fullwidth letters
    # Arabic letters in their printed shapes.
    rb"\xef(?:\xad[\x90-\xbf]|[\xae-\xb7].|\xb9[\xb0-\xbf]|\xba.|\xbb[\x80-\xbc])",
    rb"\xf0\x9d[\x90-\x9a]",  # mathematical letters
    rb"\xe2\x92[\x9c-\xbf]|\xe2\x93[\x80-\xa9]",  # letters in brackets and circles
    rb"\xf0\x9f(?:\x84[\x90-\xbf]|\x85[\x80-\xbf]|\x86[\x80-\x89])",  # letters in squares
    rb"(?:\xf0\x9f\x87[\xa6-\xbf].?){5}",  # more flags in a row than people put
    rb"\xe1\xb4[\x80-\xab]",  # small capitals
    _FAR + _BREAKING + _FAR,
    rb"[A-Za-z\x80-\xbf]\*{1,5}[A-Za-z\xc3-\xed]",  # censored
    rb"[A-Za-z](?:\xe2\x80\xa2|\xe2\x97[\x80-\xbf]|\xe2\xad\x95|\xe2\x96[\x80-\xbf])[A-Za-z]",
    LEFT + rb"[A-Za-z]{1,12}\xf0\x9f[\x80-\xbf][\x80-\xbf](?:\xef\xb8\x8f)?[a-z]",
    _FOREIGN + rb"[0-9@*]" + _FOREIGN,
    *(rb"(?:%s){3}" % pair for pair in _ALPHABET_PAIRS),
    rb"[A-Za-z](?:\xe1[\x8e\x8f]|\xea\xad[\xb0-\xbf]|\xea\xae)",  # Cherokee look-alikes
    # Letters that are met in disguises rather than in words.
    rb"\xd4[\x80\x81\x9a-\x9d]|\xd1[\xb4\xb5]|\xd2[\xba\xbb]|\xd3\x8f",
    *_spaced(_FOREIGN),
)
"""Signs that letters are disguised; the detector undoes it."""
SPACED: tuple[bytes, ...] = tuple(LEFT + spaced + rb"[^a-z]" for spaced in _spaced(_ALPHABETIC))
"""The same for Latin letters with something between them: faster to find by themselves."""
