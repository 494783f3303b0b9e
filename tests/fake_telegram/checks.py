"""Checks one call as Telegram would: known method and fields, required ones there, right types and limits.

Stricter than Telegram in one thing: an unknown field is refused instead of overlooked.
"""

import json
from pathlib import Path
from typing import Any

_TABLE = json.loads(Path(__file__).with_name("methods.json").read_text(encoding="utf-8"))
METHODS: dict[str, dict[str, Any]] = _TABLE["methods"]
TYPES: dict[str, dict[str, Any]] = _TABLE["types"]

Fields = dict[str, Any]


class Refusal(Exception):
    """An answer with ok = false."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters


def bad(description: str) -> Refusal:
    return Refusal(400, f"Bad Request: {description}")


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def check_call(method: str, given: Fields) -> Fields:
    """The fields of a call as Python values; raises Refusal."""
    if method not in METHODS:
        raise Refusal(404, "Not Found")
    fields = _checked(method, METHODS[method], given, from_form=True)
    if "text" in fields and method in ("sendMessage", "editMessageText"):
        _check_text(fields)
    if isinstance(fields.get("reply_markup"), dict):
        _check_keyboard(fields["reply_markup"])
    return fields


def _checked(where: str, table: Fields, given: Fields, *, from_form: bool) -> Fields:
    for name in given:
        if name not in table:
            raise bad(f'unknown field "{name}" in {where}')
    fields: Fields = {}
    for name, rule in table.items():
        if name not in given:
            if rule.get("required"):
                raise bad(f'parameter "{name}" is required')
            continue
        fields[name] = _value(name, rule, given[name], from_form)
    return fields


def _value(name: str, rule: Fields, given: Any, from_form: bool) -> Any:
    for kind in rule["types"]:
        try:
            value = _read(kind, given, from_form)
        except ValueError:
            continue
        if name not in ("text", "reply_markup"):  # text is checked by its own rules below
            _check_limits(name, rule.get("limits"), value)
        return value
    raise bad(f'field "{name}" must be of type {" or ".join(rule["types"])}')


def _read(kind: str, given: Any, from_form: bool) -> Any:
    """One value as the wanted type; ValueError where it is another."""
    if kind == "String":
        if not isinstance(given, str):
            raise ValueError(kind)
        return given
    if from_form and isinstance(given, str):
        given = given.lower() if kind == "Boolean" else given
        given = json.loads(given)  # a ValueError for anything that is no JSON
    if kind == "Integer":
        right = isinstance(given, int) and not isinstance(given, bool)
    elif kind == "Boolean":
        right = isinstance(given, bool)
    elif kind.startswith("Array of "):
        if not isinstance(given, list):
            raise ValueError(kind)
        return [_read(kind.removeprefix("Array of "), item, False) for item in given]
    else:
        right = isinstance(given, dict)
        if right and kind in TYPES:
            if kind == "InlineKeyboardMarkup" and "inline_keyboard" not in given:
                raise ValueError(kind)  # another kind of markup
            return _checked(kind, TYPES[kind], given, from_form=False)
    if not right:
        raise ValueError(kind)
    return given


def _check_limits(name: str, limits: list[int] | None, value: Any) -> None:
    if limits is None:
        return
    if name == "callback_data":
        size = len(value.encode())
        if not limits[0] <= size <= limits[1]:
            raise bad("BUTTON_DATA_INVALID")
        return
    size = value if isinstance(value, int) else utf16(value) if isinstance(value, str) else len(value)
    if not limits[0] <= size <= limits[1]:
        raise bad(f'field "{name}" must be between {limits[0]} and {limits[1]}')


def _check_text(fields: Fields) -> None:
    text = fields["text"]
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise bad("strings must be encoded in UTF-8")
    if not text.strip():
        raise bad("message text is empty")
    length = utf16(text)
    if length > 4096:
        raise bad("message is too long")
    units = text.encode("utf-16-le")
    for entity in fields.get("entities", ()):
        start, end = entity["offset"], entity["offset"] + entity["length"]
        if start < 0 or entity["length"] < 1 or end > length:
            raise bad("ENTITY_BOUNDS_INVALID")
        for place in (start, end):  # a bound inside a surrogate pair would tear a character
            if 0 < place < length and 0xDC <= units[2 * place + 1] <= 0xDF:
                raise bad("ENTITY_BOUNDS_INVALID")


def _check_keyboard(markup: Fields) -> None:
    if "inline_keyboard" not in markup:
        return
    buttons = [button for row in markup["inline_keyboard"] for button in row]
    if len(buttons) > 100 or len(json.dumps(markup).encode()) > 10_240:
        raise bad("reply markup is too long")
    for button in buttons:
        if not button["text"].strip():
            raise bad("text buttons are unallowed in the inline keyboard")
        kinds = [name for name in button if name not in ("text", "style", "icon_custom_emoji_id")]
        if len(kinds) != 1:
            raise bad("exactly one of the optional fields must be used in an inline button")
        if "url" in button:
            host = button["url"].split("://", 1)[-1].split("/", 1)[0].split(":", 1)[0]
            if "." not in host or host.startswith("127."):
                raise bad(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")
