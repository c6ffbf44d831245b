"""Languages: the codes that exist, and those that are written without spaces."""

from __future__ import annotations

from typing import Final

_TWO_LETTERS = """
aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de
dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia
id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo
lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl
ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk
tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
"""
_THREE_LETTERS = """
ast awa bal ber bho brx ceb chr ckb doi dsb fil frp fur gcf gcr gsw haw hil hmn hsb ilo inc kab
kha kok kri lus mag mai mni nds nso nyn pam pap pcm rcf rom rup sat sco shi sgs srn tet tpi tzm
war zgh
"""

KNOWN: Final = frozenset((_TWO_LETTERS + _THREE_LETTERS).split())
"""ISO 639-1, and languages of 639-3 that election authorities publish in."""

UNSPACED: Final = frozenset({"bo", "dz", "ii", "ja", "km", "lo", "my", "th", "zh"})
"""Written without spaces between words: lengths are counted in characters."""


def base(tag: str) -> str:
    """Return the language of a tag without its script: `sr` for `sr-Latn`."""
    return tag.partition("-")[0]
