"""What who answers for the service looks at: what customers want, who answers, how well, for how much."""

from observability.grafana.panels import Dashboard, Row, bars, graph, stat
from observability.grafana.queries import Query, increase, now, rate, share
from shared import metrics as m

_BY_BOT = 'status!~"told|with_person"'
_THUMBS = increase(m.FEEDBACK)
OVERVIEW = Row(
    "In the time shown",
    (
        stat("Turns of the bot", Query(increase(m.TURNS, where=_BY_BOT))),
        stat(
            "Turns without a hand-over",
            Query(f"1 - {share(increase(m.HAND_OVERS), increase(m.TURNS, where=_BY_BOT))}"),
            unit="percentunit",
            about="Containment, by turn. By conversation the leads' wall tells it (/console/wall).",
        ),
        stat(
            "CSAT",
            Query(share(increase(m.FEEDBACK, where='rating="up"'), _THUMBS)),
            unit="percentunit",
            about="The share of thumbs up.",
        ),
        stat("Hand-overs", Query(increase(m.HAND_OVERS))),
        stat("Questions without an answer", Query(increase(m.GAPS))),
        stat("Model cost", Query(increase(m.COST)), unit="currencyUSD"),
    ),
)
TALK = Row(
    "What customers want",
    (
        bars("Intents", Query(increase(m.TURNS, "intent", where=_BY_BOT), "{{intent}}"), wide=12),
        bars("Languages", Query(increase(m.TURNS, "language", where=_BY_BOT), "{{language}}")),
        bars("Who wrote the reply", Query(increase(m.TURNS, "engine"), "{{engine}}")),
        graph("How turns ended", Query(rate(m.TURNS, "status"), "{{status}}"), unit="ops", wide=12),
        graph("Questions without an answer", Query(rate(m.GAPS), "gaps"), unit="ops", wide=12),
    ),
)
PEOPLE = Row(
    "People",
    (
        graph("Hand-overs, by reason", Query(rate(m.HAND_OVERS, "reason"), "{{reason}}"), unit="ops"),
        graph("Open cases", Query(f"sum by (phase) ({now(m.CASES, 'queue', 'phase')})", "{{phase}}")),
        graph(
            "SLA",
            Query(f"sum({now(m.CASES_DUE, 'queue')})", "at risk"),
            Query(f"sum({now(m.CASES_MISSED, 'queue')})", "missed"),
            about="Cases without a first reply of a person.",
        ),
        graph("The longest wait", Query(now(m.LONGEST_WAIT, "queue"), "{{queue}}"), unit="s"),
        graph(
            "First replies in time",
            Query(
                share(
                    increase(m.FIRST_REPLIES, "queue", where='outcome="in_time"'),
                    increase(m.FIRST_REPLIES, "queue"),
                ),
                "{{queue}}",
            ),
            unit="percentunit",
        ),
        graph("Thumbs", Query(rate(m.FEEDBACK, "rating"), "{{rating}}"), unit="ops"),
    ),
)
COST = Row(
    "Cost",
    (
        stat(
            "Budget used",
            Query("desk:budget:share", "{{period}}"),
            unit="percentunit",
            wide=6,
            about="Empty without MODEL_BUDGET_USD_DAY or MODEL_BUDGET_USD_MONTH. Alarms at 83 % and 93 %.",
        ),
        stat("Spent", Query(now(m.SPENT, "period"), "{{period}}"), unit="currencyUSD", wide=6),
        stat(
            "Cost of a turn",
            Query(f"{increase(m.COST)} / {increase(m.TURNS, where=_BY_BOT)}"),
            unit="currencyUSD",
            wide=6,
        ),
        stat(
            "Replies given again",
            Query(increase(m.CACHE_LOOKUPS, where='cache="answers",outcome="hit"')),
            unit="short",
            wide=6,
            about="Of the answer cache; 0 while it is off.",
        ),
        graph(
            "Cost, by model and hour",
            Query(f"3600 * {rate(m.COST, 'model')}", "{{model}}"),
            unit="currencyUSD",
        ),
        graph(
            "Tokens",
            Query(rate(m.TOKENS, "model", "direction"), "{{model}} {{direction}}"),
            unit="ops",
            about="Cached ones are a part of input.",
        ),
        graph(
            "Answer cache",
            Query(rate(m.CACHE_LOOKUPS, "outcome", where='cache="answers"'), "{{outcome}}"),
            unit="ops",
        ),
    ),
)
BUSINESS = Dashboard(
    "business",
    "Answer desk: business",
    "Turns, intents, hand-overs, satisfaction and cost.",
    (OVERVIEW, TALK, PEOPLE, COST),
)
