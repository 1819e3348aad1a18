"""Adapts Schemathesis to the service: file formats, the limit of sign-ins, and false positives."""

import itertools
import json
import re
import unicodedata

import schemathesis
from hypothesis import strategies as st
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.openapi.checks import RejectedPositiveData

FIELDS = ["id", "sku", "title", "category", "brand", "price", "stock", "tags", "images", "dimensions", "updatedAt", "color"]

# The fields of a product that `null` removes.
REMOVABLE = ["brand", "salePrice", "salePriceFrom", "salePriceUntil", "stock", "thumbnail", "mpn", "condition", "url"]

fields = st.sampled_from(FIELDS)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
values = scalars | st.lists(scalars, max_size=3)
objects = st.dictionaries(fields, values, max_size=5).map(json.dumps)
header = st.lists(fields, min_size=1, max_size=5).map(",".join)
record = st.lists(values.map(str), max_size=5).map(",".join)


def files(line):
    """Returns a strategy for files with up to five lines, which need not be UTF-8."""
    return st.lists(line, max_size=5).map(lambda lines: "\n".join(lines).encode("utf-8", "surrogatepass"))


schemathesis.openapi.media_type("application/x-ndjson", files(objects | st.text(max_size=20)))
schemathesis.openapi.media_type("text/csv", files(header | record))


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Converts the examples of files to bytes. Schemathesis accepts nothing else for a media type with a custom strategy."""
    for media_type in raw_schema["paths"]["/products/import"]["post"]["requestBody"]["content"].values():
        media_type["example"] = media_type["example"].encode()


clients = itertools.count(1)


@schemathesis.hook
def before_call(context, case, kwargs):
    """Sends each sign-in from another address: the service allows 10 sign-ins per minute and client."""
    if case.operation.path == "/auth":
        case.headers["X-Forwarded-For"] = f"2001:db8:0:{next(clients):x}::1"


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Drops false positives."""
    return not (
        is_foreign_cursor(failure, response)
        or is_bad_file(failure, response)
        or is_removal(failure, case)
        or is_shortened_text(failure, case)
    )


def is_foreign_cursor(failure, response):
    """To the schema, a cursor is any text. The service accepts only the cursors that it issued for the same query."""
    return isinstance(failure, RejectedPositiveData) and pointers(response) == ["query/cursor"]


def is_bad_file(failure, response):
    """To the schema, a file is any bytes. The service rejects unreadable files (400) and invalid rows (422)."""
    return isinstance(failure, RejectedPositiveData) and (pointers(response) == ["body"] or "report" in response.json())


def is_removal(failure, case):
    """A merge patch removes fields with `null` (RFC 7396). The description says so; a schema for it would need
    `nullable` in OpenAPI 3.0 and a type list in 3.1, and the document is served as both."""
    has_removal = isinstance(case.body, dict) and any(case.body.get(name, 0) is None for name in REMOVABLE)
    return isinstance(failure, AcceptedNegativeData) and has_removal


def is_shortened_text(failure, case):
    """The service normalizes the text of products and categories before it validates the length. A schema applies to the text as sent."""
    is_too_long = isinstance(failure, AcceptedNegativeData) and "maxLength" in failure.message
    return is_too_long and any(len(normalize(text)) < len(text) for text in texts(case.body))


def normalize(text):
    visible = "".join(one for one in text if unicodedata.category(one) != "Cf")
    # Times are stored in UTC with milliseconds.
    if re.match(r"\d{4}-\d\d-\d\d[Tt]", visible):
        return visible[:24]
    return unicodedata.normalize("NFC", " ".join(visible.split()))


def texts(value):
    """Yields all strings in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts(item)


def pointers(response):
    """Returns the locations of the errors in a problem, such as `query/cursor`."""
    return [error["in"] + error["pointer"] for error in response.json().get("errors", [])]
