"""Whole batches that do not fit somewhere, or fill no vessel, are refused before a run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from corridor_sim.errors import InputError
from corridor_sim.model.reach import read_checked

Make = Callable[..., Path]

S = "scenarios/small.yaml"
ROW = "season: level"
ALAT = "node: alat, berth: alat_berth"


def whole(batch: int, more: str = "") -> tuple[str, str]:
    return ROW, f"{ROW}, batch: {batch}, split: false{more}"


# batch, other edits of small.yaml, the place, and all that is wrong
BAD: list[tuple[tuple[str, str], tuple[tuple[str, str], ...], str, str]] = [
    (whole(51), (), f"{S}:12:", "demand.boxes.batch: a whole batch of 51 does not fit in a vehicle of train_set on train (50 unit). Fix: batch: 50, or split: true"),
    (whole(50, ", tonnes_per_unit: 3}\nfleets: {ferry: {payload_t: 90}"), (), f"{S}:12:", "a vehicle of ferry on crossing (90 t). Fix: batch: 30, or split: true"),
    (whole(50, ", tonnes_per_unit: 3}\nfleets: {ferry: {payload_t: {2024-01-01: 200, 2024-07-01: 90}}"), (), f"{S}:12:", "a vehicle of ferry on crossing (90 t)"),
    (whole(50, "}\nfacilities: {aktau_yard: {export_places: 40, import_direction: east}"), (), f"{S}:12:", "aktau_yard (40 places for it). Fix: batch: 40, or split: true"),
    (whole(50), ((ALAT, f"{ALAT}, desks: [papers]}}\nfacilities: {{papers: {{type: desk, node: alat, lots_max: 40, service_mean_h: 1}}"),), f"{S}:13:", "papers (lots_max 40)"),
    (whole(50), ((ALAT, f"{ALAT}, unload_max_units: 25, yard: quay}}\nfacilities: {{quay: {{type: yard, node: alat, places: 99}}"),), f"{S}:13:", "an instalment of calls.crossing_alat (unload_max_units 25)"),
    (whole(35), (), f"{S}:9:", "calls.crossing_aktau.fill_units: waits for 40 of 60 units, but beyond 35 the next whole batch of boxes (35) may find no room. Fix: full_leaves: true, or fill_units: 35"),
    (whole(45), (("fill_units: 40", "fill_min_share: 0.8"),), f"{S}:9:", "calls.crossing_aktau.fill_min_share: waits for 48 of 60 units, but beyond 45"),
    (whole(50, "}\n  more: {origin: beyneu, destination: alat, units_per_year: 9"), (), f"{S}:9:", "beyond 11 the next whole batch of boxes (50) may find no room"),
    (("units_per_year: 900, season: level", "arrival_law: saturated, via: [aktau_track], split: false"), (), f"{S}:12:", "demand.boxes.split: there is always one more trip, and no batch that could be split"),
]  # fmt: skip


@pytest.mark.parametrize(("batch", "edits", "place", "phrase"), BAD)
def test_a_whole_batch_that_does_not_fit_is_refused(
    make_study: Make,
    batch: tuple[str, str],
    edits: tuple[tuple[str, str], ...],
    place: str,
    phrase: str,
) -> None:
    """One line begins with the place and holds the phrase."""
    study = make_study({"small.yaml": batch})
    _edit(study, edits)
    with pytest.raises(InputError) as caught:
        read_checked(str(study))
    lines = caught.value.problems
    assert any(line.startswith(place) and phrase in line for line in lines), "\n".join(lines)


def _edit(study: Path, edits: tuple[tuple[str, str], ...]) -> None:
    text = study.read_text(encoding="utf-8")
    for old, new in edits:
        assert text.count(old) == 1
        text = text.replace(old, new)
    study.write_text(text, encoding="utf-8", newline="\n")


GOOD: list[tuple[tuple[str, str], tuple[tuple[str, str], ...]]] = [
    (whole(50), ()),
    (whole(20), ()),
    (whole(35), (("fill_units: 40", "fill_units: 40, full_leaves: true"),)),
    (whole(35), (("sail_rule: fill, fill_units: 40", "sail_rule: on_demand"),)),
    (whole(50, "}\n  more: {origin: beyneu, destination: alat, units_per_year: 9"), (("sail_rule: fill,", "sail_rule: fill_or_wait, max_wait_h: 9,"),)),
    ((ROW, f"{ROW}, batch: 400"), ()),
]  # fmt: skip


@pytest.mark.parametrize(("batch", "edits"), GOOD)
def test_a_batch_that_fits_or_may_be_split_is_lawful(
    make_study: Make, batch: tuple[str, str], edits: tuple[tuple[str, str], ...]
) -> None:
    """Two whole batches of 20 make 40; where a longest wait or a full vessel ends it, more may do."""
    study = make_study({"small.yaml": batch})
    _edit(study, edits)
    assert read_checked(str(study)).scenario.demand["boxes"].batch > 1


def test_a_whole_batch_above_the_quota_of_an_embargo_is_warned_of(make_study: Make) -> None:
    """It passes once the embargo is off, and until then never."""
    embargo = (
        "}\nembargoes: {full: {yards: [aktau_yard], on_units: 300, off_units: 9, quota_per_day: 29}"
    )
    study = make_study({"small.yaml": whole(30, embargo)})
    lines = read_checked(str(study)).warnings
    assert any("a batch of boxes (30, whole) never passes the quota" in line for line in lines)
