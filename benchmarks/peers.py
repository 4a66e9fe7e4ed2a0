"""Other engines, each in a process of a Python of its own: they are asked in JSON and answer in JSON.

A script `peer_NAME.py` beside this file reads one request from standard input; the last line that it prints is the
answer. It imports nothing of ours.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cells import Measured

HERE = Path(__file__).parent
PYTHONS = [HERE.parent / folder / "bin" / "python" for folder in (".venv-peers", ".venv-peers-vllm")]
"""What `make peers` makes."""
LINES_OF_AN_ERROR = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Peer:
    """Another engine."""

    script: str
    """What asks it, beside this file."""
    module: str
    """What that imports."""


PEERS = {
    "llama.cpp": Peer(script="peer_llama_cpp.py", module="llama_cpp"),
    "OpenVINO GenAI": Peer(script="peer_openvino_genai.py", module="openvino_genai"),
    "vLLM": Peer(script="peer_vllm.py", module="vllm"),
}


def with_peers(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Adds the option that says where the peers are installed.

    Args:
        parser: of a benchmark.
    """
    parser.add_argument(
        "--peers",
        type=Path,
        action="append",
        help="Python in which peers are installed; may be given several times, since not all of them can stand side by "
        "side (by default those that `make peers` makes)",
    )
    return parser


def installed(pythons: list[Path] | None) -> tuple[dict[str, Path], list[dict[str, str]]]:
    """The peers that can be asked, each with its Python, and why the others cannot.

    Args:
        pythons: what `--peers` said.
    """
    found: dict[str, Path] = {}
    missing = []
    for name, peer in PEERS.items():
        reasons = []
        for python in pythons or PYTHONS:
            reason = _why_not(python, peer)
            if reason is None:
                found[name] = python
                break
            reasons.append(reason)
        else:
            missing.append({"name": name, "why": "; ".join(reasons)})
    return found, missing


def ask(name: str, python: Path, request: dict[str, Any]) -> Measured:
    """The answer of a peer.

    Args:
        name: of the peer.
        python: in which it is installed.
        request: what its script reads; the number of threads is added.

    Raises:
        RuntimeError: it failed; says how.
    """
    request = {"threads": len(os.sched_getaffinity(0))} | request
    done = subprocess.run(
        [python, HERE / PEERS[name].script],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=False,
        env=_environment(),
    )
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        raise RuntimeError(f"{name}: {' | '.join(done.stderr.strip().splitlines()[-LINES_OF_AN_ERROR:])}")
    answer: Measured = json.loads(lines[-1])
    return answer


def _why_not(python: Path, peer: Peer) -> str | None:
    if not python.exists():
        return f"there is no {python} (`make peers` makes what is missing)"
    command = [python, "-c", f"import {peer.module}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=_environment())
    return None if done.returncode == 0 else (done.stderr.strip().splitlines() or ["it does not import"])[-1]


def _environment() -> dict[str, str]:
    """Ours without what points a Python at our packages."""
    return {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV", "OMP_"))}
