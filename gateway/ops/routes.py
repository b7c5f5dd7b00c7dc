"""The operators' pages, mounted by `gateway.app`."""

from gateway.ops import letters, page

ROUTERS = (page.router, letters.router)
