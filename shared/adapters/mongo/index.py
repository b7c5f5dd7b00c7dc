"""Serves the knowledge base from MongoDB or Azure DocumentDB."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pymongo.monitoring import CommandListener

from shared.adapters.knowledge.fusion import Floors
from shared.adapters.knowledge.index import FLOORS, Index, utc_today
from shared.adapters.knowledge.lexical import Scores
from shared.adapters.knowledge.publishing import State
from shared.adapters.knowledge.ranking import Ranking
from shared.adapters.mongo.connection import errors, open_database
from shared.adapters.mongo.cosmos import CosmosVectors
from shared.adapters.mongo.index_rows import SETTING, MongoRows
from shared.contracts import LANGUAGES, Language
from shared.errors import SettingsError, StoreDown
from shared.ports import Embedder, Filters

_log = logging.getLogger(__name__)
# Each look is a round trip on a turn's way; staff wait a second for what they published.
_LOOK_SECONDS = 1.0


class MongoIndex(Index):
    """An index whose vectors the server ranks when it can and is asked to; see `open_index`."""

    def __init__(
        self,
        rows: MongoRows,
        vectors: CosmosVectors | None,
        *,
        url: str,
        embedder: Embedder,
        vector_locales: Sequence[Language],
        today: Callable[[], date],
        floors: Floors,
        look_seconds: float,
    ) -> None:
        super().__init__(
            rows,
            embedder=embedder,
            vector_locales=vector_locales,
            today=today,
            floors=floors,
            look_seconds=look_seconds,
        )
        self._server = vectors
        self._url = url

    def _stale(self, state: State) -> bool:
        ranked_at = self._server.path if self._server else ""
        return super()._stale(state) or (bool(state.token) and state.ranked_at != ranked_at)

    def _ranks(self, state: State) -> CosmosVectors | None:
        """The server's vectors, if this publication has written them there."""
        if self._server is None or state.embedder != self._name:
            return None
        return self._server if state.ranked_at == self._server.path else None

    async def _vectors(self, state: State, hashes: Sequence[str]) -> Mapping[str, bytes]:
        return {} if self._ranks(state) else await super()._vectors(state, hashes)

    def _compared(self, ranking: Ranking) -> set[Language]:
        if not self._ranks(self._serving):
            return super()._compared(ranking)
        return {locale for locale in ranking.shelves if locale in self._vector_locales}

    async def _nearness(
        self, ranking: Ranking, asked: Mapping[Language, NDArray[np.float32]], filters: Filters
    ) -> dict[Language, Scores]:
        state = self._serving
        server = self._ranks(state)
        if server is None:
            return await super()._nearness(ranking, asked, filters)
        day = filters.on or self._today()
        try:
            with errors(self._url, SETTING):
                near = await asyncio.gather(
                    *(
                        server.near(
                            vector,
                            generation=state.token,
                            locale=locale,
                            day=day,
                            categories=filters.categories,
                        )
                        for locale, vector in asked.items()
                    )
                )
        except (StoreDown, SettingsError) as error:
            _log.warning("knowledge is searched by words alone: the vectors' server is down: %s", error)
            return {}
        return {locale: _scores(ranking, locale, found) for locale, found in zip(asked, near, strict=True)}


def _scores(ranking: Ranking, locale: Language, near: Mapping[tuple[str, str], float]) -> Scores:
    """One score per passage; what the server did not name is not near, so nothing is lifted by a guess."""
    found = [near.get((row.chunk.id, row.text_hash), 0.0) for row in ranking.rows[locale]]
    return np.clip(np.array(found, dtype=np.float32), 0.0, 1.0)


@asynccontextmanager
async def open_index(
    url: str,
    *,
    embedder: Embedder,
    vectors: Literal["exact", "ivf", "hnsw"] = "exact",
    vector_locales: Sequence[Language] = LANGUAGES,
    re_embed: bool = False,
    today: Callable[[], date] = utc_today,
    floors: Floors = FLOORS,
    look_seconds: float = _LOOK_SECONDS,
    listeners: Sequence[CommandListener] = (),
) -> AsyncIterator[MongoIndex]:
    """Open the index in the database that `url` names; closes the connection at the end.

    `vectors` says who compares them: `exact` this process, any MongoDB will do; `ivf` and `hnsw` Azure
    DocumentDB, by an index of that kind. An index made by another embedder raises `SettingsError`, unless
    `re_embed` asks to make its vectors anew at the next sync.
    """
    async with open_database(url, setting=SETTING, listeners=listeners) as database:
        server = None if vectors == "exact" else CosmosVectors(database, vectors, embedder.dimensions)
        rows = MongoRows(database, url, server)
        index = MongoIndex(
            rows,
            server,
            url=url,
            embedder=embedder,
            vector_locales=vector_locales,
            today=today,
            floors=floors,
            look_seconds=look_seconds,
        )
        await index.check_embedder(re_embed=re_embed)
        if server is not None:
            with errors(url, SETTING):
                await server.prepare()
        yield index
