"""Says when two spellings are the same value."""

import re

from shared.personal_data.view import fold


def normal_form(value: str) -> str:
    """The spelling in which equal values are equal: small e-mails, bare phone digits, folded names.

    "ANA at example dot com" and "ana@example.com" give one form; so do "(555) 010-7788" and
    "+1 555 010 7788", and "María  García" and "maria garcia".
    """
    folded = " ".join(fold(value).split())
    spelled = re.sub(r"\s?[\[({<]?\b(?:at|arr?obas?e?)\b[\])}>]?\s?", "@", folded, count=1)
    email = re.sub(
        r"\s?[\[({<]?\b(?:dot|punto|point)\b[\])}>]?\s?", ".", spelled if "@" not in folded else folded
    )
    email = re.sub(r"\s(?:underscore|tiret bas|guion bajo|subrayado)\s", "_", email)
    email = re.sub(r"\s(?:dash|hyphen|tiret|guion)\s", "-", email)
    email = re.sub(r"[\s\[\](){}<>]", "", email)
    if re.fullmatch(r"[\w.+'%-]+@[\w-]+(?:\.[\w-]+)+", email):
        return email
    digits = "".join(char for char in folded if char.isdigit())
    if len(digits) >= 7 and re.fullmatch(r"[+\d\s().,\-/_|]+", folded):
        return digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
    return folded or value
