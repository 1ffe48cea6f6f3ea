"""Requests with conditions: entity tags, ``If-Match``, ``If-None-Match`` (RFC 9110, section 13)."""

import re
from collections.abc import Iterable, Sequence
from hashlib import blake2s
from http import HTTPStatus
from typing import Any, ClassVar, cast

from django.http import HttpResponseNotModified
from rest_framework.exceptions import ParseError
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.schema import AutoSchema
from core.errors import PreconditionFailedError, PreconditionRequiredError, StaleRecordError
from core.records.versions import VersionedRecord

# RFC 9110, section 8.8.3.
ENTITY_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
ENTITY_TAGS = re.compile(rf"[\s,]*{ENTITY_TAG}(?:\s*,[\s,]*{ENTITY_TAG})*[\s,]*")
ANY = "*"
# What a 304 repeats of the 200 that it stands for: RFC 9110, section 15.4.5.
HEADERS_OF_NOT_MODIFIED = ("ETag", "Vary", "Cache-Control", "Content-Location", "Expires")


class PreconditionsSchema(AutoSchema):
    """Describes the headers and answers of a view with preconditions."""

    def get_operation(self, *arguments: Any, **options: Any) -> Any:
        operation: Any = super().get_operation(*arguments, **options)
        view = cast("PreconditionsMixin", self.view)
        name = action_of(view, self.method)
        required = name in view.if_match_required
        parameters = []
        if self.method == "GET" and not self._is_list_view() and name in {"get", "retrieve"}:
            parameters = [header("If-None-Match", "Answer 304 if the entity tag is one of these.")]
            not_modified = {"description": "What the caller has is up to date."}
            operation["responses"]["304"] = not_modified
        elif required or name in view.if_match_optional:
            what = "Go on only if the entity tag is one of these; * for any."
            parameters = [header("If-Match", what, required=required)]
            operation["responses"]["412"] = {}
            if required:
                operation["responses"]["428"] = {}
        elif name != "create":
            return operation
        operation.setdefault("parameters", []).extend(parameters)
        for status, response in operation["responses"].items():
            if status in {"200", "201"}:
                tag = {"schema": {"type": "string"}, "description": "The entity tag."}
                response.setdefault("headers", {})["ETag"] = tag
        return operation


class PreconditionsMixin(GenericAPIView[Any]):
    """Gives a view of versioned records entity tags, and reads the conditions of requests.

    Answers that show a record carry its tag: the record's version, quoted. Reads with
    ``If-None-Match`` answer 304 when the caller has the current state. A request that would change
    a record is refused with 412 unless ``If-Match`` names its version; the record is written only
    as it was read, so a writer who comes between is noticed too.

    What an answer shows beside its record, such as a product's stock, comes after the version in
    the tag: see ``beside``. It counts for reads, and not for writes, which would otherwise fail for
    changes that they do not touch.

    Attributes:
        if_match_required: the actions, or for a plain view the methods in lower case, that answer
            428 to a request without ``If-Match`` (RFC 6585, section 3).
        if_match_optional: those that obey the header when it is there.
    """

    if_match_required: ClassVar[Sequence[str]] = ()
    if_match_optional: ClassVar[Sequence[str]] = ()
    schema = PreconditionsSchema()

    _shown: VersionedRecord | None = None

    def beside(self, record: Any) -> Iterable[object]:  # noqa: ARG002 (for those who override it)
        """Return what the answer shows that the version of ``record`` does not count."""
        return ()

    def get_object(self) -> Any:
        """Return the record, once the conditions of the request hold for it."""
        return self.conditional(super().get_object())

    def conditional(self, record: VersionedRecord) -> Any:
        """Return ``record``, whose tag the answer will carry, once the conditions hold for it.

        Raises:
            PreconditionRequiredError: if the action needs ``If-Match``, and it is missing.
            PreconditionFailedError: if the conditions do not hold.
            ParseError: for an ``If-Match`` that is none.
        """
        if self.request.method not in SAFE_METHODS:
            self._check(record)
        return self.showing(record)

    def showing(self, record: VersionedRecord) -> Any:
        """Return ``record``, whose tag the answer will carry."""
        self._shown = record
        return record

    def required_version(self) -> int | None:
        """Return the version that the record must have when a service writes it; ``None`` for any.

        For services that read the record themselves. It is read here, and its conditions checked,
        only if the request has some.
        """
        headers = self.request.headers
        if "If-Match" not in headers and "If-None-Match" not in headers:
            return None
        version: int = self.get_object().version
        return None if headers.get("If-Match", ANY).strip() == ANY else version

    def entity_tag(self, record: VersionedRecord) -> str:
        """Return the tag of what the answer shows: ``"3"``, or ``"3-"`` and a digest."""
        beside = [str(value) for value in self.beside(record)]
        if not beside:
            return f'"{record.version}"'
        digest = blake2s("\n".join(beside).encode(), digest_size=8).hexdigest()
        return f'"{record.version}-{digest}"'

    def handle_exception(self, exc: Exception) -> Response:
        condition = self.request.headers.get("If-Match", ANY).strip()
        if isinstance(exc, StaleRecordError) and condition != ANY:
            # Somebody wrote between the check and the write: what was asked for did not hold.
            exc = PreconditionFailedError(exc.message)
        return super().handle_exception(exc)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        has_body = response.status_code in {HTTPStatus.OK, HTTPStatus.CREATED}
        if self._shown is None or not has_body:
            return response
        response["ETag"] = tag = self.entity_tag(self._shown)
        known = request.headers.get("If-None-Match", "")
        if request.method not in SAFE_METHODS or not is_among(tag, known, weakly=True):
            return response
        headers = {
            name: response[name] for name in HEADERS_OF_NOT_MODIFIED if response.has_header(name)
        }
        return HttpResponseNotModified(headers=headers)

    def _check(self, record: VersionedRecord) -> None:
        required = action_of(self, self.request.method) in self.if_match_required
        wanted = self.request.headers.get("If-Match")
        if wanted is None and required:
            raise PreconditionRequiredError(
                "Send If-Match with the ETag that you got when you read this, or with *."
            )
        if wanted is not None and wanted.strip() != ANY:
            if not ENTITY_TAGS.fullmatch(wanted):
                raise ParseError('If-Match takes entity tags, such as "3" or "3", "4", or is *.')
            # What stands beside the record does not count here.
            versions = re.sub(r'(?<=")([0-9]+)-[0-9a-f]+(?=")', r"\1", wanted)
            if not is_among(f'"{record.version}"', versions, weakly=False):
                raise PreconditionFailedError(
                    "This has changed since you read it. Read it again, and send its new ETag."
                )
        unwanted = self.request.headers.get("If-None-Match", "")
        if wanted is None and is_among(self.entity_tag(record), unwanted, weakly=True):
            raise PreconditionFailedError("This is in a state that If-None-Match rules out.")


def is_among(tag: str, tags: str, *, weakly: bool) -> bool:
    """Tell whether the strong entity tag ``tag`` is one of ``tags``, which are comma-separated.

    Compared weakly, ``W/"3"`` is ``"3"``; compared strongly, it is like no other
    (RFC 9110, section 8.8.3.2). ``*`` is every tag; what is no list of tags is none.
    """
    if tags.strip() == ANY:
        return True
    if not ENTITY_TAGS.fullmatch(tags):
        return False
    found = re.findall(ENTITY_TAG, tags)
    return tag in found or (weakly and f"W/{tag}" in found)


def action_of(view: Any, method: str | None) -> str:
    """Return the action of a viewset, or the method of another view in lower case."""
    return getattr(view, "action", None) or (method or "").lower()


def header(name: str, description: str, *, required: bool = False) -> dict[str, Any]:
    """Return the OpenAPI description of a header that requests carry."""
    return {
        "in": "header",
        "name": name,
        "description": description,
        "required": required,
        "schema": {"type": "string"},
    }
