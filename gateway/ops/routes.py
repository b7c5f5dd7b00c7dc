"""The operators' pages, mounted by `gateway.app`."""

from gateway.ops import letters, page, spend

ROUTERS = (page.router, letters.router, spend.router)
