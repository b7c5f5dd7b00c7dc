"""Texts that staff send again and again, as files a lead can edit."""

from gateway.console.macros.filling import BLANK, Values, blanks_in, fill, values_of
from gateway.console.macros.loading import Macro, Macros, load_macros

__all__ = ["BLANK", "Macro", "Macros", "Values", "blanks_in", "fill", "load_macros", "values_of"]
