"""What the words and the mirrored names of packs must hold, each check with its reason."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

from streams.packs.placed import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streams.packs.placed import Placed
    from streams.packs.yaml_tree import Where
    from streams.schema import ElectionPack, MirroredNames

MIRROR_KINDS: Final = frozenset({"party", "candidate"})

_WRITTEN_TOGETHER: Final = frozenset({"CJK", "HIRAGANA", "KATAKANA"})


def check_words(packs: Sequence[Placed[ElectionPack]]) -> None:
    """Refuse a word of two packs: it would point to neither."""
    owner: dict[str, tuple[Placed[ElectionPack], str]] = {}
    for pack in packs:
        for language, words in pack.value.words.items():
            seen: set[str] = set()
            for at, word in enumerate(words):
                folded = fold(word)
                where = ("words", language, at)
                if not folded:
                    pack.problem(where, "a word without letters")
                elif folded in seen:
                    pack.problem(where, f"word {word!r} stands twice")
                seen.add(folded)
                first, place = owner.setdefault(folded, (pack, pack.place(*where)))
                if first.value.jurisdiction != pack.value.jurisdiction:
                    pack.problem(
                        where, f"word {word!r} belongs to {first.value.jurisdiction} too ({place})"
                    )


def check_words_without_sides(pack: Placed[ElectionPack]) -> None:
    """Refuse a word that names a side: sides are masked before words are looked up.

    The word would point nowhere for this side, and somewhere for one that is not mirrored.
    """
    names = {
        fold(name) for group in pack.value.mirrored_names for side in group.sides for name in side
    } - {""}
    for language, words in pack.value.words.items():
        for at, word in enumerate(words):
            padded = f" {fold(word)} "
            named = sorted(name for name in names if f" {name} " in padded)
            if named:
                pack.problem(("words", language, at), f"word {word!r} names the side {named[0]!r}")


def check_mirrored_names(pack: Placed[ElectionPack]) -> None:
    """Refuse names that do not lead to one counterpart: swapping them would not be defined."""
    taken: dict[str, int] = {}
    for at, group in enumerate(pack.value.mirrored_names):
        if group.kind not in MIRROR_KINDS:
            pack.problem(
                ("mirrored_names", at, "kind"),
                f"kind {group.kind!r} is none of {', '.join(sorted(MIRROR_KINDS))}",
            )
        for number, side in enumerate(group.sides):
            for name_at, name in enumerate(side):
                folded = fold(name)
                where: Where = ("mirrored_names", at, "sides", number, name_at)
                if not folded:
                    pack.problem(where, f"name {name!r} without letters")
                elif folded in taken:
                    pack.problem(where, f"name {name!r} stands in line {taken[folded]} too")
                taken.setdefault(folded, pack.line(*where))
        _check_scripts(pack, at, group)
    if not any(group.kind == "party" for group in pack.value.mirrored_names):
        pack.problem(("mirrored_names",), "no group of kind party")


def _check_scripts(pack: Placed[ElectionPack], at: int, group: MirroredNames) -> None:
    """A name swapped for one in other letters makes a post that nobody would write."""
    first = group.sides[0]
    for number, side in enumerate(group.sides[1:], start=1):
        for name_at, (name, counterpart) in enumerate(zip(side, first, strict=True)):
            ours, theirs = _scripts(name), _scripts(counterpart)
            if ours and theirs and not ours & theirs:
                pack.problem(
                    ("mirrored_names", at, "sides", number, name_at),
                    f"name {name!r} is not in the script of its counterpart {counterpart!r}",
                )


def _scripts(name: str) -> frozenset[str]:
    """Return the scripts of a name's letters: the first word of what Unicode calls each."""
    found = {
        unicodedata.name(c, "?").replace("-", " ").split()[0]
        for c in unicodedata.normalize("NFKC", name)
        if unicodedata.category(c)[0] == "L"
    }
    return frozenset("CJK" if script in _WRITTEN_TOGETHER else script for script in found)
