"""The spend ledger in the collections of a MongoDB database, for processes that share no disk."""

import time
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import date
from typing import Any

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from shared import spending
from shared.adapters.mongo.connection import Database, errors, open_database
from shared.contracts import Usage
from shared.ports.spending import Spend, SpendLine

SETTING = "SPENDING_URL"
_TURNS, _DAYS, _ERASED, _ALIVE = "spent_turns", "spent_days", "spent_erased", "spent_alive"
_REMEMBERED = 1000
"""Turns that a sum remembers: one that died half counted is delivered again long before as many others."""
_VOID_SECONDS = 8 * 86400.0
_COUNTS = (
    "calls", "input_tokens", "cached_tokens", "output_tokens", "unpriced_tokens", "nano_usd",
    "estimated_tokens",
)  # fmt: skip


@asynccontextmanager
async def open_spending(url: str) -> AsyncIterator["MongoSpending"]:
    """The ledger in the database of `url`. Raises `SettingsError` and `StoreDown`."""
    async with open_database(url, setting=SETTING) as database:
        with errors(url, SETTING):
            await database[_TURNS].create_index([("conversation_id", ASCENDING)])
            await database[_TURNS].create_index([("at", ASCENDING)])
            await database[_DAYS].create_index([("day", ASCENDING)])
        yield MongoSpending(database, url)


class MongoSpending:
    """The `Spending` port without transactions, which a single server does not have.

    Each sum is one document that remembers the last turns in it, so that adding a turn twice is no change; a
    turn is noted as counted after all its sums are.
    """

    def __init__(self, database: Database, url: str) -> None:
        self._database = database
        self._url = url

    async def record(self, turn_id: str, *, conversation_id: str, at: float, usages: Iterable[Usage]) -> bool:
        """See `Spending.record`."""
        lines = spending.lines_of(usages, at)
        if not lines:
            return False
        with errors(self._url, SETTING):
            turns = self._database[_TURNS]
            if await turns.find_one({"_id": turn_id}, {"_id": 1}):
                return False
            for line in lines:
                await self._add(turn_id, line)
            erased = await self._database[_ERASED].find_one({"_id": conversation_id, "at": {"$gt": at}})
            kept = [] if erased else [_document(line) for line in lines]
            row = {"_id": turn_id, "conversation_id": "" if erased else conversation_id, "at": at}
            try:
                await turns.insert_one(row | {"lines": kept})
            except DuplicateKeyError:
                return False
        return True

    async def _add(self, turn_id: str, line: SpendLine) -> None:
        name = f"{line.day.isoformat()}|{line.agent}|{line.tier}|{line.engine}|{line.model}"
        document = _document(line)
        change: dict[str, Any] = {
            "$inc": {count: document[count] for count in _COUNTS},
            "$min": {"first_at": line.first_at},
            "$push": {"turns": {"$each": [turn_id], "$slice": -_REMEMBERED}},
            "$setOnInsert": {each: document[each] for each in ("day", "agent", "tier", "engine", "model")},
        }
        wanted = {"_id": name, "turns": {"$ne": turn_id}}
        days = self._database[_DAYS]
        try:
            await days.update_one(wanted, change, upsert=True)
        except DuplicateKeyError:
            # It is there: with this turn in it, or made by another process since we looked.
            await days.update_one(wanted, change)

    async def recorded(self, turn_ids: Collection[str]) -> set[str]:
        """See `Spending.recorded`."""
        with errors(self._url, SETTING):
            found = self._database[_TURNS].find({"_id": {"$in": list(turn_ids)}}, {"_id": 1})
            return {str(row["_id"]) async for row in found}

    async def of_day(self, day: date) -> Spend:
        """See `Spending.of_day`."""
        return Spend(await self.days(day, day))

    async def of_month(self, day: date) -> Spend:
        """See `Spending.of_month`."""
        return Spend(await self.days(spending.first_of_month(day), spending.last_of_month(day)))

    async def days(self, since: date, until: date) -> Sequence[SpendLine]:
        """See `Spending.days`."""
        within = {"day": {"$gte": since.isoformat(), "$lte": until.isoformat()}}
        with errors(self._url, SETTING):
            rows = self._database[_DAYS].find(within, {"turns": 0, "_id": 0})
            return spending.merged([_line(row) async for row in rows])

    async def of_conversation(self, conversation_id: str) -> Spend:
        """See `Spending.of_conversation`."""
        if not conversation_id:
            return Spend()
        with errors(self._url, SETTING):
            rows = self._database[_TURNS].find({"conversation_id": conversation_id})
            found = [_line(line) async for row in rows for line in row["lines"]]
        return Spend(spending.merged(found))

    async def erase(self, conversation_ids: Collection[str], *, at: float) -> int:
        """See `Spending.erase`."""
        names = [name for name in conversation_ids if name]
        with errors(self._url, SETTING):
            erased = self._database[_ERASED]
            await erased.delete_many({"at": {"$lt": at - _VOID_SECONDS}})
            for name in names:
                await erased.update_one({"_id": name}, {"$max": {"at": at}}, upsert=True)
            done = await self._database[_TURNS].update_many(
                {"conversation_id": {"$in": names}}, {"$set": {"conversation_id": "", "lines": []}}
            )
        return int(done.modified_count)

    async def count(self, before: float) -> int:
        """See `Spending.count`."""
        with errors(self._url, SETTING):
            return int(await self._database[_TURNS].count_documents({"at": {"$lt": before}}))

    async def expire(self, before: float, *, limit: int) -> int:
        """See `Spending.expire`."""
        with errors(self._url, SETTING):
            due = self._database[_TURNS].find({"at": {"$lt": before}}, {"_id": 1}).sort("at").limit(limit)
            names = [row["_id"] async for row in due]
            return int((await self._database[_TURNS].delete_many({"_id": {"$in": names}})).deleted_count)

    async def ping(self) -> None:
        """See `Spending.ping`."""
        with errors(self._url, SETTING):
            await self._database[_ALIVE].update_one({"_id": 1}, {"$set": {"at": time.time()}}, upsert=True)


def _document(line: SpendLine) -> dict[str, Any]:
    return asdict(line) | {"day": line.day.isoformat()}


def _line(row: dict[str, Any]) -> SpendLine:
    return SpendLine(**(row | {"day": date.fromisoformat(row["day"])}))
