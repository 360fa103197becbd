"""`corridor-sim network`: a network for other tools, and the files that describe its folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corridor_sim.cli.app import app, verb

if TYPE_CHECKING:
    from corridor_sim.inputs.places import Place

network = typer.Typer(
    help="Export a network to other tools, or describe its folder.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(network, name="network")

NameArgument = Annotated[str, typer.Argument(help="A network: a folder or workbook in networks/.")]


@network.command("export")
@verb
def export_(
    name: NameArgument,
    to: Annotated[str, typer.Option("--to", help="geojson, gmns-strict, xlsx or csv.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="File or folder; default <name> here.")
    ] = None,
) -> int:
    """Write a network as GeoJSON, strict GMNS, a workbook or CSV.

    Example: corridor-sim network export middle_corridor --to xlsx
    """
    from corridor_sim.errors import InputError
    from corridor_sim.inputs.problems import did_you_mean, show
    from corridor_sim.outputs.network_export import FORMS, export, refuse_taken, write_new

    if to not in FORMS:
        raise InputError(
            f"network export: there is no form {show(to)}. Fix: {did_you_mean(to, FORMS)}"
        )
    place = _find(name)
    path = out or Path(f"{place.name}{FORMS[to][0]}")
    refuse_taken(path)
    for written in write_new(path, export(place, to)):
        print(written)
    return 0


@network.command("package")
@verb
def package_(name: NameArgument) -> int:
    """Describe a network's folder. Writes datapackage.json (what each column means) and network.vrt (QGIS).

    Example: corridor-sim network package middle_corridor
    """
    from corridor_sim.errors import InputError
    from corridor_sim.inputs.network import checked_network, is_workbook
    from corridor_sim.outputs.network_export import write_files
    from corridor_sim.outputs.network_files import network_files

    place = _find(name)
    if is_workbook(place) or place.home == "packaged":
        what = "is a workbook" if is_workbook(place) else "belongs to the installed package"
        fix = f"corridor-sim network export {name} --to csv --out networks/my_network"
        raise InputError(f"{place.display}: {what}; only a folder here is described. Fix: {fix}")
    checked_network(place)
    files = {file: text.encode() for file, text in network_files(place).items()}
    write_files(place.path, files)
    for file in files:
        print(f"{place.display}/{file}")
    return 0


def _find(name: str) -> Place:
    """A network by name; says on stderr which one was taken."""
    from corridor_sim.cli.screen import say_taken
    from corridor_sim.inputs.places import find_network, studies
    from corridor_sim.inputs.problems import Where

    place = find_network(name, studies(), Where(name or "network"), "")
    say_taken(place.name, [(place.display, place.home)])
    return place
