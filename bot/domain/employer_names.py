"""Names of employers as people write them: one form to compare, and how alike two of them are."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from knowledge.normalise import simplify

ALIKE = 80.0  # of 100; from here on staff are asked whether two names mean one employer
LONGEST_NAME = 60
_MARKS = re.compile(r"[^0-9a-z㐀-䶿一-鿿]+")
_BRACKETED = re.compile(r"[(\[{<〔【《（]([^()\[\]{}<>〔〕【】《》（）]*)[)\]}>〕】》）]")
# Legal forms at the end say nothing about which employer it is; what it trades in does and stays.
_FORM = re.compile(
    r"(?:集团)?(?:股份|有限|责任|分|总)*(?:公司|企业)$|(?:总店|分店|门店|(?<![酒饭商书药])店)$|(?:集团)$"
)
# 银川纺织 and 宁夏纺织 are two: where only a trade is left behind a place, the place is the name.
_TRADE = re.compile(
    r"^(?:餐饮|管理|人力|资源|物业|服务|劳务|派遣|建筑|工程|商贸|贸易|服装|纺织|科技|电子|食品|医药|医科|教育|培训|家政|保洁"
    r"|酒店|饭店|超市|物流|快递|运输|旅游|文化|传媒|网络|信息|技术|房地产|开发|投资|银行|医院|学校|幼儿园|中学|小学|大学"
    r"|学院|师范|职业|美容|美发|实业|公交|出租|汽车|第[一二三四五六七八九十]+|[一二三四五六七八九十]|厂)+$"
)
_PROVINCES = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州"
    "|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
_CITIES = (
    "石家庄|太原|沈阳|长春|哈尔滨|南京|杭州|合肥|福州|南昌|济南|郑州|武汉|长沙|广州|深圳|海口|成都|贵阳|昆明|西安"
    "|兰州|西宁|呼和浩特|南宁|拉萨|银川|石嘴山|吴忠|固原|中卫|乌鲁木齐|咸阳|宝鸡"
)
# 超市, 都市 and the like end in 市 without being a place.
_PLACE = re.compile(
    rf"^(?:中国|(?:{_PROVINCES})(?:壮族|回族|维吾尔)?(?:省|自治区|市)?|(?:{_CITIES})市?"
    r"|[一-鿿]{1,3}(?<![超都门夜菜城])市(?=..)|[一-鿿]{2}(?:区|县)(?=..))"
)
_NOBODY = re.compile(
    r"^(?:某|一家|我们?|他们|这个|那个|不知道|不清楚|不想说|不方便|没有|无$|unknown|保密|匿名)|^(?:老板|单位|厂|厂里|工厂|超市|饭店|餐馆"
    r"|酒店|学校|医院|工地|商场|私人|个体|个体户)$"
)


def key_of(name: str, district: str | None = None) -> str:
    """The form under which a name is looked up; "" where it names nobody.

    One width and script, no marks, no leading place, no legal form at the end, no place in brackets:
    “宁夏 百味（银川）餐饮有限公司” and “百味餐饮” are one key. Trade words stay: they tell employers apart.
    """
    plain = simplify(name.strip()[:LONGEST_NAME])
    plain = _BRACKETED.sub(lambda found: "" if _is_place(found[1]) else found[1], plain)
    plain = _MARKS.sub("", plain)
    if _NOBODY.search(plain):
        return ""
    bare = _without_places(plain, district)
    while (shorter := _FORM.sub("", bare)) != bare:
        bare = shorter
    return bare if len(bare) >= 2 and not _NOBODY.search(bare) else ""


def likeness(one: str, other: str) -> float:
    """How alike two keys are, 0 to 100: letters in order, one inside the other, or the same sound."""
    score = fuzz.ratio(one, other)
    shorter = min(len(one), len(other))
    if shorter >= 3:
        score = max(score, fuzz.partial_ratio(one, other) * (0.9 if shorter >= 4 else 0.82))
    if score < ALIKE and len(one) == len(other) and score >= 40:
        score = max(score, 90.0 if _sound(one) == _sound(other) else 0.0)
    return score


@dataclass(frozen=True, slots=True)
class Alike:
    """Another employer whose name is near."""

    employer_id: str
    score: float


def alike(key: str, known: Sequence[tuple[str, str]], most: int = 5) -> list[Alike]:
    """The employers (id, key) whose names are near, nearest first; each once."""
    best: dict[str, float] = {}
    for employer_id, other in known:
        score = likeness(key, other)
        if score >= ALIKE:
            best[employer_id] = max(score, best.get(employer_id, 0))
    found = [Alike(employer_id, score) for employer_id, score in best.items()]
    return sorted(found, key=lambda one: (-one.score, one.employer_id))[:most]


def _is_place(text: str) -> bool:
    return bool(text) and not _PLACE.sub("", _MARKS.sub("", text)).rstrip("市区县")


def _without_places(plain: str, district: str | None) -> str:
    """Leading places go as long as a name remains behind them."""
    for _ in range(4):
        shorter = _PLACE.sub("", plain, count=1)
        if district and shorter == plain:
            shorter = plain.removeprefix(district)
            if shorter == plain:
                shorter = plain.removeprefix(district[:-1])
        bare = _FORM.sub("", shorter)
        if shorter == plain or len(bare) < 2 or _TRADE.search(bare):
            return plain
        plain = shorter
    return plain


def _sound(text: str) -> tuple[str, ...]:
    from pypinyin import lazy_pinyin  # a tenth of a second; only for names of the same length

    return tuple(lazy_pinyin(text))
