"""How X counts a text: most letters are 1, East Asian ones and emoji 2, an address is 23.

Source: https://docs.x.com/fundamentals/counting-characters and github.com/twitter/twitter-text: config/v3.json, js/src
(read 2026-11-21). Addresses without https:// are known by the endings below; of the rest X knows many more, and counts
them 23 as well.
"""

from __future__ import annotations

import re
import unicodedata

ADDRESS = 23

_ENDINGS = (
    "com|org|net|edu|gov|mil|int|info|biz|name|pro|mobi|app|dev|blog|shop|online|site|store|tech|club|news|live|space|"
    "website|cloud|page|wiki|link|art|design|agency|media|studio|tools|today|world|zone|academy|social|email|xyz|"
    "a[cdefgilmoqrstuwxz]|b[abdefghijlmnoqrstvwyz]|c[acdfghiklmnoruvwxyz]|d[ejkmoz]|e[cegrstu]|f[ijkmor]|"
    "g[abdefghilmnpqrstuwy]|h[kmnrtu]|i[delmnoqrst]|j[emop]|k[eghimnprwyz]|l[abcikrstuvy]|"
    "m[acdeghklmnopqrstuvwxyz]|n[acefgilopruz]|om|p[aefghklmnrstwy]|qa|r[eosuw]|s[abcdeghijklmnorstuvxyz]|"
    "t[cdfghjklmnoprtvwz]|u[agkmsyz]|v[aceginu]|w[fs]|y[et]|z[amw]"
)
_LATIN = "a-z0-9\u00c0-\u024f\u0400-\u04ff"
_PATH = rf"[{_LATIN}!*';:=+,.$/%#\[\]\u2013_~@|&-]"
_URL = re.compile(
    r"(?<![a-z0-9@\uff20$#\uff03])"
    rf"(?:https?://(?:[^\W_](?:[\w-]{{0,61}}[^\W_])?\.)+[^\W\d_]{{2,}}|"
    rf"(?<![-_./])(?:[a-z0-9](?:[a-z0-9-]{{0,61}}[a-z0-9])?\.)+(?:{_ENDINGS})(?![a-z0-9@+-]))"
    rf"(?::\d+)?(?:/(?:(?:{_PATH}|\({_PATH}+\))*(?:[{_LATIN}=_#/+-]|\({_PATH}+\)))?)?"
    r"(?:\?[a-z0-9!?*'@();:&=+$/%#\[\]_.,~|-]*[a-z0-9&=#/_-])?",
    re.IGNORECASE,
)  # fmt: skip
_PICTOGRAM = r"[\u00a9\u00ae\u203c-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
_DRESSED = rf"{_PICTOGRAM}(?:\ufe0f|[\U0001f3fb-\U0001f3ff]|[\U000e0020-\U000e007f]+)?"
_EMOJI = re.compile(rf"[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]\ufe0f?\u20e3|{_DRESSED}(?:\u200d{_DRESSED})*")
_LIGHT = re.compile("[\0-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")


def addresses(text: str) -> list[str]:
    """What X makes links of."""
    return _URL.findall(text)


def weight(text: str) -> int:
    """What X counts for `text`; 280 is the most of a post."""
    pieces = _URL.split(unicodedata.normalize("NFC", text))
    return ADDRESS * (len(pieces) - 1) + sum(map(_plain_weight, pieces))


def _plain_weight(text: str) -> int:
    seen = _EMOJI.sub("葉", text)  # any letter that counts 2
    return 2 * len(seen) - len(_LIGHT.findall(seen))
