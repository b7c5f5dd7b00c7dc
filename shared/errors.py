"""What can go wrong between rooms, each saying whether trying again may help."""

from typing import Any


class DeskError(Exception):
    """Base of our own errors; `retry` says whether the same attempt may succeed later."""

    retry = False


class SettingsError(DeskError):
    """A setting is wrong; the message names it, its value and the remedy."""


class BadMessage(DeskError):
    """Bytes from the wire are not the message they should be."""


class BusDown(DeskError):
    """The bus did not take or bring a message in time."""

    retry = True


class AskFailed(DeskError):
    """An agent answered with a problem, or never; `kind` as in `contracts.Problem`."""

    def __init__(self, subject: str, kind: str, detail: str, *, retry: bool) -> None:
        super().__init__(f"{subject}: {kind}: {detail}")
        self.subject = subject
        self.kind = kind
        self.detail = detail
        self.retry = retry


class NotNow(DeskError):
    """Something may not happen as things stand; `rule` says which, the message what may be done instead."""

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(detail)
        self.rule = rule


class NotAnAddress(DeskError):
    """What was given as the proof of an order is no e-mail address, so that nobody guessed anything."""


class VendorDown(DeskError):
    """A vendor answered with an error, garbage or nothing; `retry_after` in seconds when it said so."""

    retry = True

    def __init__(self, vendor: str, detail: str, *, retry_after: float | None = None) -> None:
        super().__init__(f"{vendor}: {detail}")
        self.vendor = vendor
        self.detail = detail
        self.retry_after = retry_after


class VendorGone(VendorDown):
    """A vendor was asked again and again within a turn; who waits for the answer shall wait no longer."""

    retry = False


class VendorRefused(DeskError):
    """A vendor understood and said no (bad credentials, invalid request): trying again is useless."""

    def __init__(self, vendor: str, detail: str) -> None:
        super().__init__(f"{vendor}: {detail}")
        self.vendor = vendor


class ModelFailed(DeskError):
    """A model gave no usable answer. `usages` are what its tries were billed for (`contracts.Usage`)."""

    usages: tuple[Any, ...] = ()  # this layer knows no contracts


class ModelDown(ModelFailed):
    """A model did not answer in time, or with an error; trying again may help."""

    retry = True


class ModelRefused(ModelFailed):
    """A model answered something unusable, or its service refused: do not repeat the same ask."""


class ModelDeclined(ModelRefused):
    """No model shall answer this: a content filter struck, the model declined, or the budget is spent.

    Another deployment of a model would not do better; an engine without a model may.
    """


class VaultDown(DeskError):
    """Personal data cannot be tokenized or revealed now; the message must wait or be refused."""

    retry = True


class AuditDown(VaultDown):
    """The audit log cannot be written or read now; nothing that needs a line in it may be done."""


class StoreDown(DeskError):
    """The conversation store cannot read or write now (a full disk, a lost connection)."""

    retry = True


class StoreBusy(StoreDown):
    """Another process wrote first, and nothing of ours was written: read again, then try again."""


class SourceDown(DeskError):
    """The place where knowledge documents are cannot be listed or read now; what is indexed serves on."""

    retry = True
