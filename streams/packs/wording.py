"""What labels say to the public, in each language: data, held to say no verdict."""

from __future__ import annotations

from datetime import UTC, datetime
from string import Formatter
from typing import TYPE_CHECKING, Final

from pydantic import Field, ValidationError

from streams.packs.checks import check_characters
from streams.packs.errors import PackErrors, Problem
from streams.packs.folder import shipped_folder
from streams.packs.languages import KNOWN, base
from streams.packs.verdicts import verdict_in
from streams.packs.yaml_tree import read_tree
from streams.schema import LabelKind, Reason
from streams.schema.claim import LanguageTag, Part, ShortText

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from streams.packs.yaml_tree import Tree, Where
    from streams.schema import Label

FALLBACK: Final = "en"

_PLACEHOLDERS: Final = {
    LabelKind.DISPUTED_CLAIM: frozenset({"topic"}),
    LabelKind.VOTING_INFORMATION: frozenset({"authority"}),
    LabelKind.RESULT_NOT_FINAL: frozenset({"authority", "date"}),
}
_RETRACTION: Final = frozenset({"date", "reason"})
_DATE: Final = frozenset({"day", "month", "year"})
_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"


class Phrase(Part):
    """One thing that is said, twice."""

    short: ShortText = Field(description="For a badge; no placeholders.")
    long: ShortText = Field(description="The headline; every placeholder of its kind.")


class LanguageWording(Part):
    """All that is said in one language."""

    language: LanguageTag
    right_to_left: bool = False
    read_by_native_speaker: bool = Field(description="False: a draft.")
    date: ShortText = Field(description="Holds {day}, {month} and {year}.")
    months: tuple[ShortText, ...] = Field(min_length=12, max_length=12)
    labels: dict[LabelKind, Phrase]
    retraction: Phrase
    reasons: dict[Reason, ShortText]


class Wording:
    """The words of labels; English where a language is missing."""

    def __init__(self, languages: Mapping[str, LanguageWording]) -> None:
        """Take checked wordings by language; English must be one."""
        self._languages = dict(languages)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that have a wording."""
        return tuple(sorted(self._languages))

    def badge(self, kind: LabelKind, language: str) -> str:
        """Return the short text of a kind of label."""
        return self._said(language).labels[kind].short

    def headline(self, label: Label, language: str) -> str:
        """Return the long text of a label, filled in.

        Where the label does not carry what the long text needs (a date of
        certification, say), it is the short one.
        """
        said = self._said(language)
        values: dict[str, str] = {}
        if label.topic:
            values["topic"] = _in_language(label.topic, language)
        if label.authority is not None:
            values["authority"] = _in_language(label.authority.name, language)
            if label.authority.certified_by is not None:
                values["date"] = _date(said, label.authority.certified_by)
        return _said_of(said, said.labels[label.kind], values)

    def retraction(self, reason: Reason, at: datetime, language: str) -> str:
        """Return what is said when a label is withdrawn."""
        said = self._said(language)
        values = {"date": _date(said, at)}
        if reason in said.reasons:
            values["reason"] = said.reasons[reason]
        return _said_of(said, said.retraction, values)

    def _said(self, language: str) -> LanguageWording:
        for tag in (language, base(language)):
            if tag in self._languages:
                return self._languages[tag]
        return self._languages[FALLBACK]


def default_wording_folder() -> Path:
    """Return the folder of the wording that comes with Hustings.

    Raises:
        PackErrors: neither an installed copy nor a checkout is there.
    """
    return shipped_folder("wordings", "wording", missing="no wording came with this installation")


def load_wording(folder: Path) -> Wording:
    """Read and check the wording of all languages.

    Raises:
        PackErrors: something is wrong; it holds every problem.
    """
    languages: dict[str, LanguageWording] = {}
    problems: list[Problem] = []
    for file in sorted(folder.glob("*.yaml")):
        tree = read_tree(file)
        if not tree.problems:
            said = _checked(tree)
            if said is not None and said.language in languages:
                tree.problem(("language",), f"{said.language} stands in two files")
            elif said is not None:
                languages[said.language] = said
        problems += tree.problems
    if FALLBACK not in languages and not problems:
        problems.append(Problem(folder, 0, f"no wording in {FALLBACK}, which the others fall to"))
    if problems:
        raise PackErrors(problems)
    return Wording(languages)


def _checked(tree: Tree) -> LanguageWording | None:
    check_characters(tree)
    try:
        said = LanguageWording.model_validate(tree.value)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_context=False, include_input=False):
            tree.problem(fault["loc"], f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}")
        return None
    if base(said.language) not in KNOWN:
        tree.problem(("language",), f"unknown language {said.language!r}")
    for kind in LabelKind:
        if kind not in said.labels:
            tree.problem(("labels",), f"nothing is said for {kind.value}")
    for kind, phrase in said.labels.items():
        _check_phrase(tree, ("labels", kind.value), phrase, _PLACEHOLDERS[kind])
    _check_phrase(tree, ("retraction",), said.retraction, _RETRACTION)
    _check_placeholders(tree, ("date",), said.date, _DATE)
    for where, text in _texts(said):
        word = verdict_in(text, said.language)
        if word:
            tree.problem(where, f"{word!r} is a judgement; a label says who disputes what")
    return said


def _check_phrase(tree: Tree, where: Where, phrase: Phrase, wanted: Iterable[str]) -> None:
    _check_placeholders(tree, (*where, "short"), phrase.short, frozenset())
    _check_placeholders(tree, (*where, "long"), phrase.long, wanted)


def _check_placeholders(tree: Tree, where: Where, text: str, wanted: Iterable[str]) -> None:
    try:
        parts = list(Formatter().parse(text))
    except ValueError as error:
        tree.problem(where, f"braces: {error}")
        return
    found = [name for _, name, _, _ in parts if name is not None]
    if any(spec or conversion for _, _, spec, conversion in parts):
        tree.problem(where, "a placeholder is a name in braces and nothing else")
    elif sorted(found) != sorted(wanted):
        named = ", ".join(f"{{{name}}}" for name in sorted(wanted)) or "none"
        tree.problem(where, f"placeholders must be {named}, each once")


def _texts(said: LanguageWording) -> Iterator[tuple[Where, str]]:
    phrases: list[tuple[Where, Phrase]] = [
        (("labels", kind.value), phrase) for kind, phrase in said.labels.items()
    ]
    for where, phrase in [*phrases, (("retraction",), said.retraction)]:
        yield (*where, "short"), phrase.short
        yield (*where, "long"), phrase.long
    for reason, text in said.reasons.items():
        yield ("reasons", reason.value), text


def _said_of(said: LanguageWording, phrase: Phrase, values: Mapping[str, str]) -> str:
    if said.right_to_left:
        # A name in Latin letters would pull the colon beside it to the wrong side.
        values = {
            name: f"{_FIRST_STRONG_ISOLATE}{value}{_POP_ISOLATE}" for name, value in values.items()
        }
    filled = _filled(phrase.long, values)
    return phrase.short if filled is None else filled


def _filled(text: str, values: Mapping[str, str]) -> str | None:
    """Fill a text in; not by `str.format`, which would follow braces in the values."""
    pieces: list[str] = []
    for literal, name, _, _ in Formatter().parse(text):
        pieces.append(literal)
        if name is None:
            continue
        if name not in values:
            return None
        pieces.append(values[name])
    return "".join(pieces)


def _date(said: LanguageWording, moment: datetime) -> str:
    day = moment.astimezone(UTC)
    values = {"day": str(day.day), "month": said.months[day.month - 1], "year": str(day.year)}
    return _filled(said.date, values) or day.date().isoformat()


def _in_language(texts: Mapping[str, str], language: str) -> str:
    for tag in (language, base(language), FALLBACK):
        if tag in texts:
            return texts[tag]
    return texts[min(texts)]
