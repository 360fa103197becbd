"""What every described table is made of."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Table(BaseModel):
    """A table; its fields are never filled, only read."""

    model_config = ConfigDict(use_attribute_docstrings=True)
    keys: ClassVar[tuple[str, ...]] = ()
    """Columns that name a row."""
