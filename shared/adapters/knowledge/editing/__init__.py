"""Editing documents from the console: what an edit would change, and putting it in its place."""

from shared.adapters.knowledge.editing.editor import Editor

__all__ = ["Editor"]
