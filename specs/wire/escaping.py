"""How text is kept apart from the delimiters around it, by where a parameter travels (OpenAPI 3.2, Parameter Object).

In a path, in a query and in a cookie of style `form` text is percent-encoded. In a header and in a cookie of style
`cookie` it goes as it is, and what would break the field cannot go at all (3.2, Appendix D).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from understudy.specs.model import Location, Style
from understudy.specs.wire import percent
from understudy.specs.wire.malformed import UncarriableValue

__all__ = ["HEADER", "Escaping", "find_escaping"]

_HEADER_TEXT: Final = re.compile(r"(?:[!-~](?:[\t -~]*[!-~])?)?")
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_COOKIE_TEXT: Final = re.compile(r"(?:[!-:<-~](?:[ -:<-~]*[!-:<-~])?)?")


@dataclass(frozen=True, slots=True)
class Escaping:
    """One way to write text between delimiters, and to read it again.

    Attributes:
        plain: What may be written as it is; None means that text is percent-encoded.
        reserved: Characters that stay, besides letters, digits and ``-._~``, when percent-encoding.
        keeps_triples: Whether percent-triples in the text stay too (`allowReserved`).
        plus: Whether ``+`` is read as a space.
        token_names: Whether names beside a value go as they are, and so must be tokens (RFC 6265, section 4.1.1).
        where: What errors call the place.
    """

    where: str
    plain: re.Pattern[str] | None = None
    reserved: str = ""
    keeps_triples: bool = False
    plus: bool = False
    token_names: bool = False

    def encode(self, text: str, delimiters: str = "") -> str:
        """The text as it is written; reserved characters that are ``delimiters`` here don't stay.

        Raises:
            UncarriableValue: It has a delimiter or a character that cannot be written here.
        """
        if self.plain is None:
            written = self._percent_encode(text, delimiters)
        elif self.plain.fullmatch(text) is None:
            raise UncarriableValue(f"{text[:40]!r} cannot stand in {self.where}, and nothing there escapes it")
        else:
            written = text
        for delimiter in delimiters:
            if delimiter in written:
                raise UncarriableValue(f"{text[:40]!r} has the delimiter {delimiter!r} in it")
        return written

    def encode_name(self, name: str) -> str:
        """The name beside a value, as it is written.

        Raises:
            UncarriableValue: It cannot stand there.
        """
        if self.token_names and _TOKEN.fullmatch(name) is None:
            raise UncarriableValue(f"{name[:40]!r} cannot be the name of {self.where}: it is not a token")
        try:
            return name if self.token_names else percent.encode(name)
        except UnicodeEncodeError:
            raise UncarriableValue(f"half of a surrogate pair in {name[:40]!r}") from None

    def _percent_encode(self, text: str, delimiters: str) -> str:
        try:
            if not self.keeps_triples:
                return percent.encode(text)
            return percent.encode_reserved(text, "".join(c for c in self.reserved if c not in delimiters))
        except UnicodeEncodeError:
            raise UncarriableValue(f"half of a surrogate pair in {text[:40]!r}") from None

    def decode(self, text: str) -> str:
        """The text that was written, white space around it dropped where it goes as it is.

        Raises:
            MalformedContent: Broken percent-encoding.
        """
        if self.plain is None:
            return percent.decode(text, plus=self.plus)
        return text.strip(" \t")


HEADER: Final = Escaping("a header", plain=_HEADER_TEXT)
_COOKIE: Final = Escaping("a cookie", plain=_COOKIE_TEXT, token_names=True)

# The reserved characters of RFC 3986 without those that mean something there: in a path `/?#` (and `[]`, which no path
# may have), in a query `#[]` and the `&` and `+` of forms, in a cookie what RFC 6265, section 4.1.1, leaves out.
_RESERVED: Final = {
    Location.PATH: ":@!$&'()*+,;=",
    Location.QUERY: ":/?@!$'()*,;=",
    Location.COOKIE: ":/?#[]@!$&'()*+=",
}


def find_escaping(location: Location, style: Style, *, allow_reserved: bool) -> Escaping:
    """The escaping for a parameter; `allowReserved` counts only where text is percent-encoded."""
    if location is Location.HEADER:
        return HEADER
    if location is Location.COOKIE and style is Style.COOKIE:
        return _COOKIE
    return Escaping(
        f"a {location.value}",
        reserved=_RESERVED.get(location, "") if allow_reserved else "",
        keeps_triples=allow_reserved,
        plus=location is Location.QUERY,
        token_names=location is Location.COOKIE,
    )
