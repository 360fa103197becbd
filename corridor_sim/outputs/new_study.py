"""The files of a new study folder: the packaged scenarios and data, and one scenario to change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from corridor_sim.inputs.places import packaged_study
from corridor_sim.inputs.schema_json import schema_text
from corridor_sim.outputs.network_export import Files

SCHEMA = "scenario.schema.json"
EDITOR_LINE = f"# yaml-language-server: $schema={SCHEMA}\n"
"""First line of a scenario: an editor completes keys and marks mistakes while one types."""

MY_STUDY = f"""\
{EDITOR_LINE}\
name: my_study
extends: base_2024
question: What do two ferries more between Kuryk and Alat change?
why: An example to start from. Say here why you ask.
source: assumption
set:
  fleets.rail_ferry_kuryk.vessels: {{plus: 2}}
"""

README = """\
# My corridor study

Three commands, in this folder:

```
corridor-sim validate my_study
corridor-sim compare base_2024 my_study --reps 5
corridor-sim run my_study --reps 20
```

| here | what it is |
|---|---|
| `scenarios/my_study.yaml` | your question: what differs from `base_2024` |
| `scenarios/` | the other scenarios, and the JSON Schema by which an editor checks them |
| `networks/middle_corridor/` | the data, as CSV tables: change them in a spreadsheet, save as CSV UTF-8 |
| `networks/middle_corridor/datapackage.json` | what every column means |
| `networks/middle_corridor/network.vrt` | the map: open it in QGIS |
| `networks/middle_corridor/provenance.csv`, `seeds/` | where the numbers come from |
| `runs/` | results, a folder each |

Names are looked for here first, then in the installed package. `corridor-sim describe fleets` explains a table,
`corridor-sim network export middle_corridor --to xlsx` makes one workbook of all tables
(first `pip install openpyxl xlsxwriter`).

The data (networks, scenarios, seeds) are under CC BY 4.0; a credit line that suffices is "Data: corridor_sim, CC BY 4.0".
"""


def study_files() -> Files:
    """Path within the study folder -> content."""
    study = packaged_study()
    files = {
        "README.md": README.encode(),
        ".gitignore": b"runs/\n",
        "scenarios/my_study.yaml": MY_STUDY.encode(),
        f"scenarios/{SCHEMA}": schema_text().encode(),
    }
    for path in sorted((study / "scenarios").glob("*.yaml")):
        files[f"scenarios/{path.name}"] = _for_editors(path.read_bytes())
    for path in _data(study):
        files[path.relative_to(study).as_posix()] = path.read_bytes()
    return dict(sorted(files.items()))


def _for_editors(scenario: bytes) -> bytes:
    line = EDITOR_LINE.encode()
    return scenario if scenario.startswith(line) else line + scenario


def _data(study: Path) -> Iterator[Path]:
    for folder in ("networks", "seeds"):
        for path in sorted((study / folder).rglob("*")):
            if path.is_file() and not path.name.startswith((".", "~")):
                yield path
