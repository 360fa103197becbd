"""CITATION.cff has what the format asks for, and agrees with the package."""

from __future__ import annotations

import tomllib
from pathlib import Path

from corridor_sim.inputs.yaml_file import read_yaml

ROOT = Path(__file__).parents[1]


def test_the_citation_file_is_complete_and_agrees() -> None:
    """Required keys of CFF 1.2.0; names and licence as in pyproject.toml."""
    root, _, problems = read_yaml(ROOT / "CITATION.cff", "CITATION.cff")
    cited = root.plain()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert not problems
    assert cited["cff-version"] == "1.2.0"
    assert cited["type"] == "software"
    assert cited["title"].startswith("corridor_sim") and cited["message"]
    assert [author["name"] for author in cited["authors"]] == [
        a["name"] for a in project["authors"]
    ]
    assert cited["license"] in project["license"].split(" AND ")
