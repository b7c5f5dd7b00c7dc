"""Finds personal data in what customers write, without any effect."""

from shared.personal_data.find import Span, find
from shared.personal_data.same import normal_form
from shared.personal_data.view import token_pattern

__all__ = ["Span", "find", "normal_form", "token_pattern"]
