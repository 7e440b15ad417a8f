# SPDX-License-Identifier: BSD-2-Clause
"""Does a JSON document fit a schema? As much of JSON Schema as doc/schema uses; an unknown word of a schema is an error.
validate.py SCHEMA DOCUMENT"""
import json
import sys

WORDS = {"$schema", "$defs", "$ref", "title", "description", "type", "properties", "required", "additionalProperties", "items", "enum",
         "oneOf", "minimum", "maximum"}
TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}


def is_of(value, name):
    return isinstance(value, TYPES[name]) and not (name == "integer" and isinstance(value, bool))


def errors(root, schema, value, at):
    unknown = set(schema) - WORDS
    if unknown:
        sys.exit(f"{at}: the schema has {unknown}")
    if "$ref" in schema:
        yield from errors(root, root["$defs"][schema["$ref"].rsplit("/", 1)[1]], value, at)
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if types and not any(is_of(value, name) for name in types):
        yield f"{at}: not of type {types}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is none of {schema['enum']}"
    if not schema.get("minimum", value) <= value if is_of(value, "integer") else False:
        yield f"{at}: below the minimum"
    if not schema.get("maximum", value) >= value if is_of(value, "integer") else False:
        yield f"{at}: above the maximum"
    if "oneOf" in schema:
        fits = [list(errors(root, option, value, at)) for option in schema["oneOf"]]
        if sum(not found for found in fits) != 1:
            yield from min(fits, key=len)
    if isinstance(value, dict):
        for name in schema.get("required", []):
            if name not in value:
                yield f"{at}: {name} is missing"
        for name, part in value.items():
            if name in schema.get("properties", {}):
                yield from errors(root, schema["properties"][name], part, f"{at}.{name}")
            elif schema.get("additionalProperties") is False:
                yield f"{at}: {name} is not in the schema"
    if isinstance(value, list) and "items" in schema:
        for i, part in enumerate(value):
            yield from errors(root, schema["items"], part, f"{at}[{i}]")


with open(sys.argv[1]) as file:
    SCHEMA = json.load(file)
with open(sys.argv[2]) as file:
    FOUND = list(errors(SCHEMA, SCHEMA, json.load(file), "$"))
for line in FOUND[:10]:
    print(line)
sys.exit(1 if FOUND else 0)
