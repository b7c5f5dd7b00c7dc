"""Deletes the mock Zendesk's tickets as the vendor does: into a bin first, then for good by a job.

Wire format: developer.zendesk.com/api-reference/ticketing/tickets/tickets ("Delete Ticket", "List Deleted
Tickets", "Delete Ticket Permanently") and .../ticket-management/job_statuses.
"""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mock_apis.store import Store

Doc = dict[str, Any]


class Deleting:
    """The endpoints. Of a ticket that is gone for good its number stays, so that no other gets it."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    async def delete(self, request: Request) -> Response:
        """To the bin, where nobody finds or changes it."""
        number = str(request.path_params["id"])
        with self._store.writing():
            ticket = self._store.get("ticket", number)
            if ticket is None:
                return not_found()
            at = self._now().strftime("%Y-%m-%dT%H:%M:%SZ")
            self._store.put("deleted_ticket", number, ticket | {"deleted_at": at}, number=int(number))
            self._drop("ticket", number)
        return Response(status_code=204)

    async def deleted(self, _: Request) -> Response:
        """What is in the bin."""
        found = [
            {
                "id": ticket["id"],
                "subject": ticket["subject"],
                "deleted_at": ticket["deleted_at"],
                "previous_state": ticket["status"],
            }
            for ticket in self._store.all("deleted_ticket")
        ]
        told = {"deleted_tickets": found, "next_page": None, "previous_page": None, "count": len(found)}
        return JSONResponse(told)

    async def delete_for_good(self, request: Request) -> Response:
        """Queue the job that takes the ticket and its comments out of the bin."""
        number = str(request.path_params["id"])
        with self._store.writing():
            if self._store.get("deleted_ticket", number) is None:
                return not_found()
            job: Doc = {"id": uuid.uuid4().hex, "status": "queued", "ticket": int(number)}
            self._store.put("job", job["id"], job, number=self._store.next_number("job", first=1))
        return _told(job)

    async def job(self, request: Request) -> Response:
        """How far a job is; it is done when somebody asks."""
        with self._store.writing():
            job = self._store.get("job", str(request.path_params["id"]).removesuffix(".json"))
            if job is None:
                return not_found()
            if job["status"] == "queued":
                number = str(job["ticket"])
                self._store.sql("DELETE FROM doc WHERE kind = 'comment' AND owner = ?", number)
                self._drop("deleted_ticket", number)
                scrubbed = {"id": job["ticket"]}
                self._store.put("scrubbed", number, scrubbed, number=job["ticket"])
                job["status"] = "completed"
                self._store.change("job", job["id"], job)
        return _told(job)

    def _drop(self, kind: str, number: str) -> None:
        self._store.sql("DELETE FROM doc WHERE kind = ? AND id = ?", kind, number)


def not_found() -> Response:
    """No such record."""
    return JSONResponse({"error": "RecordNotFound", "description": "Not found"}, status_code=404)


def _told(job: Doc) -> Response:
    done = job["status"] == "completed"
    results = [{"id": job["ticket"], "index": 0, "success": True}] if done else None
    url = f"/api/v2/job_statuses/{job['id']}.json"
    shown = {"id": job["id"], "status": job["status"], "url": url, "results": results}
    return JSONResponse({"job_status": shown | {"message": None, "progress": None, "total": None}})
