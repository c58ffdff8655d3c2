#!/usr/bin/env python3
"""Every object that Relais gives as HSDS against the official compiled schemas, by an independent validator.

validate.py SCHEMAS URL FILE: the API below URL, page by page and one by one, and an exported FILE. Formats (ids, e-mail,
dates) are checked too; a null anywhere is an error, since HSDS wants absent members left out.
"""
import json
import sys
import urllib.error
import urllib.request
from pathlib import Path

import jsonschema_rs

KINDS = {
    "services": "service",
    "organizations": "organization",
    "service_at_locations": "service_at_location",
    "taxonomies": "taxonomy",
    "taxonomy_terms": "taxonomy_term",
}
schemas, base, exported = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])


def load(name):
    return json.loads((schemas / f"{name}.json").read_text(encoding="utf-8"))


def inlined(value):
    """What is given uncompiled refers to two other objects, which the compiled schemas hold."""
    if isinstance(value, dict):
        if value.get("$ref") == "metadata.json":
            return load("service")["properties"]["metadata"]["items"]
        if value.get("$ref") == "taxonomy.json":
            return inlined(load("taxonomy"))
        assert "$ref" not in value, value
        return {key: inlined(inner) for key, inner in value.items()}
    return [inlined(inner) for inner in value] if isinstance(value, list) else value


def validator(name):
    # No draft is named; 2020-12 is the one of OpenAPI 3.1, in which HSDS describes its API.
    return jsonschema_rs.Draft202012Validator(inlined(load(name)), validate_formats=True, ignore_unknown_formats=True)


validators = {kind: validator(name) for kind, name in KINDS.items()}
page_schema = load("openapi")["components"]["schemas"]["Page"]
page_validator = jsonschema_rs.validator_for({**page_schema, "required": list(page_schema["properties"])})
failed, checked = [], {}


def nulls(value, path=""):
    if value is None:
        yield path
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from nulls(inner, f"{path}/{key}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from nulls(inner, f"{path}/{number}")


def check(kind, thing, where):
    checked[where] = checked.get(where, 0) + 1
    for error in validators[kind].iter_errors(thing):
        failed.append(f"{where} {thing.get('id')}: {error.message} at {error.instance_path}")
    failed.extend(f"{where} {thing.get('id')}: null at {path}" for path in nulls(thing))


def get(path):
    with urllib.request.urlopen(f"{base}{path}", timeout=30) as answer:
        return json.load(answer)


about = get("/hsds/")
assert about["version"] == "3.0", about
for kind in KINDS:
    ids, number = [], 1
    while True:
        page = get(f"/hsds/{kind}?page={number}&per_page=100" + ("" if kind == "taxonomy_terms" else "&full=true"))
        page_validator.validate(page)
        assert page["size"] == len(page["contents"]) and page["first_page"] == (number == 1), page
        for thing in page["contents"]:
            check(kind, thing, f"page of {kind}")
            ids.append(thing["id"])
        if page["last_page"]:
            break
        number += 1
    assert len(ids) == len(set(ids)) == page["total_items"] > 0, (kind, len(ids), page["total_items"])
    plain = get(f"/hsds/{kind}?per_page=20")
    for thing in plain["contents"]:
        check(kind, thing, f"short {kind}")
    for one in ids[:: max(1, len(ids) // 25)]:
        thing = get(f"/hsds/{kind}/{one}")
        assert thing["id"] == one
        check(kind, thing, f"one of {kind}")
    assert get(f"/hsds/{kind}?page=100000")["empty"] is True
    try:
        get(f"/hsds/{kind}/00000000-0000-4000-8000-000000000000")
        failed.append(f"{kind}: an unknown id was answered")
    except urllib.error.HTTPError as error:
        assert error.code == 404, error
for query in ("services?page=0", "services?per_page=501", "services?search=x", "services?modified_after=2026-01-01"):
    try:
        get(f"/hsds/{query}")
        failed.append(f"{query}: a parameter that is not offered was passed over")
    except urllib.error.HTTPError as error:
        assert error.code in (400, 422), (query, error)
file = json.loads(exported.read_text(encoding="utf-8"))
for kind in KINDS:
    for thing in file.get(kind, []):
        check(kind, thing, f"file: {kind}")
for line in failed[:20]:
    print(line, file=sys.stderr)
for where, count in checked.items():
    print(f"{count:6} {where}")
print(f"{sum(checked.values())} objects, {len(failed)} wrong")
sys.exit(1 if failed else 0)
