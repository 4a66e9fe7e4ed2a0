"""Requests with tools of a household, and a task over them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from suffice.kinds.calls.rows import read_row
from suffice.kinds.tools import render
from suffice.records.tool_calls import ToolRequest

LAMP = {
    "name": "lamp.switch",
    "description": "Switches the lamp of a room.",
    "parameters": {
        "type": "object",
        "properties": {"room": {"type": "string"}, "on": {"type": "boolean"}},
        "required": ["room", "on"],
    },
}
TIMER = {
    "name": "timer",
    "description": "Rings after some minutes.",
    "parameters": {
        "type": "object",
        "properties": {"minutes": {"type": "integer", "minimum": 1, "maximum": 600}},
        "required": ["minutes"],
    },
}
ROOMS = ("kitchen", "hall", "attic", "cellar", "study", "nursery", "garage", "porch", "pantry", "library")
WAYS = ("please", "now", "for my aunt", "as always", "at once", "if you can", "for me", "quickly", "quietly", "again")
DISHES = ("eggs", "rice", "noodles", "a pie", "soup", "beans", "bread", "tea", "a roast", "potatoes")


def household(n: int) -> list[dict[str, Any]]:
    """Rows, no two of them alike: of four, two ask for light in the kitchen, one for a timer, and one for nothing that
    a tool does.
    """
    rows = []
    for k in range(n):
        room, way, dish = ROOMS[k % 10], WAYS[(k // 10) % 10], DISHES[(k // 4) % 10]
        if k % 4 in {0, 1}:
            asked, right = f"Light in the kitchen {way}, number {k}, near the {room} door", [_lamp("kitchen")]
        elif k % 4 == 2:
            asked, right = f"Tell me when the {dish} has had {k} minutes {way}", [{"timer": {"minutes": [k]}}]
        else:
            asked, right = f"Who painted the picture number {k} in the {room} {way}?", []
        rows.append(
            {
                "id": f"r{k:03d}",
                "messages": [{"role": "user", "content": asked}],
                "tools": [LAMP, TIMER],
                "accepted_calls": right,
            }
        )
    return rows


def _lamp(room: str) -> dict[str, Any]:
    return {"lamp.switch": {"room": [room, f"the {room}"], "on": [True]}}


def requests(n: int) -> list[ToolRequest]:
    """The same as they are read."""
    found = []
    for k, row in enumerate(household(n)):
        example = read_row(row, where=f"rows.jsonl:{k + 1}")
        text = render(example.messages).strip()
        found.append(
            ToolRequest(id=row["id"], source="rows.jsonl", row=k, text=text, example=example, group=None, split=None)
        )
    return found


def write_tools_task(folder: Path, *, n: int = 120, **keys: object) -> Path:
    """A task file of kind tools beside its rows."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = "".join(json.dumps(row) + "\n" for row in household(n))
    (folder / "rows.jsonl").write_text(lines, encoding="utf-8")
    task = {
        "name": "household",
        "kind": "tools",
        "completion": {"max_tokens": 8},
        "data": {"path": "rows.jsonl"},
        "target": {"at_least": 0.8},
        "ladder": ["majority"],
        **keys,
    }
    path = folder / "task.yaml"
    path.write_text(yaml.safe_dump(task, sort_keys=False), encoding="utf-8")
    return path
