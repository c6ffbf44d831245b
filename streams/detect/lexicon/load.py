"""Read the word lists and find their phrases in a text."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING

from streams.detect.plain import fold_text
from streams.detect.words import is_number, is_unspaced, split

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streams.detect.words import Words

GATE_CONCEPTS = frozenset({
    "ballot", "body", "early_vote", "election", "exit_poll", "fraud_vote", "machine_vote",
    "mail_vote", "poll_place", "poll_worker", "register_vote", "result_vote", "statement", "vote",
    "voter",
})  # fmt: skip
"""What a post must name, in any language, to be looked at: the gate lets these through."""

STATEMENT = "statement"
"""Words of known claims that name no election."""
GAP = "..."
GAP_ELEMENT = (GAP,)
GAP_WORDS = 3
NUMBER = "#"
JOINTS = frozenset({"", " ", "-", "_", "'"})
"""What may stand between two words of a phrase; the gate looks for no more."""
MAX_HITS = 2_000
"""Of one post: a post that repeats a word 50,000 times says it no better."""
MAX_REMEMBERED = 200_000
MAX_WORD = 64
"""Letters of a word that are looked at."""
_NONE: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase of one concept in one language."""

    concept: str
    language: str
    elements: tuple[tuple[str, ...], ...]
    """Alternatives for each word, as written; a gap is `("...",)`."""
    prefixes: tuple[str, ...] = ()
    """Articles and prepositions that the language writes onto its words."""
    plain: bool = False
    """Does the gate look for the words as they are written only, not for slips in them?"""

    def alternatives(self, element: tuple[str, ...]) -> tuple[str, ...]:
        """Return the words of one element with what may be written onto them."""
        return tuple(
            prefix + word
            for word in element
            for prefix in (("", *self.prefixes) if word[0] not in "*#." else ("",))
        )


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase that stands in a text: words `first` to `last`, both included."""

    concept: str
    language: str
    first: int
    last: int


def parse_phrase(
    concept: str,
    language: str,
    written: str,
    prefixes: tuple[str, ...] = (),
    *,
    plain: bool = False,
) -> Phrase:
    """Return the phrase of one written line.

    Raises:
        ValueError: it has no word, or begins or ends with a gap.
    """
    elements: list[tuple[str, ...]] = []
    for part in written.split():
        alternatives = tuple(part.split("|"))
        if part != GAP and len(alternatives) == 1 and is_unspaced(part):
            # Scripts without spaces: every character is a word of its own.
            elements.extend((char,) for char in part)
        else:
            elements.append(alternatives)
    if not elements or GAP_ELEMENT in {elements[0], elements[-1]}:
        raise ValueError(f"{language}: {concept}: {written!r} is not a phrase")
    return Phrase(concept, language, tuple(elements), prefixes, plain)


@dataclass(slots=True)
class Lexicon:
    """All phrases, ready to be found; deterministic, linear in the text."""

    phrases: tuple[Phrase, ...]
    digest: str
    _exact: dict[str, set[int]] = field(default_factory=dict)
    _prefixes: dict[str, set[int]] = field(default_factory=dict)
    _suffixes: dict[str, set[int]] = field(default_factory=dict)
    _infixes: dict[str, set[int]] = field(default_factory=dict)
    _by_first: dict[int, list[tuple[int, tuple[int, ...]]]] = field(default_factory=dict)
    _remembered: dict[str, tuple[int, ...]] = field(default_factory=dict)
    _prefix_lengths: tuple[int, ...] = ()
    _suffix_lengths: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        atoms: dict[tuple[str, ...], int] = {GAP_ELEMENT: -1}
        for index, phrase in enumerate(self.phrases):
            ids = []
            for element in map(phrase.alternatives, phrase.elements):
                if element not in atoms:
                    atoms[element] = len(atoms)
                    for word in element:
                        self._add(word, atoms[element])
                ids.append(atoms[element])
            self._by_first.setdefault(ids[0], []).append((index, tuple(ids[1:])))
        self._prefix_lengths = tuple(sorted(set(map(len, self._prefixes)) - {0}))
        self._suffix_lengths = tuple(sorted(set(map(len, self._suffixes)) - {0}))

    def _add(self, word: str, atom: int) -> None:
        core = fold_word(word.strip("*"))
        if word.startswith("*"):
            table = self._infixes if word.endswith("*") else self._suffixes
        else:
            table = self._prefixes if word.endswith("*") else self._exact
        table.setdefault(core, set()).add(atom)

    def _atoms(self, word: str) -> tuple[int, ...]:
        known = self._remembered.get(word)
        if known is None:
            found = set(self._exact.get(word, ()))
            if is_number(word):
                found |= self._exact.get(NUMBER, set())
            for length in self._prefix_lengths:
                found |= self._prefixes.get(word[:length], _NONE)
            for length in self._suffix_lengths:
                found |= self._suffixes.get(word[-length:], _NONE)
            for core, ids in self._infixes.items():
                if core in word:
                    found |= ids
            known = tuple(sorted(found))
            if len(self._remembered) >= MAX_REMEMBERED:
                self._remembered.clear()
            self._remembered[word] = known
        return known

    def find(self, words: Words) -> list[Hit]:
        """Return the phrases that stand in the text, by place; no phrase crosses a sentence."""
        remembered = self._remembered
        atoms = [
            # Asked here: most words are known, and a call for each is half the cost.
            known if (known := remembered.get(word)) is not None else self._atoms(word[:MAX_WORD])
            for word in words.texts
        ]
        hits: list[Hit] = []
        for first, (here, following) in enumerate(pairwise([*atoms, ()])):
            for atom in here:
                for index, rest in self._by_first.get(atom, ()):
                    if rest and rest[0] >= 0 and rest[0] not in following:
                        continue  # most phrases end here: no call for them
                    last = _follow(words, atoms, first, rest)
                    if last >= 0:
                        phrase = self.phrases[index]
                        hits.append(Hit(phrase.concept, phrase.language, first, last))
            if len(hits) >= MAX_HITS:
                break
        return hits


def _follow(words: Words, atoms: list[tuple[int, ...]], first: int, rest: tuple[int, ...]) -> int:
    """Return the last word of the phrase that begins at `first`, or -1."""
    place = first
    slack = 0
    for wanted in rest:
        if wanted < 0:
            slack = GAP_WORDS
            continue
        for ahead in range(place + 1, place + slack + 2):
            if ahead >= len(atoms) or words.sentences[ahead] != words.sentences[first]:
                return -1
            if wanted in atoms[ahead]:
                break
        else:
            return -1
        if not slack and words.between(place) not in JOINTS:
            return -1
        place = ahead
        slack = 0
    return place


def fold_word(word: str) -> str:
    """Fold a word of the data as posts are folded."""
    return "".join(split(fold_text(word)).texts) or word


def read_language(text: str) -> list[Phrase]:
    """Return the phrases of one file.

    Raises:
        ValueError: the file is not a word list.
    """
    data = tomllib.loads(text)
    language = data["language"]
    prefixes = tuple(data.get("prefixes", "").split())
    plain = data.get("plain", False)
    phrases: list[Phrase] = []
    for concept, written in data["words"].items():
        phrases.extend(
            parse_phrase(concept, language, line, prefixes, plain=plain)
            for line in written.replace("\n", " ").split(",")
            if line.strip()
        )
    return phrases


@cache
def load_lexicon() -> Lexicon:
    """Return the lexicon that comes with the package; read once a process."""
    phrases: list[Phrase] = []
    digest = hashlib.sha256()
    for name, text in sorted(_files().items()):
        digest.update(name.encode() + b"\0" + text.encode() + b"\0")
        phrases += read_language(text)
    return Lexicon(tuple(dict.fromkeys(phrases)), digest.hexdigest()[:32])


def _files() -> Mapping[str, str]:
    folder = resources.files("streams.detect.lexicon")
    return {
        entry.name: entry.read_text(encoding="utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    }
