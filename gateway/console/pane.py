"""The routes of the right pane, and of finding cases and conversations."""

from gateway.console import bulk, history, merging, orders, revealing, searching, views

ROUTERS = tuple(each.router for each in (orders, history, revealing, merging, searching, views, bulk))
