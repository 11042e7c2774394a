"""Golden files, which the tests of the TypeScript code and of this package share. See test/golden/README.md."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[3] / "golden"


def typescript_golden(name: str) -> Any:
    """The content of `typescript/<name>.json`, which the TypeScript tests wrote."""
    return json.loads((FOLDER / "typescript" / f"{name}.json").read_text("utf8"))


def expect_golden(name: str, computed: Any) -> None:
    """Expects `computed` to equal the file `python/<name>.json`. With `UPDATE_GOLDEN` the file is written first."""
    path = FOLDER / "python" / f"{name}.json"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(computed, indent=1, ensure_ascii=False) + "\n", "utf8")
    assert computed == json.loads(path.read_text("utf8"))
