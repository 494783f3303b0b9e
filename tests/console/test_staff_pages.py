"""Accounts at the desk, and the pages that only show."""

import re
from datetime import date, datetime
from types import SimpleNamespace

from bot.domain.incoming import Address
from bot.domain.ports_contest import Attempt
from bot.domain.reply import Lane, Reply
from bot.domain.staff import Role
from bot.services import case_work, drafts
from bot.services.bell import Bell
from bot.services.case_work import Desk


async def test_an_administrator_invites_by_name_and_the_link_is_shown_once(house):
    admin = await house.hires("管理员", Role.ADMIN)
    desk = await house.comes_in(admin)
    await desk.sends("/staff", name="李干事", role="officer")
    link = re.search(r"http://127\.0\.0\.1:8080/console/setup/([\w-]+)", desk.last.text)
    assert link
    await desk.opens("/staff")
    assert not desk.sees(link[1])
    assert desk.sees("未完成设置")
    page = await house.browser().opens(f"/setup/{link[1]}")
    assert "李干事，请设置您的账号" in page.text
    assert "女职工干部" in page.text
    for name, role, words in (
        ("李干事", "officer", "已经有账号"),
        ("新人", "", "至少选一个角色"),
        ("", "officer", "请写姓名"),
    ):
        await desk.sends("/staff", name=name, **({"role": role} if role else {}))
        assert desk.last.status_code == 422
        assert desk.sees(words)


async def test_nobody_changes_her_own_roles_and_one_administrator_stays(house):
    admin = await house.hires("管理员", Role.ADMIN)
    desk = await house.comes_in(admin)
    await desk.sends(f"/staff/{admin.id}/roles", role="leader")
    assert desk.sees("要请另一位管理员来改")
    await desk.sends(f"/staff/{admin.id}/disable")
    assert desk.sees("唯一能用的管理员")
    assert (await desk.opens("/staff")).status_code == 200
    second = await house.hires("第二位", Role.ADMIN)
    await desk.sends(f"/staff/{second.id}/roles", role="officer")
    await desk.follows()
    assert desk.sees("角色已更改")
    changed = await house.store.read(lambda unit: unit.staff.get(second.id))
    assert changed.roles == {Role.OFFICER}


async def test_role_changes_work_at_once_for_a_running_session(house):
    admin = await house.hires("管理员", Role.ADMIN)
    officer = await house.hires("李干事", Role.OFFICER)
    desk, office = await house.comes_in(officer), await house.comes_in(admin)
    assert (await desk.opens("/cases")).status_code == 200
    await office.sends(f"/staff/{officer.id}/roles", role="curator")
    assert (await desk.opens("/cases")).status_code == 404


async def test_who_was_disabled_can_come_back(house):
    admin = await house.hires("管理员", Role.ADMIN)
    officer = await house.hires("李干事", Role.OFFICER)
    office = await house.comes_in(admin)
    await office.sends(f"/staff/{officer.id}/disable")
    await office.opens("/staff")
    assert office.sees("已停用")
    await office.sends(f"/staff/{officer.id}/enable")
    desk = await house.comes_in(officer)
    assert (await desk.opens("/")).status_code == 200


async def test_a_code_binds_a_telegram_account_for_ten_minutes(house):
    officer = await house.hires("李干事", Role.OFFICER)
    desk = await house.comes_in(officer)
    await desk.sends("/account/telegram")
    code = re.search(r"/link (\d{10})", desk.last.text)[1]
    value = await house.store.read(lambda unit: unit.facts.get(f"telegram-link:{code}"))
    staff_id, _, until = value.partition("|")
    assert staff_id == officer.id
    left = datetime.fromisoformat(until) - house.clock.now()
    assert left.total_seconds() == 600


async def test_operations_show_counts_and_dead_letters_without_words(house):
    auditor = await house.hires("审计员", Role.AUDITOR)
    card, now = await house.case(), house.clock.now()

    def kill(unit):
        person = unit.cases.people_of(card.id)[-1]
        (seq,) = unit.outbox.add(person, [Reply("很秘密的话")], lane=Lane.REPLY, now=now, case_id=card.id)
        unit.outbox.claim("webchat", now, 10)
        unit.outbox.dead(seq, "gone")

    await house.write(kill)
    desk = await house.comes_in(auditor)
    await desk.opens("/operations")
    assert desk.sees("发不出去的消息")
    assert desk.sees("网页")
    assert not desk.sees("很秘密的话")
    assert desk.sees("0.1.0")


async def test_operations_tell_that_somebody_else_uses_the_token(house):
    auditor = await house.hires("审计员", Role.AUDITOR)
    desk = await house.comes_in(auditor)
    await desk.opens("/operations")
    assert not desk.sees("令牌")
    await house.write(lambda unit: unit.facts.put("alarm:telegram", "conflict 2026-11-22T10:00:00+00:00"))
    await desk.opens("/operations")
    assert desk.sees("有另一个程序在用同一个令牌收消息")
    await house.write(lambda unit: unit.facts.put("alarm:telegram", ""))
    await desk.opens("/operations")
    assert not desk.sees("令牌")


async def test_the_audit_page_says_that_the_chain_holds(house):
    auditor = await house.hires("审计员", Role.AUDITOR)
    desk = await house.comes_in(auditor)
    await desk.opens("/audit")
    assert desk.sees("审计链完整")
    assert desk.sees("看审计")


async def test_the_staff_group_hears_that_a_case_moved_but_not_a_word_of_it(house):
    officer = await house.hires("李干事", Role.OFFICER)
    card, now = await house.case("独角兽的故事"), house.clock.now()
    loud = Desk(
        house.desk.wording,
        Bell(house.desk.wording, "telegram", "https://desk.example.org"),
        house.desk.promises,
    )

    def work(unit):
        case_work.claim(unit, officer, card.id, now, loud)
        draft = drafts.write_draft(unit, officer, card.id, "独角兽的答复", now, loud)
        drafts.send_draft(unit, officer, card.id, draft.id, now, loud)
        case_work.add_note(unit, officer, card.id, "独角兽的便签", now, loud)

    await house.write(work)
    rows = await house.write(lambda unit: list(unit.outbox.claim("telegram", now, 50)))
    assert rows
    assert all(row.person_id is None and row.reply.card == f"bell:{card.id}" for row in rows)
    assert card.number in rows[-1].reply.text
    assert "独角兽" not in str(rows)


async def test_the_contest_page_hides_districts_in_which_people_could_be_recognised(house):
    manager = await house.hires("活动管理", Role.CAMPAIGN)
    day = date(2026, 11, 22)
    house.deps.knowledge.campaigns["autumn"] = SimpleNamespace(
        id="autumn", title="普法竞答", opens_on=day, closes_on=day, questions=(1, 2), questions_per_try=2,
        tries_per_day=3, is_open=lambda today: True,
    )  # fmt: skip
    now = house.clock.now()

    def play(unit):
        for number in range(8):
            district = "金凤区" if number < 6 else "西夏区"
            player = unit.contest.player(Address("webchat", f"player{number}"))
            unit.contest.set_district(player, "autumn", district)
            unit.contest.start(
                Attempt(
                    f"try{number}",
                    "autumn",
                    player,
                    day,
                    ("a", "b"),
                    ((0, 1), (0, 1)),
                    0,
                    0,
                    now,
                    now,
                    None,
                    district,
                )
            )
            for question in (1, 2):
                unit.contest.keep_answer(f"try{number}", question, (0,), True, now, 900)
            unit.contest.finish(f"try{number}", now)

    await house.write(play)
    desk = await house.comes_in(manager)
    await desk.opens("/contest")
    assert re.search(r"<td>金凤区</td><td>6</td><td>100.0</td>", desk.last.text)
    assert not desk.sees("西夏区")
    assert desk.sees("有 1 个区县不到 5 人")
    assert re.search(r"<b>8</b><span>参加的人", desk.last.text)
