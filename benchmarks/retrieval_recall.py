"""How often the passage that answers a question is found: by shared words, by embeddings, and by both.

Worlds are invented from a seed, so that no model knows a fact of them and each fact stands in one passage. A place
has a stem that five other places share, and a kind that 39 share; eight facts about it are spread over four documents,
and every passage names a neighbour too. Each place is asked about once in each of three forms: in the document's words,
in other words, and in the document's words with a slip in the name. Questions of one form are therefore about different
places, and count as independent.

    python benchmarks/retrieval_recall.py --cells cells/retrieval.jsonl
"""

from __future__ import annotations

import html
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Literal

from cells import Measured, measure, options, print_json

from suffice.records.knowledge import WindowSize
from suffice.records.progress import SILENT
from suffice.retrieval.index import Index
from suffice.retrieval.read import read_knowledge
from suffice.retrieval.recall import recalls
from suffice.stats.binomial import interval

SEEDS = (0, 1, 2)
KS = (1, 5)
ENCODER = "minilm-l6"
N_STEMS = 40
N_DISTRICTS = 8
RANKED = tuple(f"{way} at {k}" for way in ("bm25", "embeddings", "fused") for k in KS)
Form = Literal["same words", "other words", "slip in the name"]
FORMS: tuple[Form, ...] = ("same words", "other words", "slip in the name")
ALL = "all forms"
KINDS = ("Mill", "Ferry", "Lighthouse", "Orchard", "Museum", "Bridge")
ONSETS = ("B", "Br", "D", "F", "Gr", "H", "K", "L", "M", "N", "P", "R", "S", "St", "T", "V", "Z")
MIDDLES = ("a", "e", "i", "o", "u", "ae", "or", "en", "ul", "ir")
ENDS = ("lvorn", "ndal", "rrick", "sket", "mbury", "thorpe", "vane", "ckley", "dru", "gast")
PEOPLE = ("Ana", "Boris", "Carla", "Dimitri", "Elsa", "Farid", "Greta", "Hugo", "Ines", "Jonas")
SURNAMES = ("Drell", "Okoro", "Pasternak", "Quist", "Rowe", "Sanz", "Tamm", "Ueda", "Vogt", "Wirth")


@dataclass(frozen=True, kw_only=True, slots=True)
class Attribute:
    """Something that is true of every place, and how it is said and asked."""

    stated: str
    """The sentence in the document; `{x}` is the place, `{v}` the value."""
    same: str
    """The question in the words of the sentence."""
    other: str
    """The question in other words."""
    values: tuple[str, ...]
    """What it may be; `#` stands for a digit."""


HOURS = tuple(f"{hour}:{minute:02d}" for hour in range(7, 12) for minute in (0, 15, 30, 45))
NAMES = tuple(f"{first} {last}" for first in PEOPLE for last in SURNAMES)
THEMES: dict[str, tuple[Attribute, Attribute]] = {
    "visits": (
        Attribute(
            stated="{x} opens its doors at {v}.",
            same="When does {x} open its doors?",
            other="From what time in the morning can people go into {x}?",
            values=HOURS,
        ),
        Attribute(
            stated="Admission to {x} costs {v} crowns.",
            same="How many crowns does admission to {x} cost?",
            other="How much money do I need for a ticket at {x}?",
            values=("#", "1#", "2#"),
        ),
    ),
    "people": (
        Attribute(
            stated="{x} was founded by {v}.",
            same="Who was {x} founded by?",
            other="Which person started {x} in the first place?",
            values=NAMES,
        ),
        Attribute(
            stated="The present keeper of {x} is {v}.",
            same="Who is the present keeper of {x}?",
            other="Whose job is it nowadays to look after {x}?",
            values=NAMES,
        ),
    ),
    "buildings": (
        Attribute(
            stated="The walls of {x} are made of {v}.",
            same="What are the walls of {x} made of?",
            other="Which material did they use to construct {x}?",
            values=("granite", "oak", "brick", "slate", "larch", "concrete", "sandstone", "clay"),
        ),
        Attribute(
            stated="The tower of {x} is {v} metres high.",
            same="How many metres high is the tower of {x}?",
            other="How tall is {x}, measured to its top?",
            values=("1#", "2#", "3#"),
        ),
    ),
    "seasons": (
        Attribute(
            stated="In winter {x} is closed on {v}.",
            same="On which day is {x} closed in winter?",
            other="When it is cold, which day of the week is no use for a trip to {x}?",
            values=("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays"),
        ),
        Attribute(
            stated="Last year {v} visitors came to {x}.",
            same="How many visitors came to {x} last year?",
            other="What number of guests did {x} have over the past twelve months?",
            values=("1,###", "2,###", "4,###", "8,###"),
        ),
    ),
}
"""Two facts stand in one passage; each theme is a set of documents."""


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """Documents, and questions whose answer is known."""

    files: dict[str, str]
    """Content by file name."""
    questions: dict[Form, dict[str, str]]
    """Text by question id, which is the place."""
    facts: dict[Form, dict[str, str]]
    """The sentence that answers each question."""


def main() -> None:
    """Measures every world, and pools them."""
    given = options(__doc__).parse_args()
    measured = measure((f"world {seed}" for seed in SEEDS), _cell, kept=given.cells)
    print_json({"all worlds": pooled(list(measured.values())), "worlds": measured})


def pooled(worlds: Sequence[Measured]) -> Measured:
    """Recall over all worlds, with its interval.

    Args:
        worlds: figures of each.
    """
    forms = [*FORMS, ALL]
    found = [world["found"] for world in worlds]
    return {form: {ranked: _added(found, form, ranked) for ranked in RANKED} for form in forms}


def _added(found: Sequence[Mapping[str, Measured]], form: str, ranked: str) -> Measured:
    """Over all forms there is no interval: they ask about the same places, and three such questions are not three."""
    parts = [one[part][ranked] for one in found for part in (FORMS if form == ALL else (form,))]
    n, n_found = sum(part["n"] for part in parts), sum(part["n_found"] for part in parts)
    bounds = interval(n_found, n)
    ends = {} if form == ALL else {"low": round(bounds.low, 4), "high": round(bounds.high, 4)}
    return {"recall": round(n_found / n, 4), **ends, "n": n}


def _cell(name: str) -> Measured:
    with TemporaryDirectory() as folder:
        return measured_world(world_of(int(name.split()[1])), Path(folder), encoder=ENCODER)


def measured_world(world: World, folder: Path, *, encoder: str) -> Measured:
    """Writes a world, reads and indexes it as anybody's, and asks.

    Args:
        world: what is written.
        folder: an empty one.
        encoder: of passages and questions.
    """
    for name, content in world.files.items():
        (folder / name).write_text(content, encoding="utf-8")
    start = perf_counter()
    knowledge = read_knowledge([folder], window=WindowSize(), progress=SILENT)
    read = perf_counter()
    index = Index.build(knowledge, encoder=encoder, progress=SILENT)
    built = perf_counter()
    where = {fact: passage.id for passage in knowledge.passages for fact in passage.text.split("\n")}
    found: dict[str, Measured] = {}
    for form in FORMS:
        gold = {place: [where[fact]] for place, fact in world.facts[form].items()}
        figures = recalls(index, world.questions[form], gold, ks=KS)
        found[form] = {f"{one.way} at {one.k}": {"n": one.n, "n_found": one.n_found} for one in figures}
    return {
        "n_files": len(knowledge.files),
        "n_passages": len(knowledge.passages),
        "n_skipped": len(knowledge.skipped),
        "read_seconds": round(read - start, 2),
        "index_seconds": round(built - read, 2),
        "found": found,
    }


def world_of(seed: int, *, n_stems: int = N_STEMS) -> World:
    """Invents places, what is true of them, documents that say so, and questions.

    Args:
        seed: another world for each.
        n_stems: places are six times as many; at least 3, so that everybody has a neighbour.
    """
    rng = random.Random(seed)  # noqa: S311
    places = [f"{stem} {kind}" for stem in _stems(rng, n_stems) for kind in KINDS]
    rng.shuffle(places)
    facts = {place: {theme: _facts(place, pair, rng) for theme, pair in THEMES.items()} for place in places}
    files = dict[str, str]()
    for theme in THEMES:
        for district in range(N_DISTRICTS):
            there = places[district::N_DISTRICTS]
            sections = {place: "\n".join([*facts[place][theme], _neighbour(place, there, rng)]) for place in there}
            name, content = _file(theme, district, sections)
            files[name] = content
    questions: dict[Form, dict[str, str]] = {form: {} for form in FORMS}
    answers: dict[Form, dict[str, str]] = {form: {} for form in FORMS}
    for form in FORMS:
        for place in places:
            theme = rng.choice(list(THEMES))
            at = rng.randrange(2)
            questions[form][place] = _asked(THEMES[theme][at], form, place, rng)
            answers[form][place] = facts[place][theme][at]
    return World(files=files, questions=questions, facts=answers)


def _stems(rng: random.Random, n: int) -> list[str]:
    every = [onset + middle + end for onset in ONSETS for middle in MIDDLES for end in ENDS]
    return rng.sample(every, n)


def _facts(place: str, pair: tuple[Attribute, Attribute], rng: random.Random) -> tuple[str, str]:
    first, second = (one.stated.format(x=place, v=_value(one, rng)) for one in pair)
    return first, second


def _value(attribute: Attribute, rng: random.Random) -> str:
    return "".join(str(rng.randrange(10)) if c == "#" else c for c in rng.choice(attribute.values))


def _neighbour(place: str, there: Sequence[str], rng: random.Random) -> str:
    other = rng.choice([one for one in there if one != place])
    return f"From there it is {rng.randint(2, 40)} minutes on foot to {other}."


def _file(theme: str, district: int, sections: Mapping[str, str]) -> tuple[str, str]:
    """Themes take turns at the formats."""
    title = f"{theme.capitalize()} in district {district + 1}"
    name = f"{theme}-{district + 1}"
    if theme == "people":
        body = "".join(
            f"<h2>{html.escape(place)}</h2><p>{html.escape(text).replace(chr(10), '<br>')}</p>"
            for place, text in sections.items()
        )
        return f"{name}.html", f"<html><head><title>{title}</title></head><body>{body}</body></html>"
    if theme == "buildings":
        rows = ({"id": place, "title": f"{title}: {place}", "text": text} for place, text in sections.items())
        return f"{name}.jsonl", "".join(json.dumps(row) + "\n" for row in rows)
    return f"{name}.md", f"# {title}\n" + "".join(f"\n## {place}\n\n{text}\n" for place, text in sections.items())


def _asked(attribute: Attribute, form: Form, place: str, rng: random.Random) -> str:
    if form == "other words":
        return attribute.other.format(x=place)
    return attribute.same.format(x=_slipped(place, rng) if form == "slip in the name" else place)


def _slipped(place: str, rng: random.Random) -> str:
    """Two neighbouring letters of the stem change places, or one is left out; never the first."""
    stem, kind = place.split()
    at = rng.randrange(1, len(stem) - 1)
    swapped = stem[:at] + stem[at + 1] + stem[at] + stem[at + 2 :]
    shorter = stem[:at] + stem[at + 1 :]
    slip = swapped if swapped != stem and rng.random() < 0.5 else shorter
    return f"{slip} {kind}"


if __name__ == "__main__":
    main()
