"""Strangers: stand-ins for the vendors that speak their wire formats over HTTP."""
