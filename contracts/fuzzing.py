"""Drive schemathesis: its generation and its checks, our sending and our claims. The only room that imports it.

The engine runs in threads of its own and tells what it did at the end of an operation. Exchanges are taken where they
happen instead, in the transport that we give it, so that they can be judged as they come. Its failures are taken in a
hook that drops them on its side: it doesn't shrink, and one fault doesn't hide the next.
"""

from __future__ import annotations

import hashlib
import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias, final

import requests
import schemathesis
from requests.utils import get_encoding_from_headers
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure as Finding
from schemathesis.core.transport import Response
from schemathesis.engine import events
from schemathesis.engine.core import Engine, ExecutionPlan
from schemathesis.engine.run import TESTING_PHASES, PhaseName
from schemathesis.generation.case import Case as Drawn
from schemathesis.generation.meta import REQUEST_SHAPE_PROBES, CoveragePhaseData, TestPhase, coverage_scenario
from schemathesis.specs.openapi.schemas import OpenApiSchema
from schemathesis.transport.prepare import get_exclude_headers
from schemathesis.transport.requests import REQUESTS_TRANSPORT, RequestsTransport
from typing_extensions import override

from understudy.contracts.case import Case, Exchange, Mode, Phase
from understudy.contracts.claims import Failure
from understudy.contracts.fuzzing_claims import (
    ALLOW_HEADER,
    CHECKS_ON,
    CLAIM_OF_FAILURE,
    HEADER_REQUIRED,
    INVALID_REFUSED,
    METHOD_REFUSED,
    VALID_ACCEPTED,
    chain_claims,
    is_false_alarm,
)
from understudy.contracts.transport import Unsendable
from understudy.specs.document import Json
