import json
import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
ASKED = """
import json, sys
from pathlib import Path
import batches, latency
from peers import installed
print(json.dumps(installed([Path(python) for python in sys.argv[1:]])))
"""


def test_benchmarks_import_without_the_peers_and_say_why_each_was_not_run(tmp_path: Path) -> None:
    # This Python has none of them, and the other one does not exist.
    pythons = [sys.executable, str(tmp_path / "python")]
    command = [sys.executable, "-c", ASKED, *pythons]
    done = subprocess.run(command, cwd=BENCHMARKS, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found, missing = json.loads(done.stdout)
    assert found == {}
    assert [one["name"] for one in missing] == ["llama.cpp", "OpenVINO GenAI", "vLLM"]
    assert all("No module named" in one["why"] and "make peers" in one["why"] for one in missing)
