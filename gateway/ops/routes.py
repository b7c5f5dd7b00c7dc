"""The operators' pages, mounted by `gateway.app`."""

from gateway.ops import page

ROUTERS = (page.router,)
