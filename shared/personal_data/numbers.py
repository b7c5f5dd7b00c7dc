"""Says what a number is: a card, an account, a national id, a phone, or none of these."""

import re
from functools import cache

import phonenumbers

_NIF = "TRWAGMYFPDXBNJZSQVHLCKE"
_IBAN_DIGITS = 8
_REGIONS = ("US", "GB", "FR", "ES")


def digits_of(text: str) -> str:
    """The digits alone."""
    return "".join(char for char in text if char.isdigit())


def is_card(text: str) -> bool:
    """13 to 19 digits of a card scheme with a right check digit (Luhn)."""
    digits = digits_of(text)
    return 13 <= len(digits) <= 19 and digits[0] in "23456" and _luhn(digits)


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * 2 for digit in digits[-2::-2]]
    total = sum(int(digit) for digit in digits[-1::-2]) + sum(n - 9 if n > 9 else n for n in doubled)
    return total % 10 == 0


def is_iban(text: str) -> bool:
    """Country, check digits and account number whose remainder modulo 97 is 1 (ISO 13616)."""
    code = re.sub(r"[\s-]", "", text).upper()
    # Every country's has eight digits or more after its two letters.
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", code) or sum(map(str.isdigit, code)) < _IBAN_DIGITS:
        return False
    return int("".join(str(int(char, 36)) for char in code[4:] + code[:4])) % 97 == 1


def is_national_id(text: str) -> bool:
    """A Spanish DNI or NIE with its right letter."""
    code = re.sub(r"[\s-]", "", text).upper()
    number = code[:-1].translate(str.maketrans("XYZ", "012"))
    return number.isdigit() and _NIF[int(number) % 23] == code[-1]


@cache
def _date() -> re.Pattern[str]:
    return re.compile(
        r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
        r"|(?:(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))20\d\d"
    )


@cache
def _phone_words() -> re.Pattern[str]:
    return re.compile(
        r"phone|\btel\b|telephone|\bcall|\bcell|mobile|whatsapp|\btext me|reach me|contact|movil|telefono"
        r"|llam|portable|joindre|appel|fax|numero de tel"
    )


@cache
def _id_words() -> re.Pattern[str]:
    return re.compile(
        r"ssn|social (?:security|insurance)|\bsin (?:is|number|:|#)|\bnir\b|secu(?:rite)? sociale"
        r"|\bsecu\b|passport"
        r"|passeport|pasaporte|driver|licen[cs]e|national id|\bdni\b|\bnie\b|\bnino\b|insurance number"
    )


def chain_kind(chain: str, before: str) -> str | None:
    """What digits in groups are, given the (lower-case) words before them; None when nothing personal."""
    groups = re.findall(r"\d+", chain)
    digits = "".join(groups)
    if is_card(chain):
        return "card"
    if len(digits) < 7 or _date().fullmatch(chain):
        return None
    if _is_numbered_person(chain, groups, digits, before):
        return "national_id"
    if len(groups) == 1:
        return "phone" if len(digits) in {9, 10, 11} else "number"
    if all(re.fullmatch(r"(?:19|20)\d\d", group) for group in groups):
        return None  # years
    return _grouped(chain, groups, digits, before)


def _is_numbered_person(chain: str, groups: list[str], digits: str, before: str) -> bool:
    if _id_words().search(before) and len(digits) <= 15:
        return True
    if re.fullmatch(r"(?!000|666|9)\d{3}[- ](?!00)\d{2}[- ](?!0000)\d{4}", chain):
        return True  # a US social security number
    sizes = [len(group) for group in groups]
    if sizes[:6] == [1, 2, 2, 2, 3, 3] and digits[0] in "12" and len(digits) in {13, 15}:
        return True  # a French NIR
    return len(digits) == 9 and sizes == [3, 3, 3] and _luhn(digits)  # Canada


def _grouped(chain: str, groups: list[str], digits: str, before: str) -> str | None:
    """A telephone number by the way its groups are cut, else a long number, else a list of numbers."""
    size = len(digits)
    sizes = [len(group) for group in groups]
    if "," in chain:  # "1001, 1002, 10034": a list, unless it reads as one telephone number
        return "phone" if max(sizes) < 4 and _valid_phone(chain, digits) else None
    trunk = digits[0] == "0" != digits[1] and size == 10 and re.fullmatch(r"[\d\s.-]+", chain)
    if trunk or (size <= 15 and (chain.startswith(("+", "00")) or _phone_words().search(before))):
        return "phone"  # ten digits after a trunk zero are British or French, however they are cut
    if set(sizes) == {4} and size >= 16:
        return "card"  # a mistyped card is still a card
    if sizes == [3, 4] or (max(sizes) == 1 and size in {9, 10, 11}) or _is_north_american(sizes, digits):
        return "phone"
    if size > 7 and _valid_phone(chain, digits):
        return "phone"
    code = re.fullmatch(r"[\d-]+|[\d.]+", chain) and size >= 9 and min(sizes) >= 2 and max(sizes) >= 3
    return "number" if code or max(sizes) == 1 else None


def _is_north_american(sizes: list[int], digits: str) -> bool:
    if len(digits) != 10 and not (len(digits) == 11 and digits[0] == "1"):
        return False
    return digits[-10] not in "01" and sum(size == 1 for size in sizes) <= 1 and max(sizes) <= 7


def _valid_phone(chain: str, digits: str) -> bool:
    """Whether a numbering plan knows it; only asked when the form leaves it open (50 µs)."""
    if not 9 <= len(digits) <= 12:
        return False
    for region in _REGIONS:
        try:
            if phonenumbers.is_valid_number(phonenumbers.parse(chain, region)):
                return True
        except phonenumbers.NumberParseException:
            continue
    return False
