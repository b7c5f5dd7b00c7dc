"""The queues of a shop as its lead has written them down: hours, members, promises, what waiting leads to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from zoneinfo import ZoneInfo

from shared.contracts import LANGUAGES, RANK, Language, Priority
from shared.routing.calendar import Calendar
from shared.routing.queue_file import FILE, Assignment, QueuesFile, Route, Step, read_file, wrong

_OTHER = "other"


@dataclass(frozen=True)
class Queue:
    """Where cases wait. Durations are seconds of working time; `handling` of a quick case and a slow one."""

    name: str
    calendar: Calendar
    first_answer: Mapping[Priority, float]
    assignment: Assignment = "manual"
    most: int = 5
    silent: float = 1200.0
    offer_contact: float = 900.0
    handling: tuple[float, float] = (240.0, 900.0)
    languages: tuple[Language, ...] = ()
    other_languages: str = ""
    skills: tuple[str, ...] = ()
    escalate: tuple[Step, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """Whose clock its times are told by."""
        return ZoneInfo(self.calendar.zone)

    def speaks(self, language: Language) -> bool:
        """Whether it serves customers of this language."""
        return not self.languages or language in self.languages

    def due_at(self, priority: Priority, since: float) -> float:
        """When the first answer is due to who has waited since then."""
        return self.after(since, self.first_answer[priority])

    def after(self, since: float, seconds: float) -> float:
        """When so much working time has passed; by the wall clock for a queue that never opens again."""
        due = self.calendar.after(since, seconds)
        return since + seconds if due is None else due

    @property
    def hours(self) -> tuple[str, str]:
        """When it opens and closes on its first day of the week, as replies say it: `8:00`, `20:00`."""
        shifts = next(day for day in self.calendar.week if day)
        opens, closes = shifts[0][0], shifts[-1][1]
        return f"{opens.hour}:{opens:%M}", f"{closes.hour or 24}:{closes:%M}"


@dataclass(frozen=True)
class Routing:
    """All queues, and which reason leads where."""

    queues: Mapping[str, Queue]
    reasons: Mapping[str, Route]
    where: str = field(default=FILE.name)

    def route(self, reason: str, language: Language = "en") -> tuple[Priority, Queue]:
        """Priority and queue of a reason; one that nobody has named is what `other` says."""
        found = self.reasons.get(reason) or self.reasons[_OTHER]
        queue = self.queues[found.queue]
        return found.priority, queue if queue.speaks(language) else self.queues[queue.other_languages]

    def raises(self, reason: str) -> bool:
        """Whether it raises a case that is open when the customer tells of it."""
        return reason in self.reasons and self.reasons[reason].raises

    def queue(self, name: str) -> Queue:
        """By name; of a case whose queue is gone from the file, the one for what has no other."""
        return self.queues.get(name) or self.queues[self.reasons[_OTHER].queue]

    @property
    def skills(self) -> frozenset[str]:
        """Every skill that some queue asks for."""
        return frozenset(skill for queue in self.queues.values() for skill in queue.skills)


@cache
def routing() -> Routing:
    """The shop's own, `shared/routing/queues.toml`, read at the first call.

    Raises:
        SettingsError: names the file, the key and what to do.
    """
    return load(read_file())


def house() -> Queue:
    """The queue for what has no other: its hours and its clock are the shop's own."""
    return routing().queue("")


def load(file: QueuesFile) -> Routing:
    """What the file says, once it is known to be right.

    Raises:
        SettingsError: it names no queue of its own, leads in a circle, or leaves something out.
    """
    made = {name: _queue(name, file) for name in file.queues}
    if _OTHER not in file.reasons:
        raise wrong(file, f"reasons.{_OTHER}", "is missing; say where a reason goes that nobody has named")
    for reason, route in file.reasons.items():
        _known(file, made, f"reasons.{reason}.queue", route.queue)
    for queue in made.values():
        for n, step in enumerate(queue.escalate):
            key = f"queues.{queue.name}.escalate[{n}]"
            if not step.queue and not step.priority:
                raise wrong(file, key, "does nothing; name a priority, a queue, or both")
            if step.queue:
                _known(file, made, f"{key}.queue", step.queue)
        silent = [each for each in LANGUAGES if not queue.speaks(each)]
        if silent:
            key = f"queues.{queue.name}.other_languages"
            _known(file, made, key, queue.other_languages)
            if not all(made[queue.other_languages].speaks(each) for each in silent):
                raise wrong(
                    file, key, f"= {queue.other_languages!r} does not serve {', '.join(silent)} either"
                )
        _no_circle(file, made, queue.name)
    return Routing(made, file.reasons, str(file.path))


def _queue(name: str, file: QueuesFile) -> Queue:
    given, every = file.queues[name], file.every
    hours = given.hours or file.hours
    minutes = {**file.first_answer_minutes, **given.first_answer_minutes}
    low, high = given.handling_minutes or every.handling_minutes
    if not 0 < low <= high:
        raise wrong(file, f"queues.{name}.handling_minutes", "must be [quick, slow], both above 0")
    escalate = every.escalate if given.escalate is None else given.escalate
    return Queue(
        name=name,
        calendar=hours.calendar(file, f"queues.{name}.hours" if given.hours else "hours"),
        first_answer={priority: _seconds(minutes, priority, file, name) for priority in RANK},
        assignment=given.assignment or every.assignment,
        most=given.most or every.most,
        silent=60.0 * (given.silent_minutes or every.silent_minutes),
        offer_contact=60.0 * (given.offer_contact_minutes or every.offer_contact_minutes),
        handling=(60.0 * low, 60.0 * high),
        other_languages=given.other_languages,
        languages=every.languages if given.languages is None else given.languages,
        skills=every.skills if given.skills is None else given.skills,
        escalate=tuple(sorted(escalate, key=lambda step: step.after_minutes)),
    )


def _seconds(minutes: Mapping[Priority, int], priority: Priority, file: QueuesFile, queue: str) -> float:
    if minutes.get(priority, 0) <= 0:
        key = f"first_answer_minutes.{priority}"
        raise wrong(file, key, f"is missing (queue {queue}); a number of minutes above 0, e.g. 480")
    return minutes[priority] * 60.0


def _known(file: QueuesFile, made: Mapping[str, Queue], key: str, name: str) -> None:
    if name not in made:
        raise wrong(file, key, f"= {name!r} is no queue; it may be one of {', '.join(sorted(made))}")


def _no_circle(file: QueuesFile, made: Mapping[str, Queue], first: str) -> None:
    """A case that was moved on for waiting must not come back for waiting."""
    seen, at = [first], made[first]
    while onward := next((step.queue for step in at.escalate if step.queue), ""):
        if onward in seen:
            way = " -> ".join([*seen, onward])
            raise wrong(file, f"queues.{first}.escalate", f"leads in a circle ({way}); take one step out")
        seen.append(onward)
        at = made[onward]
