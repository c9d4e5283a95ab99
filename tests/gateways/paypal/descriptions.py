"""PayPal's published OpenAPI descriptions, as a judge of what is said to PayPal and by it.

They lie beside the repository (``../shared/gateways/paypal``). A field that they do not name is a
failure: every object is closed, as far as JSON Schema lets one close it.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import parse_qsl

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

FOLDER: Final = Path(__file__).resolve().parents[4] / "shared/gateways/paypal"
needed = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="PayPal's descriptions are not beside the repository"
)
FILES: Final = (
    "checkout_orders_v2", "payments_payment_v2", "vault_payment_tokens_v3",
    "notifications_webhooks_v1", "customer_disputes_v1", "reporting_transactions_v1",
)  # fmt: skip
# Where the descriptions of February 2024 contradict themselves: this one's own example says it.
_OWN_MISTAKE: Final = re.compile(
    r"POST /v3/vault/payment-tokens \w+ asked: \$\.payment_source\.token\.type: 'SETUP_TOKEN'"
)
_METHODS: Final = {"get", "post", "patch", "put", "delete"}


@cache
def document(name: str) -> dict[str, Any]:
    return dict(json.loads((FOLDER / f"{name}.json").read_text("utf-8")))


@cache
def operations() -> list[tuple[str, re.Pattern[str], str, dict[str, Any]]]:
    """Every operation: its method, what its path looks like, its file, itself."""
    found = []
    for name in FILES:
        for path, methods in document(name)["paths"].items():
            pattern = re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path))
            for method, operation in methods.items():
                if method in _METHODS:
                    found.append((method.upper(), pattern, name, operation))
    return found


def operation_of(method: str, path: str) -> tuple[str, dict[str, Any]]:
    for known, pattern, name, operation in operations():
        if known == method and pattern.fullmatch(path):
            return name, operation
    raise AssertionError(f"PayPal's descriptions have no {method} {path}")


@cache
def known_schemas(name: str) -> Registry[Any]:
    said = document(name)
    schemas = {key: closed(one, whole=False) for key, one in said["components"]["schemas"].items()}
    contents = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "components": {"schemas": schemas},
    }
    made: Registry[Any] = Registry()
    return cast(
        "Registry[Any]", made.with_resource(f"urn:{name}", Resource.from_contents(contents))
    )


def closed(schema: Any, *, whole: bool) -> Any:
    """Return a schema that takes no unknown field; ``whole`` when nothing stands beside it."""
    if not isinstance(schema, dict):
        return schema
    made = {
        key: value for key, value in schema.items()
        if key not in {"properties", "items", "allOf", "oneOf", "anyOf", "example", "format"}
    }  # fmt: skip
    if "properties" in schema:
        made["properties"] = {
            name: closed(one, whole=True) for name, one in schema["properties"].items()
        }
    if "items" in schema:
        made["items"] = closed(schema["items"], whole=True)
    for word in ("allOf", "oneOf", "anyOf"):
        if word in schema:
            made[word] = [closed(one, whole=False) for one in schema[word]]
    shaped = {"properties", "allOf", "$ref"} & set(schema)
    if whole and shaped and "additionalProperties" not in schema:
        made["unevaluatedProperties"] = False
    return made


@cache
def judge(name: str, schema: str) -> Draft202012Validator:
    rooted = rebased(closed(json.loads(schema), whole=True), name)
    return Draft202012Validator(rooted, registry=known_schemas(name))


def problems(name: str, schema: dict[str, Any], value: object) -> list[str]:
    """What the description finds wrong with a value."""
    validator = judge(name, json.dumps(schema))
    return [f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(value)]


def rebased(schema: Any, name: str) -> Any:
    """Have the references lead into the description's own file."""
    if isinstance(schema, dict):
        return {
            key: f"urn:{name}{value}" if key == "$ref" else rebased(value, name)
            for key, value in schema.items()
        }
    return [rebased(one, name) for one in schema] if isinstance(schema, list) else schema


def wrong_with(call: dict[str, Any]) -> list[str]:
    """What is wrong with one call of the sandbox's log: what was asked, and what was answered."""
    name, operation = operation_of(call["method"], call["path"])
    where = f"{call['method']} {call['path']} {call['status']}"
    found = [f"{where} query: {one}" for one in _wrong_query(name, operation, call["query"])]
    asked = operation.get("requestBody")
    if asked is not None and "$ref" in asked:
        asked = document(name)["components"]["requestBodies"][asked["$ref"].rpartition("/")[2]]
    schema = ((asked or {}).get("content") or {}).get("application/json", {}).get("schema")
    if call["body"] and schema is not None:
        found += [
            f"{where} asked: {one}" for one in problems(name, schema, json.loads(call["body"]))
        ]
    if call["body"] and asked is None:
        found.append(f"{where} asked: the description knows no body")
    if call["fault"] not in {"malformed_json", "alter", "status"} and call["answer"]:
        found += [f"{where} said: {one}" for one in _wrong_answer(name, operation, call)]
    return found


def _wrong_query(name: str, operation: dict[str, Any], query: str) -> list[str]:
    known = {}
    for parameter in operation.get("parameters", []):
        said = parameter
        if "$ref" in parameter:
            said = document(name)["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]
        if said["in"] == "query":
            known[said["name"]] = said
    asked = dict(parse_qsl(query))
    found = [f"{each} is unknown" for each in asked if each not in known]
    found += [
        f"{each} is missing"
        for each, one in known.items()
        if one.get("required") and each not in asked
    ]
    for each in set(asked) & set(known):
        schema = known[each].get("schema", {})
        value: object = asked[each]
        if schema.get("type") == "integer":
            value = int(asked[each])
        found += [f"{each}: {one}" for one in problems(name, schema, value)]
    return found


def _wrong_answer(name: str, operation: dict[str, Any], call: dict[str, Any]) -> list[str]:
    answers = operation["responses"]
    said = answers.get(str(call["status"])) or answers.get("default")
    if said is None:
        return ["the description knows no such status"]
    schema = (said.get("content") or {}).get("application/json", {}).get("schema")
    return problems(name, schema, json.loads(call["answer"])) if schema is not None else []


# What each message is about, and which schema of which description says how that looks.
_RESOURCES: Final = {
    "checkout-order": ("checkout_orders_v2", "order"),
    "capture": ("payments_payment_v2", "capture-2"),  # as its own address shows it
    "refund": ("payments_payment_v2", "refund"),
    "dispute": ("customer_disputes_v1", "dispute"),
    "payment_token": ("vault_payment_tokens_v3", "payment_token_response"),
}


def wrong_with_event(event: dict[str, Any]) -> list[str]:
    """What is wrong with one message of the sandbox's, and with what it says has happened."""
    name, schema = _RESOURCES[event["resource_type"]]
    judged = (("notifications_webhooks_v1", "event", event), (name, schema, event["resource"]))
    return [
        f"{event['event_type']} {each}: {problem}"
        for described, each, value in judged
        for problem in problems(described, {"$ref": f"#/components/schemas/{each}"}, value)
    ]


_IDS: Final = re.compile(
    r"test-[0-9a-f-]{36}|[0-9a-f]{14,}|[0-9A-Z]{16,}|[0-9a-z]{16}|[\w-]{22}|PP-D-\w+|WH-[\w-]+"
    r"|\d{4}-\d\d-\d\dT[\d:.]+Z"
)


def like(call: dict[str, Any]) -> tuple[str, ...]:
    """What two calls share that differ in their ids and moments only."""
    parts = ("method", "path", "query", "body", "status", "answer", "fault")
    return tuple(_IDS.sub("id", str(call[part])) for part in parts)


def check_all(calls: list[dict[str, Any]]) -> None:
    """Fail with everything that is wrong in a log of calls; of many alike one is judged."""
    found = {
        problem
        for call in {like(one): one for one in calls}.values()
        for problem in wrong_with(call)
        if not _OWN_MISTAKE.match(problem)
    }
    assert not found, "\n".join(sorted(found))
