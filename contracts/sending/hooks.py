"""What a user's own Python tells of a target: credentials, values, and a last touch on every request.

A module may have any of these functions; ``url`` is the base URL under test.

    def credentials(url): ...        # security scheme's name, or "" for every scheme → secret; a login, say
    def other_credentials(url): ...  # somebody else's
    def headers(url): ...            # name → value, sent with every request
    def parameters(url): ...         # name of a path, query or header parameter → the value it always has
    def prepare(case): ...           # a `Case` → the `Case` that is sent: a signature, say
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Final, final

from understudy.contracts.case import Case
from understudy.contracts.sending.transport import Unsendable
from understudy.contracts.settings import Settings
from understudy.specs.errors import UsageError

__all__ = ["Hooks", "load_hooks", "with_hooks"]

_GIVING: Final = ("credentials", "other_credentials", "headers", "parameters")
_PREPARE: Final = "prepare"


@final
@dataclass(frozen=True, slots=True)
class Hooks:
    """The functions of one module.

    Attributes:
        name: As the user named it: a path that ends in ``.py``, or a module.
    """

    name: str
    functions: Mapping[str, Callable[..., object]]

    def give(self, what: str, url: str) -> dict[str, str]:
        """What one of the functions that give something returns; nothing where there is no such function.

        Raises:
            UsageError: It raises, or returns something else than texts by name.
        """
        function = self.functions.get(what)
        if function is None:
            return {}
        try:
            given = function(url)
        except Exception as error:
            raise self._wrong(what, f"{type(error).__name__}: {error}") from error
        if isinstance(given, Mapping) and all(isinstance(text, str) for pair in given.items() for text in pair):
            return dict(given)
        # What it returned may be a secret.
        raise self._wrong(what, f"it returned {type(given).__name__}")

    def prepare(self, case: Case) -> Case:
        """The case as it is sent.

        Raises:
            Unsendable: The function raises, or returns no case.
        """
        function = self.functions.get(_PREPARE)
        if function is None:
            return case
        try:
            prepared = function(case)
        except Exception as error:
            raise Unsendable(f"{_PREPARE} in {self.name} raised {type(error).__name__}: {error}") from error
        if not isinstance(prepared, Case):
            raise Unsendable(f"{_PREPARE} in {self.name} returned {type(prepared).__name__}, which is no Case")
        return prepared

    def _wrong(self, what: str, reason: str) -> UsageError:
        return UsageError("--hooks", f"{what} in {self.name}", f"a function that returns texts by name ({reason})")


def with_hooks(settings: Settings, name: str, url: str) -> Settings:
    """The settings with what the hooks give; what they have already wins.

    Raises:
        UsageError: The module can't be had, or one of its functions fails.
    """
    hooks = load_hooks(name)
    known = {header.lower() for header, _ in settings.headers}
    headers = tuple(pair for pair in hooks.give("headers", url).items() if pair[0].lower() not in known)
    return replace(
        settings,
        hooks=name,
        headers=(*settings.headers, *headers),
        credentials={**hooks.give("credentials", url), **settings.credentials},
        other_credentials={**hooks.give("other_credentials", url), **settings.other_credentials},
        parameters={**hooks.give("parameters", url), **settings.parameters},
    )


@cache
def load_hooks(name: str) -> Hooks:
    """The hooks of a module; each is run once in a process.

    Raises:
        UsageError: It can't be imported, or has none of the functions.
    """
    try:
        module = _load_file(Path(name)) if name.endswith(".py") else _load_module(name)
    except Exception as error:
        raise UsageError("--hooks", name, f"Python that can be imported ({type(error).__name__}: {error})") from error
    found = {each: getattr(module, each) for each in (*_GIVING, _PREPARE) if callable(getattr(module, each, None))}
    if not found:
        raise UsageError("--hooks", name, f"a module with one of the functions {', '.join((*_GIVING, _PREPARE))}")
    return Hooks(name, found)


def _load_file(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError("no file of Python")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _load_module(name: str) -> ModuleType:
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    return import_module(name)
