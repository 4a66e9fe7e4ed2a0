"""`suffice serve BUNDLE...`: bundles behind HTTP, in the protocol that clients already speak."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from suffice.serve import EscalationSettings


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Imports and loaded bundles are no garbage: looking for some takes a tenth of a start."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@_nothing_collected()
def run(
    bundles: Annotated[
        list[str],
        typer.Argument(metavar="BUNDLE...", help="Folders that fit wrote; NAME=FOLDER says what clients call it."),
    ],
    host: Annotated[str, typer.Option(help="Address to listen at; others than this machine's ask for a key.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(help="0 takes any that is free.", min=0, max=65_535)] = 8000,
    folder: Annotated[
        Path | None, typer.Option("--bundles", help="Bundles may be loaded from here while the server runs.")
    ] = None,
    ledger: Annotated[
        str | None, typer.Option(help="Where answers are written down, as SQLAlchemy has it; by default your own.")
    ] = None,
    keep_days: Annotated[int | None, typer.Option(help="Purge older answers, whatever tasks say.", min=1)] = None,
    keep_text: Annotated[bool, typer.Option("--keep-text", help="Write messages down, not a hash of each.")] = False,
    per_hour: Annotated[float, typer.Option(help="Money for an hour of this machine.", min=0.0)] = 0.10,
    escalate: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Ask this endpoint of --task where a bundle is unsure: messages leave here."),
    ] = None,
    task: Annotated[Path, typer.Option(help="The task file that describes the endpoint under `hosted`.")] = Path(
        "task.yaml"
    ),
    per_minute: Annotated[int | None, typer.Option(help="Messages a minute for each key.", min=1)] = None,
    max_tokens: Annotated[
        int, typer.Option(help="Tokens that a request may ask to be written, where answers are free text.", min=1)
    ] = 2_048,
    window_ms: Annotated[float, typer.Option(help="How long a message waits for others.", min=0.0)] = 2.0,
    deadline: Annotated[float, typer.Option(help="Seconds that a request may take.", min=0.01)] = 10.0,
) -> None:
    """Answer over HTTP: OpenAI's chat and completions, /classify, /v1/models, /health, /ready and /metrics."""
    from suffice.serve import BookSettings, Desk, Keys, ServeSettings, Shelf, listening, make_app, serve
    from suffice.serve.log import log_to_stderr
    from suffice.serve.run import LOOPBACK, is_loopback, require_key_or_loopback
    from suffice.serve.shelf import named
    from suffice.store.requests import default_url

    log_to_stderr()
    keys = Keys(api=_keys("SUFFICE_API_KEY"), admin=_keys("SUFFICE_ADMIN_KEY"))
    require_key_or_loopback(host, keys)
    settings = ServeSettings(
        keys=keys,
        hosts=LOOPBACK if is_loopback(host) else ("*",),
        per_minute=per_minute,
        max_tokens=max_tokens,
        window_ms=window_ms,
        deadline_s=deadline,
    )
    book = BookSettings(url=ledger or default_url(), keep_days=keep_days, keep_text=keep_text, per_hour=per_hour)
    endpoint = None if escalate is None else _endpoint(escalate, task)
    with listening(host, port) as taken:
        # The ledger first: what cannot be written down is told before minutes are spent on loading.
        desk = Desk(Shelf(folder), settings, book=book, escalation=endpoint)
        try:
            desk.staff.put_all(named(bundles))
            if endpoint is not None:
                may_flag = [clerk.name for clerk in desk.shelf.clerks if clerk.may_flag]
                print(_goes_to(endpoint, may_flag, n_bundles=len(desk.shelf.clerks)))
            serve(make_app(desk), taken, drain_s=settings.drain_s, ready=_say)
        finally:
            desk.book.close()  # Told to end twice, the application does not come to it.
            desk.book.require_all_written()


def _endpoint(name: str, file: Path) -> EscalationSettings:
    from suffice.errors import Problem, TaskError, nearest
    from suffice.serve import EscalationSettings
    from suffice.store.home import home
    from suffice.store.task_file import load_task

    task = load_task(file)
    if name not in task.hosted:
        rule, fix = f"must name an endpoint of {file}", "describe it there under `hosted`: docs/HOSTED.md"
        got = f"{name!r}{nearest(name, task.hosted)} among {len(task.hosted)}"
        raise TaskError(Problem(where="--escalate", rule=rule, got=got, fix=fix))
    return EscalationSettings(
        name=f"hosted:{name}", spec=task.hosted[name], instruction=task.instruction, folder=home() / "escalated"
    )


def _goes_to(endpoint: EscalationSettings, may_flag: Sequence[str], *, n_bundles: int) -> str:
    """Which messages leave this machine."""
    place = f"{endpoint.spec.base_url} ({endpoint.name})"
    if not may_flag:
        return f"no message goes to {place}: no bundle here can be unsure or tell what is out of scope"
    of = "" if len(may_flag) == n_bundles else f" of {', '.join(may_flag)} alone"
    return f"unsure and out-of-scope messages{of} go to {place}, for {endpoint.spec.max_cost:g} at most"


def _say(url: str) -> None:
    gc.enable()
    print(f"answering at {url} (OpenAI clients: base_url={url}/v1); SIGTERM or Ctrl-C ends it", flush=True)
    sys.stdout.flush()


def _keys(variable: str) -> tuple[str, ...]:
    """Several are separated by commas."""
    return tuple(key.strip() for key in os.environ.get(variable, "").split(",") if key.strip())
