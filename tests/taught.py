"""Two stories, two lessons and three tips for tests; whatever is shipped is left aside."""

from dataclasses import replace
from datetime import date
from types import MappingProxyType

from knowledge.base import Citation, Review, ReviewStatus
from knowledge.loader import Knowledge
from knowledge.teaching import Lesson, LessonCard, LessonCheck, Story, Tip

DAY = date(2026, 11, 22)
WAITING = Review(status=ReviewStatus.WAITING)
REVIEWED = Review(status=ReviewStatus.REVIEWED, by="马律师", on=date(2026, 10, 8))
DISMISSED = Story(
    id="told-to-go-while-pregnant",
    topic="pregnancy-dismissal",
    title="怀孕后被叫走的收银员",
    happened="小李在一家超市收银，怀孕四个月。店长说她站不久，让她月底别来了，没有给任何书面的东西。",
    at_issue="店里能不能因为怀孕让小李走？",
    outcome="工会陪小李去店里谈了一次，店里收回了决定，补了停工那半个月的工资。",
    grounds="单位不能因为女职工怀孕就解除劳动合同。",
    what_to_do=("先不要签字，照常上班并留下打卡记录。", "打 {hotline} 或者在这里找工会。"),
    citations=(Citation(law="女职工劳动保护特别规定", article="第五条"),),
    checked_on=DAY,
    review=WAITING,
)
UNPAID = Story(
    id="three-months-of-wages",
    topic="wage-arrears",
    title="枸杞厂拖了三个月工资",
    happened="王姐在枸杞厂分拣，厂里三个月没发工资，说等卖了货再给。",
    at_issue="没有欠条，能不能要回来？",
    outcome="劳动监察责令厂里发了钱，其中一个月因为考勤对不上少拿了两天。",
    grounds="工资要按月足额发给本人。",
    what_to_do=("每月发消息催一次。",),
    citations=(Citation(law="劳动法", article="第五十条"),),
    checked_on=DAY,
    review=REVIEWED,
)
LEAVE = Lesson(
    id="how-long-is-maternity-leave",
    title="产假怎么算",
    topics=("maternity-leave-length", "pregnancy-dismissal"),
    cards=(
        LessonCard(title="98天是怎么来的", text="产假至少98天，其中产前可以休15天。"),
        LessonCard(title="什么时候会多", text="难产多15天，多胞胎每多一个多15天。"),
        LessonCard(title="怎么请", text="拿医院的证明，写一张假条，留一份底。问不清楚打 {hotline}。"),
    ),
    checks=(
        LessonCheck(
            text="小王产前休了10天，产后还能休几天？",
            options=("83天", "88天", "98天"),
            answer=1,
            explanation="98天减去产前已经休的10天，还有88天。",
        ),
        LessonCheck(
            text="单位说产假里的休息日要另外扣，对吗？",
            options=("对，休息日都不算在产假里面", "不对，产假连着休息日一起算"),
            answer=1,
            explanation="产假按自然日算，不另外扣。",
        ),
    ),
    citations=(Citation(law="女职工劳动保护特别规定", article="第七条", paragraph="第一款"),),
    checked_on=DAY,
    review=WAITING,
)
WAGES = Lesson(
    id="wages-on-time",
    title="工资哪天该发",
    topics=("wage-arrears",),
    cards=(
        LessonCard(title="按月发", text="工资至少每月发一次。"),
        LessonCard(title="发给本人", text="要用钱发，不能用货抵。"),
        LessonCard(title="晚了怎么办", text="先发消息催，再打 12333。"),
    ),
    checks=(
        LessonCheck(text="用货抵工资可以吗？", answer=1, explanation="要用钱发。"),
        LessonCheck(text="工资至少每月发一次。", answer=0, explanation="法律这样写的。"),
    ),
    citations=(Citation(law="劳动法", article="第五十条"),),
    checked_on=DAY,
    review=WAITING,
)
TIPS = tuple(
    Tip(id=f"tip-{number:03}", topic=topic, text=text, citation=Citation(law=law, article=article))
    for number, (topic, text, law, article) in enumerate(
        (
            ("wage-arrears", "工资拖着不发，每个月发消息催一次。问清楚打 {hotline}。", "劳动法", "第五十条"),
            ("nursing-break", "孩子一岁以前，每天有一小时喂奶时间。", "女职工劳动保护特别规定", "第九条"),
            ("contract-unsigned-double-wage", "满一个月没签合同，要双倍工资。", "劳动合同法", "第八十二条"),
        ),
        1,
    )
)  # fmt: skip


def taught(knowledge: Knowledge) -> Knowledge:
    """The knowledge with only this to learn."""
    return replace(
        knowledge,
        stories=MappingProxyType({story.id: story for story in (DISMISSED, UNPAID)}),
        lessons=MappingProxyType({lesson.id: lesson for lesson in (LEAVE, WAGES)}),
        tips=TIPS,
    )
