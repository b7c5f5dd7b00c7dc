"""Checks JSON against the part of JSON Schema that strict structured outputs allow.

The refusals are those of the stricter host (learn.microsoft.com/azure/ai-foundry/openai/how-to/
structured-outputs): what passes here passes at OpenAI too.
"""

from typing import Any

Doc = dict[str, Any]
_REFUSED = {
    "minLength", "maxLength", "pattern", "format", "minimum", "maximum", "multipleOf", "minItems", "maxItems",
    "uniqueItems", "patternProperties", "propertyNames", "unevaluatedProperties", "contains", "allOf",
    "oneOf", "not", "if", "then", "else", "default",
}  # fmt: skip
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}


def complaint(name: str, schema: Any) -> str:
    """Why the API refuses this schema with `strict`, in its words; empty when it is taken."""
    if not isinstance(schema, dict) or schema.get("type") != "object":
        kind = schema.get("type", "None") if isinstance(schema, dict) else type(schema).__name__
        return (
            f"Invalid schema for response_format '{name}': schema must be a JSON Schema of"
            f" 'type: \"object\"', got 'type: \"{kind}\"'."
        )
    found = _unfit(schema, ())
    if not found:
        found = next(
            (told for n, s in schema.get("$defs", {}).items() if (told := _unfit(s, ("$defs", n)))), ""
        )
    return f"Invalid schema for response_format '{name}': {found}" if found else ""


def _unfit(schema: Doc, where: tuple[str, ...]) -> str:
    context = f"In context={where!r}, "
    if refused := sorted(_REFUSED & set(schema)):
        return f"{context}'{refused[0]}' is not permitted."
    if schema.get("type") == "object":
        properties = schema.get("properties", {})
        if schema.get("additionalProperties") is not False:
            return f"{context}'additionalProperties' is required to be supplied and to be false."
        if missing := [key for key in properties if key not in schema.get("required", [])]:
            return (
                f"{context}'required' is required to be supplied and to be an array including every key in"
                f" properties. Missing '{missing[0]}'."
            )
        inner = [(("properties", key), part) for key, part in properties.items()]
    elif schema.get("type") == "array":
        if "items" not in schema:
            return f"{context}array schema missing items."
        inner = [(("items", ""), schema["items"])]
    else:
        inner = [(("anyOf", str(n)), part) for n, part in enumerate(schema.get("anyOf", []))]
    return next((told for path, part in inner if (told := _unfit(part, where + path))), "")


def mismatch(value: Any, schema: Doc, root: Doc | None = None, where: str = "$") -> str:
    """Where `value` breaks `schema`, or empty."""
    root = root or schema
    if "$ref" in schema:
        return mismatch(value, resolved(schema, root), root, where)
    if "anyOf" in schema:
        told = [mismatch(value, part, root, where) for part in schema["anyOf"]]
        return "" if "" in told else f"{where}: fits none of anyOf ({told[0]})"
    known = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if known is not None:
        return "" if value in known else f"{where}: {value!r} is none of {known}"
    wanted = schema.get("type")
    if wanted and not _is(value, wanted):
        return f"{where}: {value!r} is no {wanted}"
    if isinstance(value, dict):
        return _broken_object(value, schema, root, where)
    return _broken_list(value, schema, root, where) if isinstance(value, list) else ""


def _broken_list(value: list[Any], schema: Doc, root: Doc, where: str) -> str:
    items = schema.get("items", {})
    told = [mismatch(item, items, root, f"{where}[{n}]") for n, item in enumerate(value)]
    return next(filter(None, told), "")


def _broken_object(value: Doc, schema: Doc, root: Doc, where: str) -> str:
    known = schema.get("properties", {})
    if missing := [key for key in schema.get("required", []) if key not in value]:
        return f"{where}: misses {missing[0]!r}"
    if schema.get("additionalProperties") is False and (extra := sorted(set(value) - set(known))):
        return f"{where}: has an unknown {extra[0]!r}"
    told = [mismatch(part, known[key], root, f"{where}.{key}") for key, part in value.items() if key in known]
    return next(filter(None, told), "")


def _is(value: Any, wanted: str | list[str]) -> bool:
    names = [wanted] if isinstance(wanted, str) else wanted
    if isinstance(value, bool):
        return "boolean" in names
    return any(isinstance(value, _TYPES[name]) for name in names)


def resolved(schema: Doc, root: Doc) -> Doc:
    """The schema a `$ref` points at, or the schema itself."""
    if "$ref" not in schema:
        return schema
    found: Doc = root
    for part in str(schema["$ref"]).removeprefix("#/").split("/"):
        found = found[part]
    return found


def smallest(schema: Doc, root: Doc | None = None) -> Any:
    """The plainest value that fits: what a model with nothing to say answers."""
    root = root or schema
    schema = resolved(schema, root)
    if "anyOf" in schema:
        return smallest(schema["anyOf"][0], root)
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    kind = schema.get("type", "string")
    kind = kind if isinstance(kind, str) else kind[0]
    if kind == "object":
        return {key: smallest(part, root) for key, part in schema.get("properties", {}).items()}
    plain: Doc = {"array": [], "number": 0.5, "integer": 0, "boolean": False, "null": None}
    return plain.get(kind, "")
