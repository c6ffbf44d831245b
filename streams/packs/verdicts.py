"""Words of judgement that a label never says.

A label names what is in dispute and who says what; it never says true or
false. Topics and titles stand inside labels, so they are held to it too.
"""
# ruff: noqa: RUF001 - words of many alphabets

from __future__ import annotations

import re
from typing import Final

_STEMS: Final[dict[str, str]] = {
    # Each a regular expression of a whole word, matched without regard to case.
    "en": r"false(ly|hoods?)?|fak(e|es|ed|ery)|mislead(s|ing|ingly)?|misled|debunk(s|ed|ing)?"
    r"|hoax(es)?|lie|lies|lied|liars?|lying|misinformation|disinformation|untrue|true|bogus"
    r"|baseless|unfounded",
    "de": r"falsch(e[rsnm]?|meldung(en)?|information(en)?)?|unwahr(e[rsnm]?|heit(en)?)?"
    r"|irreführend(e[rsnm]?)?|lügen?|gelogen|lügner(in)?|desinformation|wahr(e[rsnm]?)?|fakenews"
    r"|widerlegt(e[rsnm]?)?|haltlos(e[rsnm]?)?|erfunden(e[rsnm]?)?",
    "fr": r"faux|fausses?|faussement|mensong(e|es|er|ers|ère|ères)|trompeu(r|rs|se|ses)|infox"
    r"|intox|désinformation|canulars?|démenti(e|s|es)?|vraie?s?",
    "es": r"fals(o|a|os|as|amente|edad)|engaños(o|a|os|as)|bulos?|mentiras?|desinformación"
    r"|desmentid(o|a|os|as)|verdader(o|a|os|as)",
    "pt": r"fals(o|a|os|as|amente|idade)|enganos(o|a|os|as)|mentiras?|boatos?|desinformação"
    r"|desmentid(o|a|os|as)|verdadeir(o|a|os|as)|fake ?news",
    "it": r"fals(o|a|i|e|amente)|ingannevol(e|i)|bufal(a|e)|menzogn(a|e)|disinformazione"
    r"|smentit[oaie]",
    "ca": r"fals(a|os|es|ament|edat)?|enganyos(a|os|es)?|enganyós|mentid(a|es)|mentider(a|s|es)?"
    r"|desinformació|desmentit(s)?|desmentid(a|es)|vertader(a|s|es)?",
    "nl": r"vals(e|heid)?|onwaar|onwaarhe(id|den)|mislei(dend|dende|ding)|leugens?|gelogen"
    r"|desinformatie|nepnieuws|weerlegd(e)?|ontkracht(e)?|verzonnen",
    "pl": r"fałsz|fałszyw(y|a|e|ych|ie)|wprowadzając\w* w błąd|kłamstw(o|a)|dezinformacja",
    "sv": r"falsk(a|t)?|osann(a|t)?|lögn(en|er|erna)?|ljug(a|er|it)|ljög|vilseledande"
    r"|desinformation|falskhet(er)?|påhitt(ad|at|ade)?|sann(a|t)?|motbevisa[dt]e?",
    "tr": r"yanlış|sahte|yalan|yanıltıcı|asılsız|dezenformasyon",
    "uk": r"хибн(ий|а|е|і|их)|неправд(а|и|у|ива|ивий|иві)|брехн(я|і|ю|ею)|брехлив(ий|а|е|і)"
    r"|фейк(и|у|ів|ова|овий|ове|ові)?|дезінформаці(я|ї|ю|єю)|оманлив(ий|а|е|і)"
    r"|спростовано|правдив(ий|а|е|і)",
    "ru": r"ложь|лож(ный|ная|ное|ные|ных|но)|лжи|неправд(а|ы|у)|фейк(и|а|ов|овый|овая|овые)?"
    r"|дезинформаци(я|и|ю|ей)|обман(чивый|чивая|чивые)?|опровергнут(о|а|ы)?|правдив(ый|ая|ое|ые)",
    "ro": r"fals(ul|ă|a|e|uri|urile|ificat[ăe]?)?|minciun(ă|a|i|ile)|mincino(s|asă|și|ase)"
    r"|înșelăto(r|are|ri)|dezinformare(a)?|dezminți(t|tă|te|ți)|adevărat(ă|e|ul)?|adevărați",
    "el": r"ψευδ(ής|ές|είς|ή|ώς)|ψευδών|ψέμα(τα|τος)?|ψεύτικ(ος|η|ο|οι|ες|α)"
    r"|παραπλανητικ(ός|ή|ό|οί|ές|ά)|παραπληροφόρηση(ς)?|ανυπόστατ(ος|η|ο|οι|ες|α)|αληθ(ής|ές|είς|ή|ινός|ινή|ινό)",
    "hi": r"झूठ|झूठा|झूठी|झूठे|फर्जी|फ़र्ज़ी|भ्रामक|गलत|ग़लत",
    "bn": r"মিথ্যা|ভুয়া|ভুয়া|বিভ্রান্তিকর",
    "ta": r"பொய்|போலி|தவறான|பொய்யான",
    "id": r"hoaks|((ke|pem)?bohong|dusta)(an)?|palsu|menyesatkan|disinformasi|misinformasi|benar"
    r"|fitnah",
    "tl": r"(ka)?sinungaling(an)?|peke(ng)?|huwad|totoo(ng)?|mapanlinlang|nakaliligaw"
    r"|disimpormasyon",
    "sw": r"uwongo|uongo|mwongo|waongo|kweli|kupotosha|upotoshaji|feki|bandia|uzushi",
    # No spaces in one, endings on every word of the other: anywhere inside a word.
    "ja": r"\w*(虚偽|偽情報|誤情報|デマ|嘘|ウソ|フェイク|捏造|でたらめ|事実無根|真実)\w*",
    "ko": r"\w*(거짓|허위|가짜|사실무근|날조|오보|진실)\w*",
    "zh": r"\w*(虛假|虚假|假訊息|假消息|假新聞|假新闻|謠言|谣言|謊言|谎言|不實|不实|捏造|誤導|误导"
    r"|真實|真实|真相)\w*",
    "af": r"vals(e|heid|hede)?|leuens?|leuenaars?|onwaar(hede)?|misleidend(e)?|fopnuus",
    "ha": r"ƙarya(r|rsu)?|qarya|na bogi",
    "ar": r"كاذب|كاذبة|كذب|زائف|زائفة|مضلل|مضللة|مزيف|مزيفة",
}

VERDICT_LANGUAGES: Final = tuple(_STEMS)
"""Languages whose words of judgement are known."""

_VERDICTS: Final = {
    language: re.compile(rf"(?<!\w)(?:{stems})(?!\w)", re.IGNORECASE)
    for language, stems in _STEMS.items()
}


def verdict_in(text: str, language: str) -> str | None:
    """Return the first word of judgement in a text, or None.

    English words are looked for in every language: "fake news" is said in most.
    """
    for code in dict.fromkeys((language.partition("-")[0], "en")):
        pattern = _VERDICTS.get(code)
        found = pattern.search(text) if pattern else None
        if found:
            return found.group()
    return None
