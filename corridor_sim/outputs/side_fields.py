"""What the columns of tables about a network mean: `provenance.csv` and `observations.csv`."""

from __future__ import annotations

from corridor_sim.outputs.data_package import Field

_FIELDS: dict[str, tuple[Field, ...]] = {
    "provenance": (
        Field("pattern", "string", "Key paths that the rule speaks of; `*` stands for any name."),
        Field(
            "source",
            "string",
            "An id of seeds/figures.csv, `assumption`, or `row`: the row's own source and note.",
        ),
        Field("reason", "string", "Why this number."),
        Field(
            "low", "string", "Least plausible value; `note`: the range that the row's note gives."
        ),
        Field("high", "string", "Largest plausible value."),
    ),
    "observations": (
        Field("id", "string", "The name of the figure.", {"required": True, "unique": True}),
        Field("metric", "string", "Paths of measures, joined by ` + `; empty: nothing simulated."),
        Field("per", "string", "Paths of measures by whose sum `metric` is divided."),
        Field("factor", "number", "Then multiplied by this, which makes it the observed unit."),
        Field("unit", "string", "Unit of the observed value."),
        Field("observed", "number", "The observed value."),
        Field("low", "number", "Least value that counts as met."),
        Field("high", "number", "Largest value that counts as met."),
        Field("within_share", "number", "In place of low and high: a share of the value."),
        Field(
            "role",
            "string",
            "Typed in, moved to meet it, or never looked at while building.",
            {"enum": ["calibration", "check", "input"]},
        ),
        Field("window_begin", "datetime", "Begin of the only window that can be compared."),
        Field("window_end", "datetime", "Its end."),
        Field("source", "string", "Ids of seeds/figures.csv with ; between, or `assumption`."),
        Field("definition", "string", "What exactly was counted."),
        Field("note", "string", "For people."),
    ),
}


def side_field(table: str, column: str) -> Field:
    """A column of such a table; of any other CSV file only its name is known."""
    named = {field.name: field for field in _FIELDS.get(table, ())}
    return named.get(column, Field(column, "any"))
