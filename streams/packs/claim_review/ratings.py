"""What a rating says of a claim, as the stance of the one who gave it.

Fact-checkers have hundreds of ratings. Where a text is not known to dispute or to
support, it is context: nothing is disputed by a guess.
"""
# ruff: noqa: RUF001 - words of many alphabets

from __future__ import annotations

import re
from typing import Final

from streams.packs.verdicts import VERDICT_LANGUAGES, verdict_in
from streams.schema import SourceStance

_LOW: Final = 0.34
_HIGH: Final = 0.66
_WORST: Final = 1.0
_BEST: Final = 5.0
"""Of scales that do not say where they end (schema.org's default)."""

_TRUE: Final = re.compile(
    r"(?<!\w)(true|truth|correct|accurate|confirmed|verified"
    r"|verdader[oa]s?|ciert[oa]s?|correct[oa]s?|confirmad[oa]s?|comprobad[oa]s?"
    r"|verdadeir[oa]s?|corret[oa]s?|verdade|fato"
    r"|vraie?s?|exacte?s?|avérée?s?|confirmée?s?"
    r"|wahr(heit)?|richtig|korrekt|zutreffend|stimmt"
    r"|ver[oa]|veritier[oa]|corrett[oa]|confermat[oa]"
    r"|waar|juist|correct|sann|sant|stämmer|rätt|prawda|prawdziw[aey]|doğru"
    r"|правда|правдив\w*|верно|істина|вірно|adevărat[ăe]?|αληθ(ής|ές|εια|ινό)"
    r"|सच|सही|सत्य|সত্য|সঠিক|உண்மை|benar|fakta|totoo|tumpak|kweli|gaskiya"
    r"|صحيح|صحيحة|حقيقي|حقيقية)(?!\w)"
    r"|真實|真实|正確|正确|屬實|属实|事実(?!無根)|正しい|사실(?!무근| 아|이 아)|진실",
    re.IGNORECASE,
)
_MIXED: Final = re.compile(
    r"(?<!\w)(half|part(ly|ially)?|partial|mixture|mixed|mitad|parcial(mente)?|partiell(ement)?"
    r"|teilweise|halb\w*|meio|metade|in parte|parzialmente|deels|gedeeltelijk|delvis"
    r"|częściowo|kısmen|sebagian|частично|частково|अर्धसत्य|आधा|جزئي(ا|ًا)?)(?!\w)"
    r"|half.?true|部分|一部|일부|절반",
    re.IGNORECASE,
)
_FALSE: Final = re.compile(
    r"(?<!\w)(incorrect\w*|inaccurate|wrong|fabricated|doctored|altered|manipulated|pants.on.fire"
    r"|four.pinocchios|scam|no evidence|errad[oa]s?|equivocad[oa]s?|erróne[oa]s?|incorrect[oa]s?"
    r"|inexact[oa]s?|manipulad[oa]s?|montaje|trucad[oa]s?|inexacte?s?|erronée?s?|trompeu\w*"
    r"|manipulée?s?|unzutreffend|manipuliert|gefälscht|errat[oa]|scorrett[oa]|onjuist|fout"
    r"|fel|felaktig\w*|nieprawda|manipulacja|неверно|невірно|манипуляция|маніпуляція"
    r"|salah|hoax|mali|maling|si kweli|خطأ|مفبرك)(?!\w)"
    r"|錯誤|错误|誤り|間違い|사실 ?무근|사실이? ?아|왜곡",
    re.IGNORECASE,
)
_NOT: Final = re.compile(
    r"(?<!\w)(not|isn.?t|no (es|está|son)|não (é|são)|n.est pas|pas|nicht|keine|non è|non|niet"
    r"|inte|ikke|nie|değil|не|nu este|δεν|नहीं|bukan|tidak|hindi|si|ba|غير|ليس)(?!\w)",
    re.IGNORECASE,
)


def stance_of_text(rating: str) -> SourceStance:
    """Return the stance that a rating's words are; context for what is not known."""
    supporting = _TRUE.search(rating) is not None
    denied = _NOT.search(rating) is not None
    rest = _TRUE.sub(" ", rating)
    disputing = _FALSE.search(rest) is not None or any(
        verdict_in(rest, language) for language in VERDICT_LANGUAGES
    )
    if _MIXED.search(rating) is not None or (supporting and disputing):
        return SourceStance.CONTEXT
    if supporting:
        return SourceStance.DISPUTES if denied else SourceStance.SUPPORTS
    # `Not misleading` and the like stay open.
    return SourceStance.DISPUTES if disputing and not denied else SourceStance.CONTEXT


def stance_of_number(value: float, worst: float | None, best: float | None) -> SourceStance:
    """Return the stance that a rating's number is, by its place on the scale."""
    low = _WORST if worst is None else worst
    high = _BEST if best is None else best
    if not low < high or not low <= value <= high:
        return SourceStance.CONTEXT
    share = (value - low) / (high - low)
    if share <= _LOW:
        return SourceStance.DISPUTES
    return SourceStance.SUPPORTS if share >= _HIGH else SourceStance.CONTEXT
