"""Live updates over real HTTP: they say that something changed, not what, and end with the session."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest
import uvicorn

from bot.console import waking
from bot.domain.cases import EventKind
from bot.domain.staff import SYSTEM, Role
from bot.services import accounts


@asynccontextmanager
async def _served(house) -> AsyncIterator[str]:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(house.app, log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    await task


async def _events(answer: httpx.Response) -> AsyncIterator[tuple[str, str]]:
    name = ""
    async for line in answer.aiter_lines():
        if line.startswith("event:"):
            name = line[6:].strip()
        elif line.startswith("data:") and name:
            yield name, line[5:].strip()
            name = ""


@asynccontextmanager
async def _listening(house, member, path: str) -> AsyncIterator[AsyncIterator[tuple[str, str]]]:
    token = (await house.comes_in(member)).client.cookies["desk"]
    async with (
        _served(house) as base,
        httpx.AsyncClient(base_url=base, cookies={"desk": token}, timeout=20) as client,
        client.stream("GET", f"/console{path}") as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["x-frame-options"] == "DENY"
        yield _events(answer)


async def test_an_open_case_hears_of_new_words_without_hearing_the_words(house):
    officer = await house.hires("李干事", Role.OFFICER)
    card = await house.case(assignee=officer.id)
    async with _listening(house, officer, f"/cases/{card.id}/stream") as events:
        name, first = await anext(events)
        assert name == "case"
        now = house.clock.now()
        await house.write(
            lambda unit: unit.cases.add_event(
                card.id, EventKind.HER_WORDS, by="worker", at=now, body="秘密的话"
            )
        )
        name, second = await asyncio.wait_for(anext(events), 10)
        assert name == "case"
        assert json.loads(second)["key"] != json.loads(first)["key"]
        assert "秘密" not in second


async def test_an_open_case_hears_who_starts_to_write(house):
    officer = await house.hires("李干事", Role.OFFICER)
    leader = await house.hires("王主任", Role.LEADER)
    card = await house.case(assignee=officer.id)
    desk = await house.comes_in(officer)
    async with _listening(house, leader, f"/cases/{card.id}/stream") as events:
        assert json.loads((await anext(events))[1])["writing"] == []
        await desk.sends(f"/cases/{card.id}/writing")
        assert json.loads((await asyncio.wait_for(anext(events), 10))[1])["writing"] == ["李干事"]


async def test_the_list_hears_of_a_new_case_and_is_silent_otherwise(house, monkeypatch):
    monkeypatch.setattr(waking, "LOOK_AGAIN_S", 0.05)
    officer = await house.hires("李干事", Role.OFFICER)
    async with _listening(house, officer, "/cases-stream") as events:
        waiting = asyncio.ensure_future(anext(events))
        done, _ = await asyncio.wait({waiting}, timeout=0.4)
        assert not done, "nothing happened, so nothing is said"
        await house.case()
        assert await asyncio.wait_for(waiting, 10) == ("cases", "")


@pytest.mark.parametrize("path", ["/cases-stream", "/cases/{case}/stream"])
async def test_who_is_disabled_at_the_desk_is_cut_off_at_once(house, path):
    officer = await house.hires("李干事", Role.OFFICER)
    card = await house.case(assignee=officer.id)
    async with _listening(house, officer, path.format(case=card.id)) as events:
        now = house.clock.now()
        await house.write(lambda unit: accounts.disable(unit, SYSTEM, officer.id, now))
        async with asyncio.timeout(2):
            assert [name async for name, _ in events][-1] == "gone"


async def test_who_is_disabled_by_another_process_is_cut_off_within_five_seconds(house):
    officer = await house.hires("李干事", Role.OFFICER)
    async with _listening(house, officer, "/cases-stream") as events:
        await house.write(lambda unit: unit.staff.save(replace(officer, active=False)))
        async with asyncio.timeout(5):
            assert [name async for name, _ in events][-1] == "gone"


async def test_a_case_that_was_given_to_somebody_else_goes_from_her_screen(house):
    officer = await house.hires("李干事", Role.OFFICER)
    leader = await house.hires("王主任", Role.LEADER)
    card = await house.case(assignee=officer.id)
    desk = await house.comes_in(leader)
    async with _listening(house, officer, f"/cases/{card.id}/stream") as events:
        await anext(events)
        await desk.sends(f"/cases/{card.id}/assign", staff=leader.id)
        async with asyncio.timeout(5):
            assert [name async for name, _ in events][-1] == "gone"


async def test_streams_are_open_only_to_those_who_may_open_the_page(house):
    lawyer = await house.hires("赵律师", Role.LAWYER)
    curator = await house.hires("孙编辑", Role.CURATOR)
    card = await house.case()
    for member in (lawyer, curator):
        browser = await house.comes_in(member)
        assert (await browser.opens(f"/cases/{card.id}/stream")).status_code == 404
        assert (await browser.opens("/cases/feedfacefeedface/stream")).status_code == 404
    assert (await (await house.comes_in(curator)).opens("/cases-stream")).status_code == 404


async def test_watching_is_no_activity_a_watched_session_still_ends(house, monkeypatch):
    monkeypatch.setattr(waking, "LOOK_AGAIN_S", 0.05)
    officer = await house.hires("李干事", Role.OFFICER)
    async with _listening(house, officer, "/cases-stream") as events:
        for _ in range(4):
            house.clock.passes(minutes=8)
            await asyncio.sleep(0.1)
        async with asyncio.timeout(5):
            assert await anext(events) == ("gone", "")
