"""The encoder's own pieces of words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streams.detect.model.base import Vocabulary

MAX_TOKENS = 96
"""A post has 30 to 60; what follows is not read."""
QUERY = "query: "
PASSAGE = "passage: "


class Tokens:
    """Texts to ids, with the marks for beginning and end."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._tokenizer = Tokenizer(
            models.Unigram(list(vocabulary.pieces), unk_id=vocabulary.unknown, byte_fallback=False)
        )
        self._tokenizer.normalizer = normalizers.Sequence(
            [normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()]
        )
        self._tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(
            replacement="▁", prepend_scheme="always", split=False
        )

    def encode(
        self, texts: Sequence[str], *, prefix: str = QUERY, most: int = MAX_TOKENS
    ) -> list[list[int]]:
        """Return the ids of each text, at most `most`, no padding."""
        inside = most - 2
        begin, end = self._vocabulary.begin, self._vocabulary.end
        # A long post costs as much as its first words; a piece has 16 characters at most.
        cut = [prefix + text[: inside * 16] for text in texts]
        return [
            [begin, *encoding.ids[:inside], end]
            for encoding in self._tokenizer.encode_batch(cut, add_special_tokens=False)
        ]
