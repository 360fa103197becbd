"""A scenario and a replication in, a compiled model and its meaning out."""

from __future__ import annotations

from dataclasses import dataclass

from corridor_sim.errors import DrawsExhausted
from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.apply_outages import apply_outages
from corridor_sim.model.build import Bench
from corridor_sim.model.compiled import CompiledModel
from corridor_sim.model.demand import expand_demand
from corridor_sim.model.meaning import Meaning
from corridor_sim.model.pack import pack
from corridor_sim.model.services import expand_services


@dataclass(frozen=True)
class Built:
    """One replication, ready to run: the arrays, what they mean, and the window (s)."""

    model: CompiledModel
    meaning: Meaning
    window_s: tuple[int, int, int]


StreamLength = dict[tuple[str, str], int]


def compile_scenario(
    scenario: Scenario,
    rep: int,
    *,
    seed: int | None = None,
    stream_length: StreamLength | None = None,
) -> Built:
    """Compile one replication; every random number is drawn here.

    Parameters
    ----------
    rep              replication, 0, 1, ...
    seed             root seed; None: the scenario's
    stream_length    (source, column) -> how many numbers at least
    """
    root = scenario.simulation.seed if seed is None else seed
    bench = Bench(scenario, root, rep, stream_length or {})
    for facility in scenario.facilities.values():
        if hasattr(facility, "counters"):
            bench.parts.counters.extend(facility.counters())
            bench.meaning.servers[facility.id] = getattr(facility, "servers", 0)
    carriers = expand_services(bench)
    expand_demand(bench, carriers)
    bench.lot_groups.extend(bench.parts, {f.flow: f.demand for f in bench.meaning.flows})
    apply_outages(bench)
    return Built(pack(bench.parts), bench.meaning, bench.window_s)


def longer(built: Built, short: DrawsExhausted, stream_length: StreamLength) -> StreamLength:
    """The stream lengths to try after a run that used one up.

    That one four times as long, and so all other streams of its source: they have as many trips.
    """
    tables, names = built.model.tables, built.model.names
    rows = range(short.source * tables.n_column, (short.source + 1) * tables.n_column)
    has = {r: int(tables.draw_ptr[r + 1] - tables.draw_ptr[r]) for r in rows}
    n = max(4 * has[rows[short.column]], 512)
    source = names.sources[short.source]
    return stream_length | {
        (source, names.columns[r - rows.start]): max(n, have) for r, have in has.items() if have
    }
