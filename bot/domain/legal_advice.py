"""Whether a text gives legal advice: it names a law or an article, or says what compensation comes to."""

import re
import unicodedata

_NUMBER = r"[0-9〇零一二三四五六七八九十百千万两半][0-9〇零一二三四五六七八九十百千万两半,.]*"
_PAID = r"(?:赔偿|补偿|二倍工资|两倍工资|双倍工资|2倍工资|生育津贴|产假工资)"
_SUM = rf"{_NUMBER}\s*(?:元|块|万|个月|倍)"
_SIGNS = (
    re.compile(r"《[^》\n]{2,60}》"),
    re.compile(r"第\s*[0-9〇零一二三四五六七八九十百千]{1,7}\s*[条款项]"),
    re.compile(
        r"(?:劳动合同|劳动|社会保险|保障|仲裁|调解|就业促进|安全生产|职业病防治|工会|诉讼|刑|反家庭暴力)法"
        r"(?!院|律|官|庭|定|治)|民法典|[工伤监察支付实施]{2}[^。\n]{0,4}条例|特别规定|司法解释"
    ),
    re.compile(rf"{_PAID}[^。！？\n]{{0,24}}?{_SUM}|{_SUM}[^。！？\n]{{0,10}}?{_PAID}"),
    re.compile(r"(?<![A-Za-z])(?:2N|N\s*\+\s*[12])(?![A-Za-z])"),
)


def gives_advice(text: str) -> bool:
    """Such words go out only after somebody else has read them."""
    plain = unicodedata.normalize("NFKC", text)
    return any(sign.search(plain) for sign in _SIGNS)
