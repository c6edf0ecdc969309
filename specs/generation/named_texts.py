"""What texts look like in members of certain names: an address, a price, a file name, a secret that plainly is none.

Everything is made up: hosts are `example.com`, addresses and telephone numbers come from the ranges set aside for
documentation and fiction.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from understudy.specs.generation import words
from understudy.specs.generation.chance import Chance
from understudy.specs.generation.formats import FORMATS, draw_digits, draw_uuid
from understudy.specs.generation.moments import days_for, moments_for
from understudy.specs.generation.words import pick
from understudy.specs.member_names import find_by_name, words_of

__all__ = ["LINKS", "NAMED_TEXTS", "TextDrawer", "secrets_for"]

TextDrawer: TypeAlias = Callable[[Chance], str]
_Texts: TypeAlias = Callable[[str, str], tuple[TextDrawer, ...]]
"""From a member's name and its owner to the kinds of text that suit it, best first."""

_PEOPLE: Final = frozenset(
    (
        *("account", "actor", "admin", "assignee", "attendee", "author", "client", "contact", "creator", "customer"),
        *("employee", "guest", "member", "organizer", "owner", "participant", "passenger", "patient", "person"),
        *("profile", "recipient", "reviewer", "sender", "student", "user"),
    )
)
_COMPANIES: Final = frozenset(
    ("business", "company", "employer", "merchant", "organisation", "organization", "supplier", "team", "vendor")
)
_LANGUAGES: Final = ("en", "pt", "es", "fr", "de", "it", "ja")
_CODES: Final = tuple(code for code, _ in words.COUNTRIES)
_COUNTRY_NAMES: Final = tuple(name for _, name in words.COUNTRIES)
_AGENTS: Final = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "ExampleClient/1.4 (+https://example.com/client)",
    "curl/8.9.1",
)


def _always(*drawers: TextDrawer) -> _Texts:
    return lambda name, owner: drawers


def _one_of(*options: str) -> _Texts:
    return _always(lambda random: pick(random, options))


def _number(low: int, high: int, digits: int) -> TextDrawer:
    return lambda random: f"{low + random.random() * (high - low):.{digits}f}"


def _hex(digits: int) -> TextDrawer:
    return lambda random: f"{random.getrandbits(4 * digits):0{digits}x}"


def _digits(count: int) -> TextDrawer:
    return lambda random: draw_digits(random, count)


def _person(random: Chance) -> str:
    return f"{pick(random, words.GIVEN_NAMES)} {pick(random, words.FAMILY_NAMES)}"


def _company(random: Chance) -> str:
    return f"{pick(random, words.NOUNS).title()} {pick(random, words.COMPANIES)}"


def _file(random: Chance) -> str:
    return f"{words.slug(random)}.{pick(random, ('pdf', 'png', 'txt', 'csv', 'docx'))}"


def _model(random: Chance) -> str:
    return f"example-{words.word(random)}-{1 + int(random.random() * 4)}"


def _user_name(random: Chance) -> str:
    return f"{pick(random, words.GIVEN_NAMES).lower()}{draw_digits(random, 2)}"


def _phone(random: Chance) -> str:
    return f"+1202555{100 + int(random.random() * 100):04d}"


def _address(random: Chance) -> str:
    return f"{1 + int(random.random() * 199)} {pick(random, words.STREETS)}"


def _path(random: Chance) -> str:
    return f"/{words.word(random)}/{words.slug(random)}"


def _version(random: Chance) -> str:
    return f"{1 + int(random.random() * 4)}.{int(random.random() * 10)}.{int(random.random() * 10)}"


def _link(folder: str, ending: str = "") -> TextDrawer:
    return lambda random: f"https://example.com/{folder}/{words.slug(random)}{ending}"


def secrets_for(name: str, owner: str) -> tuple[TextDrawer, ...]:
    """Plainly no secret at all: ``example-access-token-91c02b``."""
    kind = "-".join(words_of(name))
    return (lambda random: f"example-{kind}-{random.getrandbits(24):06x}",)


def _name(name: str, owner: str) -> tuple[TextDrawer, ...]:
    """A person's, a company's or a thing's, by what has the name."""
    of = {*words_of(owner), *words_of(name)[:-1]}
    if of & _PEOPLE:
        return (_person, words.word)
    if of & _COMPANIES:
        return (_company, words.word)
    if of & {"file", "upload", "attachment", "blob"}:
        return (_file, words.slug)
    if of & {"model", "engine"}:
        return (_model, words.slug)
    return (words.title, words.slug, words.word)


def _by_names(table: dict[tuple[str, ...], _Texts]) -> dict[str, _Texts]:
    return {name: texts for names, texts in table.items() for name in names}


_IMAGES: Final = ("avatar", "icon", "image", "logo", "photo", "picture", "thumbnail")
LINKS: Final[dict[str, TextDrawer]] = {
    **dict.fromkeys((*_IMAGES, *(f"{name}_url" for name in _IMAGES)), _link("images", ".png")),
    **dict.fromkeys(("download_url", "file_url"), _link("files", ".pdf")),
    **dict.fromkeys(("callback_url", "webhook_url", "webhook"), _link("hooks")),
    **dict.fromkeys(("homepage", "website", "site"), lambda random: f"https://{words.slug(random)}.example.com"),
}
"""URIs by the member's words, as `find_by_name` looks them up."""

NAMED_TEXTS: Final[dict[str, _Texts]] = _by_names(
    {
        ("email", "email_address", "mail"): _always(FORMATS["email"].draw),
        (
            "url",
            "uri",
            "link",
            "href",
            "homepage",
            "website",
            "webhook",
            "endpoint",
            "base_address",
        ): lambda name, owner: (
            find_by_name(LINKS, name) or FORMATS["uri"].draw,
            FORMATS["uri-reference"].draw,
        ),
        _IMAGES: _always(LINKS["image"]),
        ("name", "display_name", "nickname"): _name,
        ("author", "owner", "creator", "assignee", "contact", "recipient"): _always(_person, words.word),
        ("full_name", "real_name", "cardholder", "cardholder_name"): _always(_person),
        ("first_name", "given_name", "firstname", "middle_name"): _one_of(*words.GIVEN_NAMES),
        ("last_name", "family_name", "lastname", "surname"): _one_of(*words.FAMILY_NAMES),
        ("username", "user_name", "login", "handle", "screen_name"): _always(_user_name),
        ("company", "company_name", "organization", "organisation", "employer", "vendor", "brand"): _always(_company),
        ("job", "job_title", "occupation", "profession"): _one_of(*words.JOBS),
        ("title", "headline", "subject", "heading", "topic", "label"): _always(words.title, words.word),
        ("slug", "permalink"): _always(words.slug, words.word),
        ("key", "identifier", "code", "reference", "ref"): _always(words.slug, _hex(8), _digits(6)),
        ("tag", "category", "keyword", "group", "folder", "namespace", "bucket"): _always(words.word),
        ("content", "text", "body", "comment", "note", "reply", "answer", "response", "reasoning"): _always(
            words.sentences, words.sentence, words.word
        ),
        ("description", "summary", "bio", "about", "caption", "abstract", "detail", "details", "reason"): _always(
            words.sentence, words.title, words.word
        ),
        ("message", "preview", "excerpt", "snippet"): _always(words.sentence, words.title, words.word),
        ("field", "param", "parameter", "property"): _one_of("title", "name", "email", "limit"),
        ("instruction", "instructions", "prompt", "question", "query", "input", "output"): _always(
            words.sentence, words.title, words.word
        ),
        ("error", "error_message", "warning", "hint"): _always(words.sentence, words.word),
        ("city", "town", "locality"): _one_of(*words.CITIES),
        ("country", "country_name", "nationality"): lambda name, owner: (
            lambda random: pick(random, _COUNTRY_NAMES),
            lambda random: pick(random, _CODES),
        ),
        ("country_code", "region_code"): _one_of(*_CODES),
        ("state", "province", "region", "county"): _one_of("North", "South", "Coast", "Highlands", "Lakes"),
        ("street", "address", "street_address", "address_line", "line"): _always(_address, words.word),
        ("postcode", "postal_code", "zip", "zip_code", "zipcode"): _always(_digits(5)),
        ("phone", "phone_number", "mobile", "fax", "telephone", "tel", "msisdn"): _always(_phone),
        ("currency", "currency_code"): _one_of("EUR", "USD", "GBP", "BRL", "JPY"),
        ("price", "amount", "cost", "total", "balance", "subtotal", "fee"): _always(_number(5, 500, 2)),
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
        ("user_agent", "agent"): _one_of(*_AGENTS),
        ("file", "filename", "file_name", "original_name", "attachment"): _always(_file, words.slug),
        ("path", "filepath", "file_path", "pathname"): _always(_path),
        ("mime_type", "mimetype", "content_type", "media_type", "mime"): _one_of(
            "application/json", "text/plain", "image/png", "application/pdf"
        ),
        ("extension", "file_extension"): _one_of("pdf", "png", "txt", "csv"),
        ("version", "api_version", "release"): _always(_version, _digits(1)),
        ("model", "model_name"): _always(_model),
        ("hash", "checksum", "digest", "sha", "etag", "fingerprint"): _always(_hex(40), _hex(64), _hex(32), _hex(8)),
        ("cursor", "page_token", "continuation", "next", "previous"): _always(_hex(16)),
        ("latitude", "lat"): _always(_number(-60, 60, 5)),
        ("longitude", "lng", "lon"): _always(_number(-150, 150, 5)),
        ("date", "day", "birthday", "birthdate", "date_of_birth", "dob"): lambda name, owner: (
            days_for(name),
            moments_for(name),
        ),
        ("timestamp", "datetime", "date_time", "time"): lambda name, owner: (moments_for(name), FORMATS["time"].draw),
        ("duration",): _always(FORMATS["duration"].draw),
        ("uuid", "guid"): _always(draw_uuid),
        ("sku", "isbn", "ean", "barcode", "serial_number", "account_number"): _always(_digits(10)),
        ("token", "access_token", "refresh_token", "id_token", "secret", "client_secret", "signature"): secrets_for,
        (
            "password",
            "passwd",
            "passphrase",
            "api_key",
            "apikey",
            "private_key",
            "secret_key",
            "access_key",
        ): secrets_for,
        ("credential", "credentials", "authorization", "authorisation"): secrets_for,
    }
)
"""Texts by the member's words, as `find_by_name` looks them up."""
