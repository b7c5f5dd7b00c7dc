"""What a replay runs with that production does not: models, prompts, playbooks, policy."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from conversation.planning.plan import Planner
from conversation.rules.playbooks import FOLDER, load_playbooks, load_policy
from shared.errors import SettingsError
from shared.ports import ProductReader
from shared.settings import Settings, without_password

AGENTS = ("intent", "response", "critic")
EMBEDDED = "embedded"
Knowledge = Literal["recorded", "current"]
_ALONE: dict[str, object] = {
    "answer_cache": False,
    "spending_url": "memory://",
    "model_budget_usd_conversation": 0.0,
    "model_budget_usd_day": 0.0,
    "model_budget_usd_month": 0.0,
}
"""No cached replies, which would be read and written; no ledger of customers' turns (`purse` counts what a
replay takes); no budget that changes who answers."""


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What is tried out; what is not given is as this installation has it.

    `models` are names, `NAME` for all agents or `AGENT=NAME`; `knowledge` says whether passages are those
    that were found then, or searched in what is published now.
    """

    models: tuple[str, ...] = ()
    prompts: Path | None = None
    playbooks: Path | None = None
    policy: Path | None = None
    knowledge: Knowledge = "recorded"

    def told(self, settings: Settings) -> dict[str, str]:
        """What was given, by option, and the model service these settings name."""
        named = (settings.model_intent, settings.model_response, settings.model_critic)
        service = [] if settings.model_url.startswith("embedded") else [without_password(settings.model_url)]
        given = {
            "model": " ".join([*service, *dict.fromkeys(filter(None, named))]) or " ".join(self.models),
            "prompts": str(self.prompts or ""),
            "playbooks": str(self.playbooks or ""),
            "policy": str(self.policy or ""),
            "knowledge": "" if self.knowledge == "recorded" else self.knowledge,
        }
        return {name: value for name, value in given.items() if value}

    def settings(self, settings: Settings) -> Settings:
        """The settings with these models, and without what would be written or is spent already.

        Raises:
            SettingsError: a model of an agent that has none, or models or prompts where no model service
                is set.
        """
        changed = settings.model_copy(update=_ALONE | self._models(settings))
        if self.prompts is not None and changed.model_url.startswith("embedded"):
            raise SettingsError(
                f"--prompts {str(self.prompts)!r}: MODEL_URL={changed.model_url!r} reads no prompts, so "
                "nothing would be tried out; set MODEL_URL to the service that does"
            )
        return changed

    def _models(self, settings: Settings) -> dict[str, object]:
        found: dict[str, str] = {}
        for given in self.models:
            agent, named, model = given.rpartition("=")
            if named and agent not in AGENTS:
                raise SettingsError(
                    f"--model {given!r}: {agent!r} asks no model; write NAME, or one of "
                    f"{', '.join(f'{each}=NAME' for each in AGENTS)}"
                )
            found |= {f"model_{each}": model for each in ((agent,) if named else AGENTS)}
        if EMBEDDED in found.values():
            if set(found.values()) != {EMBEDDED} or len(found) < len(AGENTS):
                raise SettingsError(
                    f"--model {EMBEDDED}: the local engine answers for all agents or none; give it alone"
                )
            return {"model_url": "embedded://", "model_fallback_url": ""}
        if found and settings.model_url.startswith("embedded"):
            raise SettingsError(
                f"--model {self.models[0]!r}: MODEL_URL={settings.model_url!r} has no models; "
                "set MODEL_URL to the service that has it"
            )
        return dict(found)

    def planner(self, reader: ProductReader) -> Planner:
        """The planner over these files. Raises a `SettingsError` that names file, key and remedy."""
        folder = self.playbooks or FOLDER
        return Planner(
            playbooks=load_playbooks(folder), policy=load_policy(folder, file=self.policy), reader=reader
        )
