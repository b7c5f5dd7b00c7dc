"""The routes of the right pane, and of finding cases and conversations."""

from gateway.console import (
    belonging,
    bulk,
    due,
    history,
    merging,
    order_page,
    revealing,
    searching,
    taking,
    views,
)

ROUTERS = tuple(
    each.router
    for each in (order_page, history, revealing, merging, searching, taking, views, bulk, due, belonging)
)
