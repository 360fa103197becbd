"""`catalogue.csv`: every expectation of a catalogue beside what was found."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from corridor_sim.outputs.columns import columns_of, package_of
from corridor_sim.outputs.data_package import package_text
from corridor_sim.outputs.folder import PACKAGE, write_file
from corridor_sim.outputs.tables import write_csv
from corridor_sim.studies.catalogue import Judged
from corridor_sim.studies.replicate import Rows
from corridor_sim.studies.run import unit_of

NAME = "catalogue"
VERDICTS = {True: "as expected", False: "not as expected", None: "not judged"}


def write_catalogue(found: Sequence[Judged], folder: Path) -> list[str]:
    """The table and what its columns mean; the names of the files.

    Raises
    ------
    DiskError    a file cannot be written
    """
    columns = columns_of(NAME)
    write_csv(catalogue_table(found), columns, folder / f"{NAME}.csv")
    write_file(folder / PACKAGE, package_text(package_of(NAME, {NAME: columns})))
    return [f"{NAME}.csv", PACKAGE]


def catalogue_table(found: Sequence[Judged]) -> Rows:
    """One row an expectation."""
    return [
        {
            "scenario": j.scenario,
            "row": j.row,
            "metric": j.expectation.metric,
            "unit": unit_of(j.expectation.metric),
            "equals": j.expectation.equals,
            "within_share": j.expectation.within_share,
            "than": j.expectation.than,
            "direction": j.expectation.direction,
            "at_least_h": j.expectation.at_least_h,
            "n": j.found.n,
            "base": j.base,
            "value": j.value,
            "found": j.found.mean,
            "ci_lo": j.found.lo,
            "ci_hi": j.found.hi,
            "verdict": VERDICTS[j.met],
            "stuck": j.stuck,
            "because": j.expectation.because or None,
        }
        for j in found
    ]
