"""The routes of the knowledge editor."""

from gateway.console.knowledge import document, editing, listing

ROUTERS = (listing.router, document.router, editing.router)
