"""The operators' pages, mounted by `gateway.app`."""

from gateway.ops import letters, may, page, spend
from gateway.ops.explaining import page as explaining
from gateway.ops.querying import page as querying

ROUTERS = (page.router, letters.router, spend.router, may.router, explaining.router, querying.router)
