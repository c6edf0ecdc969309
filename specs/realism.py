"""Realistic texts: by format and by the name of the member they stand in.

A `TextDrawer` takes the random numbers and gives a text. Several may be offered for one member, the best first:
`country` is a name, but a code where the schema allows only two letters.

Times agree with each other without being compared: what is created lies in an earlier month than what is started,
completed, updated, and than what expires.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from random import Random
from typing import Final, TypeAlias

from understudy.specs import words
from understudy.specs.formats import FORMATS, draw_digits, draw_uuid
from understudy.specs.member_names import find_by_name, is_identity, words_of
from understudy.specs.words import pick

__all__ = ["TextDrawer", "find_moment", "texts_for"]

TextDrawer: TypeAlias = Callable[[Random], str]

_MOMENTS: Final = {
    (2026, 1): (
        "created",
        "create",
        "added",
        "born",
        "issued",
        "joined",
        "registered",
        "submitted",
        "uploaded",
        "queued",
    ),
    (2026, 2): ("started", "start", "begin", "begins", "began", "from", "since", "published", "opened", "processed"),
    (2026, 3): ("completed", "finished", "ended", "end", "ends", "closed", "stopped", "failed", "cancelled", "to"),
    (2026, 4): ("updated", "modified", "changed", "edited", "seen", "used", "accessed", "login", "refreshed", "last"),
    (2027, 1): ("expires", "expiry", "expiration", "expire", "due", "until", "deadline", "renews", "next", "scheduled"),
}
_MONTHS: Final = {word: month for month, names in _MOMENTS.items() for word in names}
_ANY_MONTH: Final = (2026, 3)
_TIMES: Final = frozenset(
    ["completed", "created", "ended", "expires", "expiry", "finished", "modified", "published", "started", "updated"]
)


def find_moment(name: str) -> tuple[int, int]:
    """Year and month in which a time with this name lies."""
    for word in words_of(name):
        if word in _MONTHS:
            return _MONTHS[word]
    return _ANY_MONTH


@lru_cache(maxsize=8192)
def texts_for(name: str, owner: str, text_format: str) -> tuple[TextDrawer, ...]:
    """The drawers for a text, best first; never empty.

    Args:
        name: Of the member; empty when there is none.
        owner: Of the object that it is a member of: the schema's or the member's name; empty when unknown.
        text_format: `format`; empty when there is none. An unknown format says nothing.
    """
    if text_format == "date-time":
        return (_moment(name),)
    if text_format == "date":
        return (_day(name),)
    if text_format in ("uri", "iri") and (found := find_by_name(_LINKS, name)) is not None:
        return (found, FORMATS["uri"].draw)
    if text_format in FORMATS:
        return (FORMATS[text_format].draw,)
    if is_identity(name):
        return (_identity(name, owner), draw_uuid, lambda random: draw_digits(random, 6))
    found_texts = find_by_name(_TEXTS, name)
    if found_texts is not None:
        return found_texts(name, owner)
    if _is_time(name):
        return (_moment(name), _day(name))
    return (words.title, words.word)


def _is_time(name: str) -> bool:
    parts = words_of(name)
    return parts[-1:] != () and (parts[-1] in _TIMES or (len(parts) > 1 and parts[-1] in ("at", "on")))


def _moment(name: str) -> TextDrawer:
    year, month = find_moment(name)
    prefix = f"{year}-{month:02d}-"

    def draw(random: Random) -> str:
        seconds = int(random.random() * 86_400)
        day = 1 + int(random.random() * 28)
        return f"{prefix}{day:02d}T{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}Z"

    return draw


def _day(name: str) -> TextDrawer:
    year, month = find_moment(name)
    return lambda random: f"{year}-{month:02d}-{1 + int(random.random() * 28):02d}"


def _identity(name: str, owner: str) -> TextDrawer:
    """``session_3fa91c02be77``: what it names, then what tells it from others."""
    if words_of(name)[-1] in ("uuid", "guid"):
        return draw_uuid
    what = words_of(name)[:-1] or words_of(owner)
    prefix = f"{what[-1]}_" if what else ""
    return lambda random: f"{prefix}{random.getrandbits(48):012x}"


_NamedTexts: TypeAlias = Callable[[str, str], tuple[TextDrawer, ...]]


def _always(*drawers: TextDrawer) -> _NamedTexts:
    return lambda name, owner: drawers


def _one_of(*options: str) -> _NamedTexts:
    return _always(lambda random: pick(random, options))


def _secret(name: str, owner: str) -> tuple[TextDrawer, ...]:
    """Plainly no secret at all: ``example-access-token-91c02b``."""
    kind = "-".join(words_of(name))
    return (lambda random: f"example-{kind}-{random.getrandbits(24):06x}",)


_PEOPLE: Final = frozenset(
    [
        "account",
        "actor",
        "admin",
        "assignee",
        "attendee",
        "author",
        "client",
        "contact",
        "creator",
        "customer",
        "employee",
        "guest",
        "member",
        "organizer",
        "owner",
        "participant",
        "passenger",
        "patient",
        "person",
        "profile",
        "recipient",
        "reviewer",
        "sender",
        "student",
        "user",
    ]
)
_COMPANIES: Final = frozenset(
    ["business", "company", "employer", "merchant", "organisation", "organization", "supplier", "team", "vendor"]
)


def _name(name: str, owner: str) -> tuple[TextDrawer, ...]:
    """A person's, a company's or a thing's, by what has the name."""
    of = {*words_of(owner), *words_of(name)[:-1]}
    if of & _PEOPLE:
        return (_person, words.word)
    if of & _COMPANIES:
        return (_company, words.word)
    if of & {"file", "upload", "attachment", "blob"}:
        return (_file_name, words.slug)
    if of & {"model", "engine"}:
        return (lambda random: f"example-{words.word(random)}-{1 + int(random.random() * 4)}", words.slug)
    return (words.title, words.slug, words.word)


def _person(random: Random) -> str:
    return f"{pick(random, words.GIVEN_NAMES)} {pick(random, words.FAMILY_NAMES)}"


def _company(random: Random) -> str:
    return f"{pick(random, words.NOUNS).title()} {pick(random, words.COMPANIES)}"


def _file_name(random: Random) -> str:
    return f"{words.slug(random)}.{pick(random, ('pdf', 'png', 'txt', 'csv', 'docx'))}"


def _user_name(random: Random) -> str:
    return f"{pick(random, words.GIVEN_NAMES).lower()}{draw_digits(random, 2)}"


def _phone(random: Random) -> str:
    # 555-0100 to 555-0199 are set aside for fiction.
    return f"+1202555{100 + int(random.random() * 100):04d}"


def _address(random: Random) -> str:
    return f"{1 + int(random.random() * 199)} {pick(random, words.STREETS)}"


def _hex(digits: int) -> TextDrawer:
    return lambda random: f"{random.getrandbits(4 * digits):0{digits}x}"


def _link(*path: str) -> TextDrawer:
    return lambda random: f"https://example.com/{pick(random, path)}/{words.slug(random)}"


def _image(random: Random) -> str:
    return f"https://example.com/images/{words.slug(random)}.png"


_LINKS: Final[dict[str, TextDrawer]] = {
    **dict.fromkeys(
        ("avatar", "image", "icon", "logo", "photo", "picture", "thumbnail", "image_url", "avatar_url", "icon_url"),
        _image,
    ),
    **dict.fromkeys(("logo_url", "photo_url", "picture_url", "thumbnail_url"), _image),
    **dict.fromkeys(("download_url", "file_url"), lambda random: f"https://example.com/files/{_file_name(random)}"),
    **dict.fromkeys(("callback_url", "webhook_url", "webhook"), _link("hooks")),
    **dict.fromkeys(("homepage", "website", "site"), lambda random: f"https://{words.slug(random)}.example.com"),
}

_USER_AGENTS: Final = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "ExampleClient/1.4 (+https://example.com/client)",
    "curl/8.9.1",
)
_LANGUAGES: Final = ("en", "pt", "es", "fr", "de", "it", "ja")
_CODES: Final = tuple(code for code, _ in words.COUNTRIES)
_COUNTRY_NAMES: Final = tuple(name for _, name in words.COUNTRIES)


def _named(entries: dict[tuple[str, ...], _NamedTexts]) -> dict[str, _NamedTexts]:
    return {name: drawers for names, drawers in entries.items() for name in names}


_TEXTS: Final[dict[str, _NamedTexts]] = _named(
    {
        ("email", "email_address", "mail"): _always(FORMATS["email"].draw),
        ("url", "uri", "link", "href", "homepage", "website", "webhook", "endpoint"): lambda name, owner: (
            find_by_name(_LINKS, name) or FORMATS["uri"].draw,
            FORMATS["uri-reference"].draw,
        ),
        ("avatar", "image", "photo", "picture", "thumbnail", "logo"): _always(_image),
        ("name", "display_name", "nickname", "author", "owner", "creator", "assignee"): lambda name, owner: (
            _name(name, owner) if words_of(name)[-1] in ("name", "nickname") else (_person, words.word)
        ),
        ("full_name", "real_name", "contact", "recipient", "cardholder"): _always(_person),
        ("first_name", "given_name", "firstname", "forename", "middle_name"): _always(
            lambda random: pick(random, words.GIVEN_NAMES)
        ),
        ("last_name", "family_name", "lastname", "surname"): _always(lambda random: pick(random, words.FAMILY_NAMES)),
        ("username", "user_name", "login", "handle", "screen_name"): _always(_user_name),
        ("company", "company_name", "organization", "organisation", "employer", "vendor", "brand"): _always(_company),
        ("job", "job_title", "occupation", "profession"): _always(lambda random: pick(random, words.JOBS)),
        ("title", "headline", "subject", "heading", "topic", "label", "display"): _always(words.title, words.word),
        ("slug", "permalink", "path_segment"): _always(words.slug, words.word),
        ("key", "identifier", "code", "reference", "ref"): _always(words.slug, _hex(8), lambda r: draw_digits(r, 6)),
        ("tag", "category", "keyword", "group", "folder", "namespace", "bucket"): _always(words.word),
        ("content", "text", "body", "message", "comment", "note", "reply", "answer", "response"): _always(
            words.sentences, words.sentence, words.word
        ),
        ("description", "summary", "bio", "about", "caption", "abstract", "detail", "details", "reason"): _always(
            words.sentence, words.title, words.word
        ),
        ("instruction", "instructions", "prompt", "question", "query", "input", "output", "system_prompt"): _always(
            words.sentence, words.title, words.word
        ),
        ("error", "error_message", "warning", "hint"): _always(words.sentence, words.word),
        ("city", "town", "locality"): _always(lambda random: pick(random, words.CITIES)),
        ("country", "country_name", "nationality"): _always(
            lambda random: pick(random, _COUNTRY_NAMES), lambda random: pick(random, _CODES)
        ),
        ("country_code", "region_code"): _always(lambda random: pick(random, _CODES)),
        ("state", "province", "region", "county"): _one_of("North", "South", "Coast", "Highlands", "Lakes"),
        ("street", "address", "street_address", "address_line", "line"): _always(_address, words.word),
        ("postcode", "postal_code", "zip", "zip_code", "zipcode"): _always(lambda random: draw_digits(random, 5)),
        ("phone", "phone_number", "mobile", "fax", "telephone", "tel", "msisdn"): _always(_phone),
        ("currency", "currency_code"): _one_of("EUR", "USD", "GBP", "BRL", "JPY"),
        ("price", "amount", "cost", "total", "balance", "subtotal", "fee"): _always(
            lambda random: f"{int(random.random() * 500)}.{int(random.random() * 100):02d}"
        ),
        ("language", "lang", "language_code", "locale"): _one_of(*_LANGUAGES),
        ("timezone", "time_zone", "tz"): _one_of("UTC", "Europe/Lisbon", "America/Sao_Paulo", "Asia/Tokyo"),
        ("status",): _one_of("active", "pending", "completed"),
        ("type", "kind"): _one_of("standard", "basic", "custom"),
        ("role",): _one_of("admin", "editor", "viewer", "member"),
        ("gender", "sex"): _one_of("female", "male", "other"),
        ("color", "colour", "background_color", "hex_color"): _always(
            lambda random: f"#{random.getrandbits(24):06x}", lambda random: pick(random, ("teal", "amber", "indigo"))
        ),
        ("html", "content_html", "body_html"): _always(lambda random: f"<p>{words.sentence(random)}</p>"),
        ("markdown", "md"): _always(lambda random: f"# {words.title(random)}\n\n{words.sentence(random)}"),
        ("ip", "ip_address", "client_ip", "remote_addr"): _always(FORMATS["ipv4"].draw, FORMATS["ipv6"].draw),
        ("host", "hostname", "domain", "domain_name", "server"): _always(FORMATS["hostname"].draw),
        ("mac", "mac_address"): _always(lambda random: ":".join(f"{random.getrandbits(8):02x}" for _ in range(6))),
        ("user_agent", "agent"): _always(lambda random: pick(random, _USER_AGENTS)),
        ("file", "filename", "file_name", "original_name", "attachment"): _always(_file_name, words.slug),
        ("path", "filepath", "file_path", "pathname"): _always(
            lambda random: f"/{words.word(random)}/{words.slug(random)}"
        ),
        ("mime_type", "mimetype", "content_type", "media_type", "mime"): _one_of(
            "application/json", "text/plain", "image/png", "application/pdf"
        ),
        ("extension", "file_extension"): _one_of("pdf", "png", "txt", "csv"),
        ("version", "api_version", "release"): _always(
            lambda random: f"{1 + int(random.random() * 4)}.{int(random.random() * 10)}.{int(random.random() * 10)}",
            lambda random: draw_digits(random, 1),
        ),
        ("model", "model_name"): _always(lambda random: f"example-{words.word(random)}-{1 + int(random.random() * 4)}"),
        ("hash", "checksum", "digest", "sha", "etag", "fingerprint"): _always(_hex(40), _hex(64), _hex(32), _hex(8)),
        ("cursor", "page_token", "continuation", "next", "previous"): _always(_hex(16)),
        ("latitude", "lat"): _always(lambda random: f"{random.random() * 120 - 60:.5f}"),
        ("longitude", "lng", "lon"): _always(lambda random: f"{random.random() * 300 - 150:.5f}"),
        ("date", "day", "birthday", "birthdate", "date_of_birth", "dob"): lambda name, owner: (
            _day(name),
            _moment(name),
        ),
        ("timestamp", "datetime", "date_time", "time"): lambda name, owner: (_moment(name), FORMATS["time"].draw),
        ("duration",): _always(FORMATS["duration"].draw),
        ("uuid", "guid"): _always(draw_uuid),
        ("sku", "isbn", "ean", "barcode", "serial_number", "account_number"): _always(lambda r: draw_digits(r, 10)),
        ("token", "access_token", "refresh_token", "id_token", "secret", "client_secret", "signature"): _secret,
        ("password", "passwd", "passphrase", "api_key", "apikey", "private_key", "secret_key", "access_key"): _secret,
        ("credential", "credentials", "authorization", "authorisation"): _secret,
    }
)
