"""The vocabulary of made-up values: plain words, names and sentences without meaning for anyone."""

from __future__ import annotations

from typing import Final, TypeVar

from understudy.specs.generation.chance import Chance

__all__ = ["pick", "sentence", "sentences", "slug", "title", "word"]

T = TypeVar("T")

ADJECTIVES: Final = (
    *("amber", "bright", "calm", "clear", "crisp", "early", "gentle", "golden", "hidden", "late", "light", "lively"),
    *("little", "northern", "open", "patient", "quick", "quiet", "round", "silver", "steady", "swift", "warm", "wide"),
)
NOUNS: Final = (
    *("anchor", "arch", "atlas", "beacon", "bridge", "canvas", "cedar", "compass", "delta", "ember", "field", "forest"),
    *(
        "garden",
        "harbour",
        "horizon",
        "island",
        "lantern",
        "meadow",
        "mill",
        "orchard",
        "path",
        "river",
        "signal",
        "valley",
    ),
)
GIVEN_NAMES: Final = (
    *("Ada", "Amara", "Bruno", "Chiara", "Daniel", "Elif", "Farah", "Grace", "Hana", "Ivan", "Joana", "Kofi"),
    *("Lena", "Mateo", "Nadia", "Omar", "Priya", "Rafael", "Sofia", "Tomas", "Uma", "Viktor", "Wei", "Yara"),
)
FAMILY_NAMES: Final = (
    *("Almeida", "Bauer", "Castro", "Dubois", "Eriksen", "Fischer", "Garcia", "Haddad", "Ito", "Jensen", "Kowalski"),
    *("Lopes", "Mensah", "Novak", "Okafor", "Pereira", "Quinn", "Rossi", "Silva", "Tanaka", "Weber", "Yilmaz", "Zhang"),
)
CITIES: Final = (
    *("Accra", "Athens", "Bergen", "Bogota", "Cairo", "Dublin", "Florence", "Geneva", "Hanoi", "Helsinki", "Kyoto"),
    *("Lima", "Lisbon", "Montreal", "Nairobi", "Oslo", "Porto", "Prague", "Recife", "Seville", "Tallinn", "Vienna"),
)
COUNTRIES: Final = (
    *(("BR", "Brazil"), ("CA", "Canada"), ("CH", "Switzerland"), ("DE", "Germany"), ("EE", "Estonia"), ("EG", "Egypt")),
    *(("ES", "Spain"), ("FI", "Finland"), ("GH", "Ghana"), ("IE", "Ireland"), ("IT", "Italy"), ("JP", "Japan")),
    *(("KE", "Kenya"), ("NO", "Norway"), ("PE", "Peru"), ("PT", "Portugal"), ("VN", "Viet Nam")),
)
STREETS: Final = ("Bridge Street", "Cedar Avenue", "Harbour Road", "Mill Lane", "Orchard Way", "Station Square")
COMPANIES: Final = ("Works", "Studio", "Labs", "Trading", "Partners", "Press", "Foods", "Systems")
JOBS: Final = ("Designer", "Developer", "Editor", "Engineer", "Librarian", "Manager", "Researcher", "Teacher")

_SUBJECTS: Final = (
    *("The quiet harbour", "A small lantern", "The northern garden", "Our new workshop", "The early train"),
    *("Every open window", "The river path", "A patient gardener", "The old bridge", "This short example"),
)
_VERBS: Final = (
    *("shows", "follows", "keeps", "carries", "opens onto", "looks over", "describes", "reaches", "joins", "remembers"),
)
_OBJECTS: Final = (
    *("the morning light", "a clear plan", "the wide valley", "two simple ideas", "the next step", "a warm answer"),
    *("the whole story", "a useful detail", "the far shore", "something worth keeping"),
)


def pick(random: Chance, options: tuple[T, ...]) -> T:
    """One of the options, all equally likely. Uses `random()`, whose values never change between Python versions."""
    return options[int(random.random() * len(options))]


def word(random: Chance) -> str:
    """One noun, lower case."""
    return pick(random, NOUNS)


def title(random: Chance) -> str:
    """Two words: ``Silver Harbour``."""
    return f"{pick(random, ADJECTIVES).title()} {pick(random, NOUNS).title()}"


def slug(random: Chance) -> str:
    """Two words as a slug: ``silver-harbour``."""
    return f"{pick(random, ADJECTIVES)}-{pick(random, NOUNS)}"


def sentence(random: Chance) -> str:
    """A sentence of five to ten words."""
    return f"{pick(random, _SUBJECTS)} {pick(random, _VERBS)} {pick(random, _OBJECTS)}."


def sentences(random: Chance) -> str:
    """Two or three sentences."""
    return " ".join(sentence(random) for _ in range(2 + int(random.random() * 2)))
