"""Election words by language and concept: data in the files beside this module.

A file holds phrases of the concepts that the rules combine. Phrases are
separated by commas; inside one, `vot*` and `*wahl` stand for any ending and
any beginning, `mail|postal` for either word, `#` for a number and `...` for up
to three words in between. Phrases are written as people write them, accents
included: the gate looks for these very letters, the detector folds both sides.
With `plain = true` the gate looks for the words of a file as they are written,
with and without accents, and not for slips in them: each word with its slips is
some fifty patterns, and compiling them all is most of what a start takes.
"""

from streams.detect.lexicon.load import (
    GAP_ELEMENT,
    GATE_CONCEPTS,
    STATEMENT,
    Hit,
    Lexicon,
    Phrase,
    fold_word,
    load_lexicon,
    parse_phrase,
)

__all__ = [
    "GAP_ELEMENT",
    "GATE_CONCEPTS",
    "STATEMENT",
    "Hit",
    "Lexicon",
    "Phrase",
    "fold_word",
    "load_lexicon",
    "parse_phrase",
]
