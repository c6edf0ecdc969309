"""Paths that are written with a query: what stands in it are query parameters."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qsl, urlsplit

from understudy.specs.documents.document import Json
from understudy.specs.documents.node import Node
from understudy.specs.model import Origin
from understudy.specs.path_templates import bare_path
from understudy.specs.pointers import child

__all__ = ["read_path_query"]


def read_path_query(path: str, parameters: Sequence[Node], item: Node) -> list[Node]:
    """The parameters of an operation under a path such as ``/rides?page={page}&view=short``.

    A path parameter that only the query mentions is a query parameter. A member of the query that no parameter
    describes is a required one; where it isn't an expression its text is the only value.

    Args:
        parameters: Parameter Objects, as the document has them.
        item: The Path Item Object, where added ones are said to stand.
    """
    found = list(parameters)
    bare = bare_path(path)
    query = urlsplit(path.removeprefix(bare)).query
    for name, text in parse_qsl(query, keep_blank_values=True):
        expression = text[1:-1] if text.startswith("{") and text.endswith("}") else ""
        places = (expression or name, "path"), (name, "query")
        known = next((each for each in found if (each.value["name"], each.value["in"]) in places), None)
        if known is None:
            origin = Origin(item.origin.uri, child(item.origin.pointer, f"?{name}"))
            schema: Json = {"type": "string"} if expression else {"type": "string", "enum": [text]}
            # 2.0 has the keywords of the schema in the parameter itself.
            value = {"name": name, "in": "query", "required": True, **schema, "schema": schema}
            found.append(Node(value, origin, item.base))
        elif known.value["in"] == "path" and text not in bare:
            found[found.index(known)] = Node({**known.value, "name": name, "in": "query"}, known.origin, known.base)
    return found
