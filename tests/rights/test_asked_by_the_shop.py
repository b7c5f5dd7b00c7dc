"""What the shop asks for a customer's privacy is done or lies before an admin, from its signed webhook on."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from msgspec import structs

from gateway.console import privacy
from gateway.rights import files
from gateway.rights.context import task_owner
from shared.contracts import ADMINS, BOT, RecordChanged, TaskDue
from shared.errors import VendorDown
from tests.bus.sample import until
from tests.console.desk import PAGE
from tests.mock_apis.conftest import TODAY
from tests.rights.asked import Asked, asked_by_the_shop, in_days
from tests.staff import PASSWORD
from tests.store.test_rights import hand_over


@pytest.fixture(scope="module")
def shop_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from mock_apis import shopify  # noqa: PLC0415  needs graphql-core

    path = tmp_path_factory.mktemp("shop") / "shop.db"
    shopify.open_shop(path, TODAY).close()
    return path


def copied(shop_file: Path, folder: Path) -> Path:
    """The shop, for one test to change."""
    own = folder / "shop.db"
    own.write_bytes(shop_file.read_bytes())
    return own


@pytest.fixture
async def asked(tmp_path: Path, shop_file: Path) -> AsyncIterator[Asked]:
    async with asked_by_the_shop(tmp_path / "desk", copied(shop_file, tmp_path)) as found:
        yield found


async def test_a_request_for_data_is_exported_with_one_click(asked: Asked) -> None:
    """An admin has 30 days; nobody else may settle it; erasing the customer takes it along."""
    await asked.tell("customers/data_request", customer=asked.customer)
    await until(lambda: asked.listed("privacy_export"))
    (task,) = await asked.listed("privacy_export")
    assert (task.assignee, task.is_open, asked.customer in str(task)) == (ADMINS, True, False)
    assert abs(task.due_at - in_days(30)) < 60
    page = (await asked.http.get("/console/customers")).text
    assert ("Asked by the shop" in page, task.id in page, asked.customer in page) == (True, True, False)
    way = httpx.ASGITransport(asked.http._transport.app)  # type: ignore[attr-defined]
    async with httpx.AsyncClient(
        transport=way, base_url="http://desk.test", auth=("agent", PASSWORD)
    ) as agent:
        form = {"do": "done", "version": str(task.version)}
        assert (await agent.post(f"/console/tasks/{task.id}", data=form)).status_code == 403
    form = {"do": "export", "format": "html"}
    saved = await asked.http.post(f"/console/customers/requests/{task.id}", data=form)
    assert (saved.status_code, "Emma Larsson" in saved.text) == (200, True)
    done = await asked.http.post(f"/console/customers/requests/{task.id}", data={"do": "done"})
    assert (done.status_code, (await asked.listed("privacy_export"))[0].status) == (303, "done")
    again = await asked.http.post(f"/console/customers/requests/{task.id}", data=form)
    assert again.status_code == 404


async def test_an_erasure_is_done_with_a_receipt(asked: Asked) -> None:
    """By itself, audited, once: what names the customer in the task opens nothing any more."""
    await asked.tell("customers/data_request", customer=asked.customer)
    for _ in range(2):  # the vendor tells it again
        await asked.tell("customers/redact", customer=asked.customer)
    rights = asked.desk.rights
    assert rights is not None
    await until(lambda: bool(files.receipts(rights)))
    await until(lambda: _all_done(asked))
    (filed,) = files.receipts(rights)
    assert filed.receipt is not None
    assert (filed.genuine, filed.receipt.purpose, filed.receipt.conversations) == (True, "legal duty", 2)
    assert (await asked.kept(), await asked.listed("privacy_export")) == (0, [])
    assert {each.customer for each in await asked.listed("privacy_erase")} == {""}
    assert await rights.vault.conversations(asked.customer) == []


async def _all_done(asked: Asked) -> bool:
    return all(each.status == "done" for each in await asked.listed("privacy_erase"))


async def test_an_erasure_that_was_cut_off_goes_on(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    """The helpdesk is away, when the customer's keys are gone already: the task knows whose it is."""
    rights = asked.desk.rights
    assert rights is not None

    reached = asyncio.Event()

    async def away(*_: object, **__: object) -> bool:
        reached.set()
        raise VendorDown("zendesk", "503")

    await rights.store.open_hand_over(structs.replace(hand_over("c-t-1"), ticket="35001"))
    with monkeypatch.context() as patched:
        patched.setattr(type(rights.helpdesk), "erase_ticket", away)
        await asked.tell("customers/redact", customer=asked.customer)
        await reached.wait()
    (task,) = await asked.listed("privacy_erase")
    assert (task.assignee, list(files.receipts(rights))) == (BOT, [])
    assert await rights.vault.conversations(asked.customer) == []
    await asked.privacy.due(TaskDue.of(task, at=task.due_at))
    assert (await _all_done(asked), len(files.receipts(rights))) == (True, 1)


async def test_killed_before_the_last_key_went_it_goes_with_the_next_telling(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The task is done, and the process died before the id that it had sealed was forgotten."""
    rights = asked.desk.rights
    assert rights is not None
    forget, reached = rights.vault.forget, asyncio.Event()

    async def dies(owner: str) -> int:
        if owner.startswith("task-") and not reached.is_set():
            reached.set()
            raise VendorDown("vault", "killed")
        return await forget(owner)

    monkeypatch.setattr(rights.vault, "forget", dies)
    await asked.tell("customers/redact", customer=asked.customer)
    await reached.wait()
    await until(lambda: _all_done(asked))
    (task,) = await asked.listed("privacy_erase")
    await asked.privacy.due(TaskDue.of(task, at=task.due_at))
    assert await forget(task_owner(task.id)) == 0


async def test_what_the_law_holds_waits_for_an_admin(
    tmp_path: Path, shop_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is erased before somebody typed the word; then all of it. People read why not as a page."""
    async with asked_by_the_shop(tmp_path / "desk", copied(shop_file, tmp_path), held=True) as asked:
        await asked.tell("customers/redact", customer=asked.customer)
        await until(lambda: asked.listed("privacy_erase"))
        (task,) = await asked.listed("privacy_erase")
        assert (task.assignee, await asked.kept()) == (ADMINS, 1)
        path = f"/console/customers/requests/{task.id}"
        refused = await asked.http.post(path, data={"do": "erase", "confirm": "yes"}, headers=PAGE)
        assert (refused.status_code, await asked.kept()) == (422, 1)
        assert (refused.text[:9], "nothing was erased" in refused.text) == ("<!doctype", True)

        async def away(*_: object, **__: object) -> None:
            raise VendorDown("zendesk", "503")

        with monkeypatch.context() as patched:
            patched.setattr(privacy, "erase", away)
            stopped = await asked.http.post(path, data={"do": "erase", "confirm": "erase"}, headers=PAGE)
            assert (stopped.status_code, "Erase again to go on" in stopped.text) == (503, True)
            assert not await _all_done(asked)
        erased = await asked.http.post(path, data={"do": "erase", "confirm": "Erase"})
        assert (erased.status_code, await asked.kept()) == (303, 0)
        assert (await _all_done(asked), "receipts/" in erased.headers["location"]) == (True, True)


async def test_a_shop_that_leaves_is_for_a_person_to_confirm(asked: Asked) -> None:
    """A task, and not a row less."""
    await asked.tell("shop/redact")
    await until(lambda: asked.listed("privacy_shop"))
    (task,) = await asked.listed("privacy_shop")
    assert (task.assignee, await asked.kept(), "Nothing was erased" in task.title) == (ADMINS, 1, True)


async def test_a_changed_record_is_forgotten_by_every_gateway(asked: Asked) -> None:
    """The old e-mail is no known value any more; others' records stay; a break forgets them all."""
    intake = asked.desk.intake
    intake._records["somebody-else"] = (0.0, ("Bo",))
    intake._records[asked.customer] = (0.0, ("old@example.com",))
    async with asked.desk.bus.watch() as news:
        await asked.tell("customers/update", customer=asked.customer, email="new@example.com")
        sign = await anext(news)
    assert isinstance(sign, RecordChanged)
    asked.privacy.hear(sign)
    assert list(intake.remembered()) == ["somebody-else"]
    asked.privacy.hear(None)
    assert list(intake.remembered()) == []


async def test_a_topic_nobody_uses_is_said_once(asked: Asked, caplog: pytest.LogCaptureFixture) -> None:
    """It is answered with 200, counted, and named for whoever subscribed to it."""
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            await asked.tell("refunds/create", customer=asked.customer)
    said = [each.message for each in caplog.records if "refunds/create" in each.message]
    assert len(said) == 1
