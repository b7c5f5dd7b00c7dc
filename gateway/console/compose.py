"""What the reply box of a case shows: what staff are writing, drafts, macros, passages, warnings."""

import base64
import hashlib
from dataclasses import dataclass, replace
from typing import Any

from gateway.casework import new_turn
from gateway.console import sealing
from gateway.console.drafts import Talk, drafts_of, talk_of
from gateway.console.macros import fill, values_of
from gateway.context import Desk
from gateway.intake import LONGEST
from gateway.staff.roles import Member
from shared.contracts import OUR_TEAM, Case, Citation, Correction, Passage

WRONGS = {
    "wrong_fact": "a fact is wrong",
    "wrong_policy": "against our policy",
    "not_answered": "does not answer the question",
    "out_of_date": "out of date by now",
    "wrong_tone": "wrong tone",
    "wrong_language": "wrong language",
    "unsafe": "unsafe, or another customer's data",
    "other": "something else (say what)",
}
"""Why a reply of the bot is wrong, as forms offer it."""
FAULTS = {"": "no", "missing": "yes, it is missing there", "wrong": "yes, it is wrong there"}
_PREVIEW = 110


@dataclass(frozen=True)
class Box:
    """What is being written, as a form brings it and the page shows it again.

    `draft` is where the text came from, `seen` the customer's newest line when the page was made, `asked` a
    mark of the text and line that were warned about: sent again unchanged, it goes. `caret` is the place in
    the text, -1 for its end. `card` is what is asked besides: `reject:<draft>` or `wrong:<turn>`.
    """

    text: str = ""
    turn_id: str = ""
    draft: str = ""
    seen: str = ""
    asked: str = ""
    sources: tuple[Citation, ...] = ()
    caret: int = -1
    macros: str = ""
    knowledge: str = ""
    found: tuple[Passage, ...] | None = None
    card: str = ""
    why: str = ""
    words: str = ""
    better: str = ""
    fault: str = ""
    error: str = ""
    warnings: tuple[tuple[str, str], ...] = ()
    told: str = ""
    tool: str = ""

    def put(self, piece: str) -> "Box":
        """With this inserted at the caret."""
        at = len(self.text) if self.caret < 0 else min(self.caret, len(self.text))
        before, after = self.text[:at], self.text[at:]
        gap = "" if not before or before[-1].isspace() else " "
        rest = "" if not after or after[0].isspace() else " "
        return replace(
            self, text=f"{before}{gap}{piece}{rest}{after}", caret=len(before) + len(gap) + len(piece)
        )


def box_of(form: dict[str, str], *, secret: str, case_id: str) -> Box:
    """The box as this form brings it; what is too long for its field is cut, but for the text."""
    text = form.get("text", "").replace("\r\n", "\n")
    return Box(
        text=text,
        turn_id=form.get("turn_id", "")[:40],
        draft=form.get("draft", "")[:100] if text.strip() else "",
        seen=form.get("seen", "")[:100],
        asked=form.get("asked", "")[:64],
        sources=sealing.unseal(form.get("sources", ""), secret=secret, case_id=case_id),
        caret=_caret(text, form.get("caret", "")),
        macros=form.get("macros", "")[:100],
        knowledge=form.get("knowledge", "")[:300],
        card=form.get("card", "")[:120],
        why=form.get("why", "")[:20],
        words=form.get("words", "")[:2000],
        better=form.get("better", "")[:5000],
        fault=form.get("fault", "")[:10],
    )


def mark_of(text: str, newest: str) -> str:
    """What a warning was about: this text, and what the customer had said by then."""
    return base64.urlsafe_b64encode(hashlib.sha256(f"{newest}\0{text}".encode()).digest()[:18]).decode()


async def composer(at: Desk, who: Member, case: Case, box: Box | None = None) -> dict[str, Any]:
    """What composer.html shows as `composer`; `box` is what staff were writing, empty at first."""
    talk = await talk_of(at, case)
    kept = at.composing.corrections
    corrections = await kept.of(case.conversation_id) if kept else ()
    box = box or Box()
    mine = case.open and case.owner == who.actor
    if box.draft and not mine:
        box = replace(box, draft="")
    newest = talk.newest
    return {
        "turn_id": new_turn(),
        "mine": mine,
        "box": box,
        "seen": newest.turn_id if newest else "",
        "drafts": drafts_of(talk, corrections),
        "macros": _macros(at, who, talk, box) if mine else [],
        "macros_wrong": at.composing.macros.wrong,
        "sealed": sealing.seal(box.sources, secret=at.composing.secret, case_id=case.id),
        "caret": _units(box.text, box.caret) if box.caret >= 0 else "",
        "card": _card(talk, box, corrections),
        "corrects": kept is not None,
        "kinds": talk.labels.kinds,
        "limit": LONGEST,
        "most_sources": sealing.MOST,
        "wrongs": WRONGS,
        "faults": FAULTS,
    }


def filled(at: Desk, who: Member, talk: Talk, key: str) -> str | None:
    """A macro's text for this case, values as labels; None when there is none of this key."""
    macro = at.composing.macros.get(key)
    if macro is None:
        return None
    language = macro.language(talk.case.language)
    values = values_of(
        talk.case.hand_over.packet.facts,
        language,
        agent=who.display or OUR_TEAM[language],
        shop=at.settings.shop_name,
        first_name=talk.first_name,
    )
    return talk.labels.shown(fill(macro.texts[language], values))


def _macros(at: Desk, who: Member, talk: Talk, box: Box) -> list[dict[str, Any]]:
    found = at.composing.macros.search(box.macros, language=talk.case.language)
    return [
        {
            "key": macro.key,
            "title": macro.title,
            "language": macro.language(talk.case.language),
            "foreign": talk.case.language not in macro.texts,
            "preview": (filled(at, who, talk, macro.key) or "").replace("\n", " ")[:_PREVIEW],
        }
        for macro in found
    ]


def _card(talk: Talk, box: Box, corrections: "tuple[Correction, ...] | Any") -> dict[str, Any] | None:
    """What is asked about a draft or a line of the bot, while it is asked."""
    kind, _, turn_id = box.card.partition(":")
    if kind == "reject":
        text = next((draft.text for draft in drafts_of(talk, corrections) if draft.id == turn_id), "")
    elif kind == "wrong":
        text = next(
            (line.text for line in talk.messages if line.who == "bot" and line.turn_id == turn_id), ""
        )
    else:
        return None
    return {"kind": kind, "turn_id": turn_id, "text": text} if text else None


def _caret(text: str, given: str) -> int:
    """The place in characters of one that browsers count in UTF-16 units; the end for what is none."""
    if not given.isdecimal() or len(given) > 6:
        return -1
    return len(text.encode("utf-16-le", "surrogatepass")[: 2 * int(given)].decode("utf-16-le", "ignore"))


def _units(text: str, caret: int) -> int:
    return len(text[:caret].encode("utf-16-le", "surrogatepass")) // 2
