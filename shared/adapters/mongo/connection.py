"""Connects to the database that a MongoDB URL names."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from pymongo import AsyncMongoClient, WriteConcern
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import (
    ConfigurationError,
    ConnectionFailure,
    InvalidURI,
    OperationFailure,
    PyMongoError,
)
from pymongo.monitoring import CommandListener

from shared.errors import SettingsError, StoreDown
from shared.settings import without_password

Database = AsyncDatabase[dict[str, Any]]

_DATABASE = "answerdesk"
# A turn waits for these; a URL that names an option of its own has it.
_PATIENCE: dict[str, Any] = {
    "serverSelectionTimeoutMS": 3000,
    "connectTimeoutMS": 3000,
    "socketTimeoutMS": 20_000,
}
_UNAUTHORIZED = 13
# AuthenticationFailed, and what hosted services answer in its place.
_NOT_AUTHENTICATED = {18, 8000}


@asynccontextmanager
async def open_database(
    url: str, *, setting: str, listeners: Sequence[CommandListener] = ()
) -> AsyncIterator[Database]:
    """The database in the path of `url` (`answerdesk` when it names none); closes the connection at the end.

    Raises `SettingsError` naming `setting` when the URL is wrong, `StoreDown` when no server answers.
    """
    named = {option.partition("=")[0].lower() for option in url.partition("?")[2].split("&")}
    patience = {name: value for name, value in _PATIENCE.items() if name.lower() not in named}
    with errors(url, setting):
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
            url, appname="answerdesk", event_listeners=list(listeners), **patience
        )
    try:
        with errors(url, setting):
            await client.aconnect()
            database = client.get_default_database(_DATABASE, write_concern=WriteConcern("majority"))
            await database.command("ping")
        yield database
    finally:
        await client.close()


@contextmanager
def errors(url: str, setting: str) -> Iterator[None]:
    """Turns the driver's errors into ours; `url` is shown without its password."""
    place = f"{setting}={without_password(url)!r}"
    try:
        yield
    except OperationFailure as error:
        raise _refused(error, place) from error
    except ConnectionFailure as error:
        raise StoreDown(
            f"{place}: no server answers ({_first_line(error)}); start it, or check host, port and firewall"
        ) from error
    except (InvalidURI, ValueError):
        # The driver's text may quote a piece of the password: it stays out of the traceback too.
        raise SettingsError(
            f"{place}: this is no MongoDB URL; write mongodb://user:password@host:port/database or "
            "mongodb+srv://..., and percent-encode user and password"
        ) from None
    except ConfigurationError as error:
        raise SettingsError(f"{place}: {_first_line(error)}; correct the URL") from None
    except PyMongoError as error:
        raise StoreDown(f"{place}: {_first_line(error)}; try again, or check the server's log") from error


def _refused(error: OperationFailure, place: str) -> SettingsError | StoreDown:
    said = _server_text(error)
    if error.code in _NOT_AUTHENTICATED:
        return SettingsError(f"{place}: user or password is wrong ({said}); correct them in the URL")
    if error.code == _UNAUTHORIZED:
        return SettingsError(f"{place}: {said}; give the user the role readWrite on this database")
    return StoreDown(f"{place}: the server refused: {said}; check its log")


def _server_text(error: OperationFailure) -> str:
    details = error.details or {}
    return str(details.get("errmsg", error))


def _first_line(error: PyMongoError) -> str:
    """Without the driver's description of the topology."""
    return str(error).partition(" (configured timeouts")[0].partition(", Timeout:")[0]
