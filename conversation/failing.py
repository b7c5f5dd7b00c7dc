"""Tells an error that may pass from a bug of ours, and where that is."""

import traceback

from shared.errors import DeskError


def may_pass(error: Exception) -> bool:
    """Whether trying again may help."""
    return error.retry if isinstance(error, DeskError) else isinstance(error, OSError)


def where(error: Exception) -> str:
    """The kind and the lines of code; an exception's own text may quote what a customer wrote."""
    return type(error).__name__ + "\n" + "".join(traceback.format_tb(error.__traceback__)[-4:])
