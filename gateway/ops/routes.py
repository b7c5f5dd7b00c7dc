"""The operators' pages, mounted by `gateway.app`."""

from gateway.ops import page
from gateway.ops.explaining import page as explaining

ROUTERS = (page.router, explaining.router)
