"""What every row of every table has in common, and the flat columns of a law."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, create_model

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Share = Annotated[float, Field(ge=0, le=1)]
Hours = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]


class Record(BaseModel):
    """One row of a table: frozen, no unknown columns, no NaN or infinity."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True, strict=True
    )

    id: Slug
    """The name of the row: a slug, `[a-z][a-z0-9_]*`."""
    source: str | None = None
    """Where the numbers come from: an id of seeds/figures.csv, or `assumption`."""
    note: str | None = None
    """For people: reason, range, definition."""


def law_columns(what: str, about: str) -> type[BaseModel]:
    """A base class with the flat columns of one law: `<what>_law`, `<what>_mean_h`, ...

    All optional; `model.laws_of` reads them together. `<what>_law` is a family of
    `corridor_sim.laws` or the id of a row of `laws`.
    """
    columns: dict[str, Any] = {
        f"{what}_law": (
            str | None,
            Field(None, description=f"Law of {about}: a family or a row of `laws`."),
        ),
        f"{what}_mean_h": (Hours | None, Field(None, description=f"Mean of {about}, hours.")),
        f"{what}_rate_per_h": (Positive | None, Field(None, description=f"1 / mean of {about}.")),
        f"{what}_cv": (
            Hours | None,
            Field(None, description=f"Coefficient of variation of {about}."),
        ),
        f"{what}_shape": (
            Positive | None,
            Field(None, description=f"Shape of {about} (Erlang, Weibull)."),
        ),
        f"{what}_low_h": (Hours | None, Field(None, description=f"Least value of {about}, hours.")),
        f"{what}_mode_h": (
            Hours | None,
            Field(None, description=f"Most likely value of {about}, hours."),
        ),
        f"{what}_high_h": (
            Hours | None,
            Field(None, description=f"Largest value of {about}, hours."),
        ),
    }
    return create_model(
        f"{what.title()}Law", __config__=ConfigDict(frozen=True, extra="forbid"), **columns
    )
