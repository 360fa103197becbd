"""Re-deployment: where a pooled vessel goes that has ended its round."""

from __future__ import annotations

from corridor_sim.model.service_itinerary import Itinerary
from corridor_sim.primitives import Line, Meter, Quantity, Stage
from corridor_sim.units import seconds


def end_line(it: Itinerary) -> str:
    """Where a trip of a pooled fleet ends its round."""
    return f"{it.label(0)} end"


def add_redeployment(it: Itinerary) -> None:
    """It sails empty to the first port whose yard holds enough more than the one here; else it stays.

    A meter that is on while there is *not* enough bars the way. SIMPLIFIED: a vessel chooses once,
    at the end of its round; one that lies idle is not sent (docs/assumptions.md#redeployment).
    """
    if not it.carrier.redeploys:
        return
    home, names = it.calls[0], []
    for node, yard in _elsewhere(it):
        names.append(f"{it.label(0)} to {node}")
        _add_empty_voyage(it, names[-1], node, yard)
    stay = f"{it.label(0)} stay"
    pool = Quantity(it.carrier.pool or "")
    it.bench.parts.stages.append(Stage(stay, f"service:{home.node}", puts_start=(pool,)))
    it.bench.parts.lines.append(Line(end_line(it), (*names, stay)))
    it.bench.meaning.nodes.update(dict.fromkeys([*names, stay], home.node))


def _elsewhere(it: Itinerary) -> list[tuple[str, str]]:
    """(node, yard) of the other first calls of the fleet's services, by name."""
    fleet, bench = it.fleets[0], it.bench
    firsts = [c[0] for name, c in bench.calls.items() if c and fleet.id in _fleets(it, name)]
    here = it.calls[0].node
    return sorted({(c.node, c.load_yard) for c in firsts if c.node != here and c.load_yard})


def _fleets(it: Itinerary, service: str) -> tuple[str, ...]:
    return it.bench.scenario.services[service].fleets


def _add_empty_voyage(it: Itinerary, name: str, node: str, yard: str) -> None:
    fleet, parts, own = it.fleets[0], it.bench.parts, it.calls[0].load_yard
    over = fleet.redeploy_over_units or 1
    weights = ((yard, -1), *(((own, 1),) if own else ()))
    meter = f"no need of {fleet.id} at {node} from {it.calls[0].node}"
    if not any(m.name == meter for m in parts.meters):
        parts.meters.append(Meter(meter, weights, on=1 - over, off=-over))
    parts.stages.append(
        Stage(
            name,
            state=f"move:{it.name}",
            meter=meter,
            work_s=seconds(fleet.reposition_h),
            puts_end=(Quantity(f"fleet {fleet.id} at {node}"),),
        )
    )
