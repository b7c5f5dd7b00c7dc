"""Reads the hostile messages and harmless look-alikes that the critic learns from."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from shared.contracts import LANGUAGES, Language
from shared.errors import SettingsError

FOLDER = Path(__file__).parent / "attacks"
# What a finding of each family is called; the reply speaks to it (conversation/plan.py:refusal).
RULES = {
    "instruction_override": "input.injection",
    "indirect": "input.injection",
    "obfuscation": "input.injection",
    "multi_step": "input.injection",
    "execution": "input.injection",
    "role_play": "input.jailbreak",
    "fake_authority": "input.jailbreak",
    "prompt_extraction": "input.data_extraction",
    "other_customers_data": "input.data_extraction",
    "phishing": "input.data_extraction",
    "fake_policy": "input.false_claim",
    "free_goods": "input.false_claim",
    "general_assistant": "input.abuse",
    "spam": "input.spam",
}


@dataclass(frozen=True)
class Sample:
    """A message; `family` is empty for a harmless look-alike."""

    text: str
    family: str
    language: Language


def load_attacks(folder: Path = FOLDER) -> tuple[Sample, ...]:
    """Every sample of every language, in file order; raises `SettingsError` naming file, table and remedy."""
    return tuple(sample for language in LANGUAGES for sample in _read(folder / f"{language}.toml", language))


def _read(file: Path, language: Language) -> list[Sample]:
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"cannot read the attacks {file.name}: {error}; restore or correct it") from error
    samples = []
    for side in ("hostile", "harmless"):
        kinds = tables.get(side)
        if not isinstance(kinds, dict) or not kinds:
            raise SettingsError(f"{file.name}: [{side}] is missing; restore it")
        for kind, lines in kinds.items():
            if side == "hostile" and kind not in RULES:
                raise SettingsError(f"{file.name}: {kind} is no family; use one of {', '.join(RULES)}")
            if not isinstance(lines, str) or not lines.strip():
                raise SettingsError(f"{file.name}: {side}.{kind} must be a text, one message a line")
            family = kind if side == "hostile" else ""
            samples += [Sample(line, family, language) for line in lines.strip().splitlines()]
    return samples
