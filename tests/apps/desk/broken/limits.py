"""Bugs of the rate limit. Some of them show themselves only where the limit is reached."""

from __future__ import annotations

from tests.apps.desk.gate import Gate
from tests.apps.desk.problems import Problem
from tests.apps.desk.variants import LOW_LIMIT, variant


@variant("limits", "there are no RateLimit headers", "headers that are said to be there are missing")
class NoLimitHeaders(Gate):
    def limits(self, limit: int, remaining: int, seconds: float) -> dict[str, str]:
        return {}


@variant("limits", "RateLimit-Remaining never falls", "two requests, the same number")
class RemainingStays(Gate):
    def limits(self, limit: int, remaining: int, seconds: float) -> dict[str, str]:
        return super().limits(limit, limit, seconds)


@variant("limits", "RateLimit-Remaining is no number", "a header isn't as its schema says")
class RemainingIsWords(Gate):
    def limits(self, limit: int, remaining: int, seconds: float) -> dict[str, str]:
        return {**super().limits(limit, remaining, seconds), "RateLimit-Remaining": "enough"}


@variant("limits", "RateLimit-Reset rises", "the end of the window is farther away at each request")
class ResetRises(Gate):
    def limits(self, limit: int, remaining: int, seconds: float) -> dict[str, str]:
        return super().limits(limit, remaining, self.office.settings.window - seconds)


@variant("limits", "the limit isn't kept", "no 429 after as many requests as are stated", LOW_LIMIT)
class LimitNotKept(Gate):
    def refuse(self, seconds: int) -> None:
        pass


@variant("limits", "429 has no Retry-After", "a header that is said to be there is missing", LOW_LIMIT)
class NoRetryAfter(Gate):
    def refuse(self, seconds: int) -> None:
        raise Problem("rate-limited", "the key has used up its requests")


@variant("limits", "Retry-After is no number", "a header isn't as its schema says", LOW_LIMIT)
class RetryAfterIsWords(Gate):
    def refuse(self, seconds: int) -> None:
        raise Problem("rate-limited", "the key has used up its requests", headers={"Retry-After": "soon"})


@variant("limits", "429 comes at half the limit", "429, though RateLimit-Remaining was above 0", LOW_LIMIT)
class HalfTheLimit(Gate):
    def limits(self, limit: int, remaining: int, seconds: float) -> dict[str, str]:
        if remaining < limit / 2:
            self.refuse(max(1, int(seconds)))
        return super().limits(limit, remaining, seconds)


@variant("limits", "Retry-After says at once", "429 again after as many seconds as are stated", LOW_LIMIT)
class RetryAtOnce(Gate):
    def refuse(self, seconds: int) -> None:
        super().refuse(0)
