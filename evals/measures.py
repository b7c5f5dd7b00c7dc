"""Lists the measures with the data each is taken on.

A measure is a module of this folder with `async def run(args)`, which gives the figures it prints alone;
where it has rows or charts to show, `async def measure(args) -> Found` too. A line here puts it on the page.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

OWN = Path(__file__).parent / "data"  # written by us; what others wrote lies in --data-dir


@dataclass(frozen=True, kw_only=True)
class Job:
    """One measure on one file: `shared` in --data-dir, `own` in evals/data, or none.

    `lang` is the language of a file whose rows do not say. `local` parts are the same in every engine.
    """

    measure: str
    shared: str = ""
    own: str = ""
    in_scope: str = ""
    passages: str = ""
    lang: str = ""
    local: bool = False

    @property
    def data(self) -> str:
        """The name of the data for people."""
        return Path(self.shared or self.own).stem

    def files(self, data_dir: Path) -> list[Path]:
        """What must be there."""
        own = [OWN / self.own] if self.own else []
        return own + [data_dir / name for name in (self.shared, self.in_scope, self.passages) if name]

    def arguments(self, data_dir: Path, *, engine: str, cache_dir: str | None) -> argparse.Namespace:
        """What the command line would have said."""
        data = str(OWN / self.own) if self.own else str(data_dir / self.shared) if self.shared else None
        return argparse.Namespace(
            measure=self.measure,
            data=data,
            in_scope=str(data_dir / self.in_scope) if self.in_scope else None,
            passages=str(data_dir / self.passages) if self.passages else None,
            cache_dir=cache_dir,
            engine=engine,
            lang=self.lang or None,
            json=False,
        )


JOBS = (
    Job(measure="intent", shared="intent_human.jsonl", lang="en"),
    Job(measure="intent", own="intent_en.jsonl", lang="en"),
    Job(measure="intent", own="intent_fr.jsonl", lang="fr"),
    Job(measure="intent", own="intent_es.jsonl", lang="es"),
    Job(measure="intent", shared="intent_templated.jsonl", lang="en"),
    Job(measure="oos", shared="oos.jsonl", in_scope="intent_human.jsonl"),
    Job(measure="intent", own="context.jsonl"),
    Job(measure="intent", own="negation.jsonl"),
    Job(measure="needs", own="needs.jsonl"),
    Job(measure="entities", own="entities.jsonl"),
    Job(measure="sentiment", own="sentiment.jsonl"),
    Job(measure="language", shared="language.jsonl"),
    Job(
        measure="retrieval",
        shared="retrieval_queries.jsonl",
        passages="retrieval_passages.json",
        local=True,
    ),
    Job(measure="injection", shared="injection.jsonl"),
    Job(measure="injection", own="hostile.jsonl"),
    Job(measure="injection", own="lookalikes.jsonl"),
    Job(measure="grounding", local=True),
    Job(measure="scenarios"),
    Job(measure="answer_cache", own="answer_pairs.toml", local=True),
    Job(measure="pii", shared="pii_record.jsonl", local=True),
    Job(measure="pii", own="pii_dev_en.jsonl", local=True),
    Job(measure="pii", own="pii_dev_fr.jsonl", local=True),
    Job(measure="pii", own="pii_dev_es.jsonl", local=True),
)
MEASURES = tuple(dict.fromkeys(job.measure for job in JOBS))
# These bring their own data.
NO_DATA = tuple(job.measure for job in JOBS if not job.shared and not job.own)
