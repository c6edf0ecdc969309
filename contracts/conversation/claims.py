"""The claims of the model: what one request leaves for those after it."""

from __future__ import annotations

from typing import Final

from understudy.contracts.claims import Claim, Severity, register

__all__ = ["INFERRED_CLAIMS", "MODEL_CLAIMS", "OWNER"]

OWNER: Final = "conversation"

_HTTP: Final = "https://www.rfc-editor.org/rfc/rfc9110.html#section-"
_OAS: Final = "https://spec.openapis.org/oas/v3.2.0.html#"
_LOW, _MEDIUM, _HIGH, _CRITICAL = Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL


def _claim(claim_id: str, title: str, severity: Severity, clause: str, documentation: str) -> Claim:
    return register(Claim(claim_id, title, severity, clause, documentation, OWNER))


READ_AFTER_WRITE: Final = _claim(
    "read-after-write",
    "What was written when a record was made is read back",
    _CRITICAL,
    _HTTP + "9.3.1",
    "A record is made and then read. What was sent, and what the create answered, has to be there; members of which "
    "nothing is known are free.",
)
UPDATE_PERSISTED: Final = _claim(
    "update-persisted",
    "A confirmed change is there when the record is read",
    _CRITICAL,
    _HTTP + "9.3.4",
    "A record is changed with success and then read: the new values have to be there, and all others as they were.",
)
REFUSED_UNCHANGED: Final = _claim(
    "refused-unchanged",
    "A refused request changes nothing",
    _HIGH,
    _HTTP + "15.5",
    "A change is answered with 4xx. Whoever reads the record after it has to see what was there before.",
)
MADE_IS_FOUND: Final = _claim(
    "made-is-found",
    "A record that was made is there",
    _CRITICAL,
    _HTTP + "9.3.3",
    "A record was made with success and nobody deleted it; an operation that names it is answered 404 or 410.",
)
DELETED_IS_GONE: Final = _claim(
    "deleted-is-gone",
    "What was deleted is not served any more",
    _CRITICAL,
    _HTTP + "9.3.5",
    "A record is deleted with success; an operation that names it afterwards is answered with success. Judged where "
    "the operation documents 404 or 410.",
)
DOUBLE_DELETE: Final = _claim(
    "double-delete-refused",
    "What is gone can't be deleted again",
    _MEDIUM,
    _HTTP + "9.3.5",
    "The same record is deleted twice. Where the document says 404 or 410, the second time must not be a success.",
)
GONE_FROM_LISTS: Final = _claim(
    "gone-from-lists",
    "What was deleted is in no list",
    _HIGH,
    _HTTP + "9.3.5",
    "A record is deleted with success, and a list that is asked for afterwards still holds it.",
)
CASCADE_KEPT: Final = _claim(
    "cascade-kept",
    "What belongs to a record is gone when that is",
    _HIGH,
    _OAS + "specification-extensions",
    "A record is deleted to which others belong; those are still served or listed.",
)
EXPIRY_KEPT: Final = _claim(
    "expiry-kept",
    "A record expires when the document says",
    _HIGH,
    _OAS + "specification-extensions",
    "The time at which a record ends isn't the one that the document computes, or the record is still served after it.",
)
TENANT_ISOLATION: Final = _claim(
    "tenant-isolation",
    "Nobody sees or changes what belongs to somebody else",
    _CRITICAL,
    "https://owasp.org/API-Security/editions/2023/en/0xa1-broken-object-level-authorization/",
    "A record is made for one tenant and asked for, listed or changed by another. It must be as if it didn't exist. "
    "Judged for keys that can't be the same by chance.",
)
UNKNOWN_REFUSED: Final = _claim(
    "unknown-refused",
    "A record that never was isn't found",
    _MEDIUM,
    _HTTP + "15.5.5",
    "An operation names a record with a key that nobody can have, and is answered with success.",
)
RULE_KEPT: Final = _claim(
    "rule-kept",
    "What a record's state forbids is refused",
    _HIGH,
    _HTTP + "15.5.10",
    "The document says under which condition an operation may be done; it is done although the condition doesn't hold.",
)
LIST_COMPLETE: Final = _claim(
    "list-complete",
    "A list holds every record, each once",
    _HIGH,
    _HTTP + "9.3.1",
    "A record that was made and not deleted is missing in a list that isn't cut, or stands in it twice.",
)
LIST_AGREES: Final = _claim(
    "list-agrees",
    "A list shows its records as they are",
    _HIGH,
    _HTTP + "9.3.1",
    "A list shows one of our records with another value than was written, or than reading it shows.",
)
FILTER_KEPT: Final = _claim(
    "filter-kept",
    "A filter is kept",
    _HIGH,
    _OAS + "specification-extensions",
    "A list holds a record that its filter leaves out, or leaves out one that fits.",
)
PAGING_GAPLESS: Final = _claim(
    "paging-gapless",
    "Pages follow each other without gap and overlap",
    _HIGH,
    _OAS + "specification-extensions",
    "A page has another number of records than it has to, or others. Judged where every record of the list is known.",
)
ORDER_KEPT: Final = _claim(
    "order-kept",
    "A list is in its order",
    _MEDIUM,
    _OAS + "specification-extensions",
    "Two records of a list stand in the wrong order. Records that are equal may stand in any.",
)
COUNT_KEPT: Final = _claim(
    "count-kept",
    "A list counts right",
    _MEDIUM,
    _OAS + "specification-extensions",
    "What a list says besides its records (a total, whether there is more) isn't so. Judged where every record of the "
    "list is known.",
)
CREATE_ANSWER: Final = _claim(
    "create-answer",
    "Whoever makes a record is answered what was made",
    _HIGH,
    _HTTP + "9.3.3",
    "The answer to a create shows a member with another value than was sent.",
)
UPDATE_ANSWER: Final = _claim(
    "update-answer",
    "Whoever changes a record is answered what it is now",
    _HIGH,
    _HTTP + "9.3.4",
    "The answer to a change shows a member with another value than it has now.",
)
ANSWER_DECLARED: Final = _claim(
    "answer-declared",
    "An answer says what the document computes",
    _MEDIUM,
    _OAS + "specification-extensions",
    "The document says how a part of an answer, a header or a part of a stream's items follows from the request and "
    "the records, and it isn't so.",
)
STREAM_TEXT_STORED: Final = _claim(
    "stream-text-stored",
    "What was answered is what is stored",
    _HIGH,
    _OAS + "specification-extensions",
    "The text that an answer carried, piece by piece or whole, isn't the one that the record holds afterwards.",
)
TIME_KEPT: Final = _claim(
    "time-kept",
    "Times are those at which things happened",
    _LOW,
    "https://www.rfc-editor.org/rfc/rfc3339.html#section-5.6",
    "A time that the document computes from now lies more than a minute beside it, by the server's own clock.",
)
JOB_FORWARD: Final = _claim(
    "job-forward",
    "A job goes forward through its states",
    _HIGH,
    _OAS + "specification-extensions",
    "A job is seen in a state that comes before one in which it was seen already.",
)
JOB_PROGRESS: Final = _claim(
    "job-progress",
    "A job's progress never falls",
    _MEDIUM,
    _OAS + "specification-extensions",
    "A job is seen with less progress than before, in the same or a later state that isn't an end with its own; or it "
    "has ended with another progress than the document says, which is 100 where it says nothing.",
)
JOB_FINAL: Final = _claim(
    "job-final",
    "A job that has ended stays as it is",
    _HIGH,
    _OAS + "specification-extensions",
    "A job was seen at an end, and then in another state, with another result, or with another time of its end.",
)
JOB_END: Final = _claim(
    "job-end",
    "A job comes to its end, in its time",
    _HIGH,
    _OAS + "specification-extensions",
    "A job ends otherwise than what it was made with says, or hasn't ended after twice the time that the document "
    "gives it and five seconds more.",
)
JOB_MEMBERS: Final = _claim(
    "job-members",
    "A job has its result exactly when it has come to it",
    _HIGH,
    _OAS + "specification-extensions",
    "A job shows a member that only another state has, lacks one that its state has, or shows another one than it was "
    "made with.",
)

MODEL_CLAIMS: Final = tuple(value for value in list(globals().values()) if isinstance(value, Claim))
"""In the order in which they stand above."""

INFERRED_CLAIMS: Final = frozenset(
    each.id for each in (READ_AFTER_WRITE, UPDATE_PERSISTED, MADE_IS_FOUND, DELETED_IS_GONE)
)
"""What is held against a server whose behaviour is only inferred."""
