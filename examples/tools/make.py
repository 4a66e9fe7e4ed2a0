"""Writes `requests.jsonl` anew: requests to the front desk of a house, its tools, and the calls that are right.

    python make.py > requests.jsonl

Every file that this writes is the same as the last: the seed is fixed. Requests of one template share a group, so that
a template that is in the sealed test is in no other split. Of five requests one needs a tool that is not offered: no
call is right then.
"""

from __future__ import annotations

import json
import random
import sys
from typing import Any

SEED, N_TEMPLATES, N_EACH = 20, 120, 2
NAMES = ("Ada", "Ben", "Chloe", "Dan", "Eva", "Finn", "Gita", "Hugo", "Ines", "Jon")
ROOMS = ("attic", "garden room", "library", "studio", "hall", "cellar", "tower", "kitchen", "gallery", "workshop")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DRINKS = ("coffee", "green tea", "water", "apple juice", "cocoa", "lemonade")
POLITE = ("please", "if you can", "when you have a moment", "today", "for our guests", "as soon as you can")


def main() -> None:
    """Writes one line for each request."""
    drawn = random.Random(SEED)
    kinds = ((_book, BOOK), (_order, ORDER), (_light, LIGHT), (_message, MESSAGE))
    for number in range(N_TEMPLATES):
        asks, own = kinds[number % len(kinds)]
        name, room, polite = drawn.choice(NAMES), drawn.choice(ROOMS), drawn.choice(POLITE)
        others = [tool for _, tool in kinds if tool is not own]
        for k in range(N_EACH):
            request, call = asks(drawn, name, room)
            fits = number % 5 != 4
            tools = [*drawn.sample(others, 2), *([own] if fits else [])]
            drawn.shuffle(tools)
            row = {
                "id": f"r{number:03d}-{k}",
                "messages": [{"role": "user", "content": f"{request}, {polite}."}],
                "tools": tools,
                "accepted_calls": [call] if fits else [],
                "template": f"t{number:03d}",
            }
            sys.stdout.write(json.dumps(row) + "\n")


def _book(drawn: random.Random, name: str, room: str) -> tuple[str, dict[str, Any]]:
    day, people = drawn.choice(DAYS), drawn.randint(2, 40)
    asked = f"{name} needs the {room} on {day} for {people} people"
    return asked, {"book_room": {"room": [room, f"the {room}"], "day": [day], "people": [people]}}


def _order(drawn: random.Random, name: str, room: str) -> tuple[str, dict[str, Any]]:
    drink, cups = drawn.choice(DRINKS), drawn.randint(1, 30)
    asked = f"Bring {cups} cups of {drink} to {name} in the {room}"
    place = [room, f"the {room}", ""]
    return asked, {"order_drinks": {"drink": [drink], "cups": [cups], "place": place}}


def _light(drawn: random.Random, name: str, room: str) -> tuple[str, dict[str, Any]]:
    on, percent = drawn.choice([(True, drawn.randint(1, 10) * 10), (False, 0)])
    asked = f"{name} wants the light in the {room} " + (f"on at {percent} percent" if on else "off")
    right: dict[str, list[Any]] = {"room": [room, f"the {room}"], "on": [on]}
    return asked, {"set_light": right | {"percent": [percent] if on else [0, ""]}}


def _message(drawn: random.Random, name: str, room: str) -> tuple[str, dict[str, Any]]:
    minutes = drawn.randint(2, 12) * 5
    asked = f"Tell {name} to come to the {room} in {minutes} minutes"
    return asked, {"call_guest": {"guest": [name], "room": [room, f"the {room}"], "minutes": [minutes]}}


def _tool(name: str, description: str, *, optional: tuple[str, ...] = (), **types: str) -> dict[str, Any]:
    return {
        "name": name,
        "description": description,
        "parameters": {
            "type": "object",
            "properties": {argument: {"type": kind} for argument, kind in types.items()},
            "required": [argument for argument in types if argument not in optional],
        },
    }


BOOK = _tool("book_room", "Books a room for a day.", room="string", day="string", people="integer")
ORDER = _tool(
    "order_drinks", "Has drinks brought.", drink="string", cups="integer", place="string", optional=("place",)
)
LIGHT = _tool("set_light", "Switches a light.", room="string", on="boolean", percent="integer", optional=("percent",))
MESSAGE = _tool("call_guest", "Calls a guest to a room.", guest="string", room="string", minutes="integer")


if __name__ == "__main__":
    main()
