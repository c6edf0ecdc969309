"""What an API says: documents to one frozen model, and everything that both uses of it share."""

from understudy.specs.build import build_api
from understudy.specs.catalog import SHIPPED, load_api
from understudy.specs.documents.document import Document, read_document
from understudy.specs.errors import (
    DocumentError,
    DocumentUnreadable,
    GenerationError,
    SuiteError,
    TargetError,
    UnresolvableReference,
    UnsupportedKeyword,
    UnsupportedVersion,
    UsageError,
)
from understudy.specs.model import MISSING, Api, Direction, MediaType, Operation, Parameter, RequestBody, Response
from understudy.specs.schemas.schema import Schema
from understudy.specs.schemas.validation import Violation

__all__ = [
    "MISSING",
    "SHIPPED",
    "Api",
    "Direction",
    "Document",
    "DocumentError",
    "DocumentUnreadable",
    "GenerationError",
    "MediaType",
    "Operation",
    "Parameter",
    "RequestBody",
    "Response",
    "Schema",
    "SuiteError",
    "TargetError",
    "UnresolvableReference",
    "UnsupportedKeyword",
    "UnsupportedVersion",
    "UsageError",
    "Violation",
    "build_api",
    "load_api",
    "read_document",
]
