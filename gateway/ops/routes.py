"""The operators' pages, mounted by `gateway.app`."""

from gateway.ops import may, page
from gateway.ops.explaining import page as explaining
from gateway.ops.querying import page as querying

ROUTERS = (page.router, may.router, explaining.router, querying.router)
