"""Content that is small enough to know by heart: four topics, of which one has no answer yet."""

from datetime import date
from pathlib import Path

from knowledge.base import Citation, Review, ReviewStatus
from knowledge.models import (
    Amount,
    AskingFor,
    DangerKind,
    DangerRules,
    DangerSign,
    DeadlineLabel,
    Entry,
    Knowledge,
    Law,
    Outside,
    Region,
    SynonymGroups,
    Topic,
)
from knowledge.teaching import (
    Campaign,
    Difficulty,
    Draw,
    Lesson,
    LessonCard,
    LessonCheck,
    Question,
    QuestionKind,
    SiblingOption,
    Siblings,
    Story,
    Tip,
)

WAITING = Review(status=ReviewStatus.WAITING)
WOMEN, CONTRACTS, LABOUR = "女职工劳动保护特别规定", "劳动合同法", "劳动法"
FIFTH = Citation(law=WOMEN, article="第五条")
CHECKED = date(2026, 11, 22)

TOPICS = (
    Topic("pregnancy-dismissal", "maternity", "怀孕被辞退"),
    Topic("maternity-leave-length", "maternity", "产假多少天"),
    Topic("nursing-break", "maternity", "哺乳时间怎么算"),
    Topic("wage-arrears", "pay", "拖欠工资"),
)
DISMISSAL = Entry(
    id="pregnancy-dismissal", category="maternity", title="怀孕被辞退怎么办",
    ask=("怀孕被辞退", "怀孕了老板不要我了", "公司知道我怀孕就让我走人", "肚子大了要开除我"),
    short="不能因为您怀孕辞退您。请打 {hotline}。", details="从怀孕到孩子满一周岁都受保护。",
    steps=("请单位书面写明理由", "一年内申请仲裁"), evidence=("怀孕证明",), deadlines=("arbitration",),
    local=("leave_days", "allowance"), say="请书面说明理由。",
    citations=(FIFTH, Citation(law="劳合法", article="第四十二条", item="第四项")),
    next=("wage-arrears",), handover="今天就要签字的时候。", checked_on=CHECKED, review=WAITING,
)  # fmt: skip
LEAVE = Entry(
    id="maternity-leave-length", category="maternity", title="产假有多少天",
    ask=("产假几天", "生孩子能休多久", "产假是多少天呀"), short="一般 98 天。", details="难产、多胞胎另加。",
    steps=("向单位请假",), citations=(Citation(law=WOMEN, article="第七条"),), checked_on=date(2025, 1, 10),
    review=Review(
        status=ReviewStatus.REVIEWED, by="赵律师", on=date(2025, 1, 12), next=date(2026, 1, 12)
    ),
)  # fmt: skip
ARREARS = Entry(
    id="wage-arrears", category="pay", title="老板拖欠工资怎么办",
    ask=tuple(f"干了{number}个月没发工资" for number in "一二三四五六七八九十")
    + tuple(f"老板欠我{number}个月工资不给" for number in "一二三四五六七八九十")
    + tuple(f"拖欠工资{number}年了怎么要" for number in "一二三四五六七八九十"),
    short="可以投诉，也可以仲裁。", details="先留证据。", steps=("写下欠了几个月",),
    citations=(Citation(law=CONTRACTS, article="第三十条"), Citation(law=CONTRACTS, article="第八十五条")),
    next=("pregnancy-dismissal",), checked_on=CHECKED, review=WAITING,
)  # fmt: skip


def question(name: str, topic: str, difficulty: Difficulty, text: str, law: Citation = FIFTH) -> Question:
    """A contest question with three options, the second of which is right."""
    return Question(
        id=name, topic=topic, kind=QuestionKind.SINGLE, difficulty=difficulty, text=text,
        options=("可以", "不可以", "看老板"), answer=(1,), explanation="法律保护孕期。", citations=(law,),
    )  # fmt: skip


def small_knowledge() -> Knowledge:
    """The whole of it; nothing is read from disk."""
    laws = (
        Law(name=WOMEN, full_name=WOMEN, articles=16, effective_on=date(2012, 4, 28), status="现行"),
        Law(
            name=CONTRACTS, full_name="中华人民共和国劳动合同法", articles=98, status="现行",
            aliases=("劳合法",),
        ),
        Law(name=LABOUR, full_name="中华人民共和国劳动法", articles=107, status="现行"),
    )  # fmt: skip
    questions = (
        question("q-easy", "pregnancy-dismissal", Difficulty.EASY, "小李怀孕了，公司可以辞退她吗？"),
        question("q-hard", "wage-arrears", Difficulty.HARD, "欠薪最多等多久再去投诉？",
                 Citation(law=CONTRACTS, article="第三十条")),
    )  # fmt: skip
    return Knowledge(
        folder=Path(__file__).parent / "nowhere" / "knowledge",
        version="0123456789abcdef",
        region=Region(
            id="ningxia/yinchuan", name="银川市", short_name="银川", hotline="12351",
            amounts={
                "leave_days": Amount(
                    label="延长产假", value=60, unit="天", source="网上转载", ask_at="12345"
                ),
                "allowance": Amount(
                    label="生育津贴", value=3000, unit="元", verified_on=date(2026, 5, 1),
                    effective_from=date(2026, 1, 1), source="市医保局通知", ask_at="12345",
                ),
            },
        ),
        topics={topic.id: topic for topic in TOPICS},
        entries={entry.id: entry for entry in (DISMISSAL, LEAVE, ARREARS)},
        campaigns={
            "spring": Campaign(
                id="spring", title="春天竞答", opens_on=date(2026, 3, 1), closes_on=date(2026, 3, 31),
                questions_per_try=2, tries_per_day=3, seconds_per_question=30, pass_mark=60,
                draw=Draw(easy=1, hard=1), questions=questions,
            )
        },
        stories={
            "li-dismissed": Story(
                id="li-dismissed", topic="pregnancy-dismissal", title="小李怀孕以后",
                happened="小李怀孕五个月。", at_issue="公司能不能辞退她？", outcome="公司让她回去上班。",
                grounds="孕期受保护。", what_to_do=("先别签字", "请打 {hotline}"), citations=(FIFTH,),
                checked_on=CHECKED, review=WAITING,
            )
        },
        lessons={
            "leave-counted": Lesson(
                id="leave-counted", title="产假怎么算", topics=("maternity-leave-length",),
                cards=tuple(LessonCard(title=f"第{one}张", text=f"卡片正文{one}") for one in "一二三"),
                checks=(
                    LessonCheck(text="产假至少 98 天", answer=0, explanation="对的。"),
                    LessonCheck(
                        text="难产加几天？", options=("7天", "15天"), answer=1, explanation="加15天。"
                    ),
                ),
                citations=(Citation(law=WOMEN, article="第七条"),), checked_on=CHECKED, review=WAITING,
            )
        },
        tips=(
            Tip(id="tip-001", topic="wage-arrears", text="工资拖着不发，每个月发消息催一次。",
                citation=Citation(law=CONTRACTS, article="第三十条")),
        ),
        siblings={
            "leaving": Siblings(
                topics=("pregnancy-dismissal", "wage-arrears"),
                difference="两件事的区别：一个是辞退，一个是欠钱。",
                question="单位让您走了吗？",
                options=(
                    SiblingOption(label="让我走了", topic="pregnancy-dismissal"),
                    SiblingOption(label="只是不发钱", topic="wage-arrears"),
                ),
            )
        },
        laws={law.name: law for law in laws},
        deadlines={
            "arbitration": DeadlineLabel(
                label="劳动仲裁", law="《劳动法》第八十二条", in_words="一年之内"
            )
        },
        danger=DangerRules(
            kinds={DangerKind.VIOLENCE: DangerSign(topic="pregnancy-dismissal", patterns=("老公打我",))}
        ),
        asking_for=AskingFor(speaks_of_herself=("我",), harmless=(), rules={}),
        synonyms=SynonymGroups(groups={"maternity_leave": ("产假",), "how_long": ("几天", "多少天", "多久")},
                               particles=("呀", "是")),
        outside=Outside(fields={"cooking": ("红烧肉怎么做", "米饭怎么蒸", "怎么炒菜")}),
    )  # fmt: skip
