"""Malformed inputs as a planner meets them: `validate` says what, where and what to type.

Every row of MALFORMED ends with exit code 2 within two seconds of CPU time, located, without a
traceback, and leaves the folder as it was. `test_bad_input.py` looks closer at single words.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from corridor_sim.cli import main

ROOT = Path(__file__).parents[2]
MOST_CPU_S = 2.0
TWO_GB = 2_000_000_000
S, N = "scenarios/small.yaml", "networks/net"
BOXES, VESSELS, FERRY = "units_per_year: 900", "vessel,4,60,aktau", "ferry,vessel,4,60,aktau"
TOP = "name: small"
RUN = "run_law: lognormal, run_mean_h: 18, run_cv: 0.2"
Edits = dict[str, Any]


class Malformed(NamedTuple):
    """One malformed study: what is wrong, the edits, the place and words of the message."""

    category: str
    what: str
    edits: Edits
    place: str
    words: str


def top(text: str) -> Edits:
    """An edit that adds a line at the top of the scenario."""
    return {"small.yaml": (TOP, f"{text}\nname: small")}


def boxes(text: str) -> Edits:
    """An edit in the scenario's row of demand."""
    return {"small.yaml": (BOXES, text)}


def link(text: str) -> Edits:
    """An edit of the length in link.csv."""
    return {"link.csv": (",430,", f",{text},")}


def laughs() -> str:
    """An alias bomb: ten lines that stand for ten billion words."""
    lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"]
    lines += [f"a{k}: &a{k} [{','.join([f'*a{k - 1}'] * 10)}]" for k in range(1, 10)]
    return "\n".join(lines) + "\n"


def deep_mapping(n: int) -> str:
    """A mapping in a mapping, `n` deep, by indentation."""
    return "".join(f"{' ' * k}a:\n" for k in range(n))


def zone(share: str, columns: str = "", values: str = "") -> str:
    """weather.csv with one zone, closed the same share of every month."""
    months = ",".join(f"m{m:02d}" for m in range(1, 13))
    header, row = (f"{more}," if more else "" for more in (columns, values))
    return f"id,{header}{months}\naktau,{row}{','.join([share] * 12)}\n"


YAML, FILES, CSV = "YAML syntax and types", "encodings and files", "CSV"
NUMBERS, LOGIC, INJECTION = "numbers and units", "graph and logic", "injection"

M = Malformed
MALFORMED = [
    # YAML syntax and types, and the same types in cells
    M(YAML, "empty file", {"small.yaml": "\n\n"}, f"{S}:1:1", "is empty"),
    M(YAML, "null for a file", {"small.yaml": "null\n"}, f"{S}:1:1", "is empty"),
    M(YAML, "list at the top", {"small.yaml": "\n- name: a\n"}, f"{S}:2:1", "must be a mapping"),
    M(YAML, "two documents", {"small.yaml": "name: a\n...\n---\nname: b\n"}, f"{S}:3:1", "second"),
    M(YAML, "tab before a key", {"small.yaml": "calls:\n  -\n\tnode: a\n"}, f"{S}:3:1", "a tab"),
    M(YAML, "duplicate key nested deep", top("set: {fleets.ferry.vessels: {times: 1, times: 2}}"),
        f"{S}:1:40", "set.fleets.ferry.vessels.times: is given twice"),
    M(YAML, "duplicate row", {"small.yaml": ("\n  train:", "\n  crossing:")},
        f"{S}:5:3", "services.crossing: is given twice"),
    M(YAML, "duplicate in an inline network", {"small.yaml": ("network: net",
        "network:\n  fleets:\n    a: {vessels: 1}\n    a: {vessels: 2}")}, f"{S}:5:5", "network.fleets.a: is given twice"),
    M(YAML, "unknown key", top("simulaton: {}"), f"{S}:1:1", "did you mean 'simulation'?"),
    M(YAML, "unknown key in simulation", {"small.yaml": ("reps: 2", "rep: 2")},
        f"{S}:13:63", "simulation.rep: unknown key (found 'rep'). Fix: did you mean 'reps'?"),
    M(YAML, "id ON", {"small.yaml": ("boxes:", "ON:")}, f"{S}:12:3", "demand.ON: a name is made of a-z"),
    M(YAML, "id NO in a list", {"small.yaml": ("{service: train, node: beyneu", "{id: NO, service: train, node: beyneu")},
        f"{S}:7:5", "Fix: no"),
    M(YAML, "id null in a table", {"node.csv": ("alat,Alat", "null,Zero,1,1,KZ\nalat,Alat")}, f"{N}/node.csv:4:1", "the name 'null' is a value"),
    M(YAML, "id true", {"small.yaml": ("boxes:", "true:")}, f"{S}:12:3", "the name 'true' is a value to other programs"),
    M(YAML, "12:30 for hours", {"small.yaml": ("run_mean_h: 18", "run_mean_h: 12:30")}, f"{S}:4:51",
        "must be a number (found '12:30')"),
    M(YAML, "1e-3 vehicles", top("set: {fleets.ferry.vessels: 1e-3}"), f"{S}:1:7", "must be a whole number"),
    M(YAML, "010", boxes("units_per_year: 010"), f"{S}:12:62", "Fix: 10, or quotes around it"),
    M(YAML, "1,5 in a block", {"small.yaml": (TOP, "demand:\n  d:\n    every_h: 1,5")}, f"{S}:3:5", "Fix: every_h: 1.5"),
    M(YAML, ".inf in simulation", {"small.yaml": ("window_d: 366", "window_d: .inf")}, f"{S}:13:48", "must be a finite number"),
    M(YAML, "python tag", top("why: !!python/object/apply:os.system [ls]"), f"{S}:1:6", "a tag is not read"),
    M(YAML, "alias bomb", {"small.yaml": laughs()}, f"{S}:1:", "an anchor"),
    M(YAML, "3,000 nested brackets", top("notes: " + "[" * 3000 + "]" * 3000), f"{S}:1:", "nested deeper than 20"),
    M(YAML, "3,000 nested braces", top("set: " + "{a: " * 3000 + "}" * 3000), f"{S}:1:", "nested deeper than 20"),
    M(YAML, "3,000 nested blocks", {"small.yaml": deep_mapping(3000)}, f"{S}:", "nested deeper than 20"),
    M(YAML, "5,000-digit seed", {"small.yaml": ("reps: 2", "seed: " + "7" * 5000)}, f"{S}:13:69", "5000 digits"),
    M(YAML, "boolean for a number", {"small.yaml": ("reps: 2", "reps: true")}, f"{S}:13:63", "must be a whole number (found true)"),
    M(YAML, "number for a boolean", boxes(f"{BOXES}, laden: 1"), f"{S}:12:67", "must be true or false (found 1). Fix: laden: true"),
    M(YAML, "number for a text", top("question: 2024"), f"{S}:1:1", 'quotes around it: "2024"'),
    M(YAML, "null capacity", top("facilities: {aktau_yard: {places: null}}"), f"{S}:1:27", "places: must have a value (found null)"),
    M(YAML, "list for a number", boxes("units_per_year: [900]"), f"{S}:12:46", "must be a number (found a list)"),
    M(YAML, "a mapping as a key", top("{a: 1}: 2"), f"{S}:1:1", "a key must be a word"),
    M(YAML, "no space after a colon", {"small.yaml": "name:small\nnetwork: net\n"}, f"{S}:", "is no YAML"),
    M(YAML, "boolean for a number in a cell", {"fleets.csv": (VESSELS, "vessel,TRUE,60,aktau")}, f"{N}/fleets.csv:2:3", "found true"),
    M(YAML, ".nan in a cell", link(".nan"), f"{N}/link.csv:2:5", "must be a finite number"),
    M(YAML, "12:30 in a cell", link("12:30"), f"{N}/link.csv:2:5", "must be a number (found '12:30')"),
    M(YAML, "010 in a cell", link("010"), f"{N}/link.csv:2:5", "Fix: 10"),
    M(YAML, "5,000 digits in a cell", link("4" * 5000), f"{N}/link.csv:2:5", "5000 digits"),
    M(YAML, "word for a date in a cell", {"disruptions.csv": "id,target,start,end\nd,legs.beyneu_aktau,soon,2024-03-01\n"},
        f"{N}/disruptions.csv:2:3", "must be a date"),
    # encodings and files
    M(FILES, "UTF-16", {"small.yaml": "name: a\n".encode("utf-16-le")}, f"{S}:1:1", "is UTF-16, not UTF-8"),
    M(FILES, "UTF-16 table", {"node.csv": "node_id\naktau\n".encode("utf-16")}, f"{N}/node.csv:1:1", "is UTF-16"),
    M(FILES, "NFC and NFD twins", {"small.yaml": ("boxes:", "caf\u00e9: {}\n  cafe\u0301:")}, f"{S}:12:3", "a name is made of a-z"),
    M(FILES, "NFD id in a table", {"node.csv": ("aktau,Aktau", "akta\u0301u,Aktau")}, f"{N}/node.csv:3:1", "a name is made of a-z"),
    M(FILES, "Cyrillic look-alike column", {"fleets.csv": ("capacity_units", "c\u0430pacity_units")}, f"{N}/fleets.csv:1:4", "CYRILLIC SMALL LETTER A"),
    M(FILES, "Cyrillic look-alike reference", {"small.yaml": ("origin: beyneu", "origin: b\u0435yneu")}, f"{S}:12:11", "CYRILLIC SMALL LETTER IE"),
    M(FILES, "full-width digits", link("\uff14\uff13\uff10"), f"{N}/link.csv:2:5", "must be a number"),
    M(FILES, "right-to-left mark in a table", {"node.csv": ("aktau,Aktau", "aktau,Ak\u200ftau")}, f"{N}/node.csv:3:2", "U+200F RIGHT-TO-LEFT MARK"),
    M(FILES, "zero-width space in a key", top("na\u200bme: a"), f"{S}:1:1", "ZERO WIDTH SPACE"),
    M(FILES, "no-break space before a key", {"small.yaml": ("\n  train:", "\n\u00a0\u00a0train:")}, f"{S}:5:1", ""),
    M(FILES, "a second byte order mark", {"node.csv": ("node_id", "\ufeff\ufeffnode_id")}, f"{N}/node.csv:1:1", "ZERO WIDTH NO-BREAK SPACE"),
    M(FILES, "../../etc/passwd as parent", top("extends: ../../etc/passwd"), f"{S}:1:1", "not by a path"),
    M(FILES, "absolute path as network", {"small.yaml": ("network: net", "network: /etc")}, f"{S}:2:1", "not by a path"),
    M(FILES, "Windows path as network", {"small.yaml": ("network: net", r"network: C:\networks\net")}, f"{S}:2:1", "Fix: net"),
    M(FILES, "URL as parent", top("extends: https://example.org/base.yaml"), f"{S}:1:1", "not by a path or address"),
    M(FILES, "scenario name with /", {"small.yaml": (TOP, "name: a/b")}, f"{S}:1:1", "a name is made of letters"),
    M(FILES, "scenario name ..", {"small.yaml": (TOP, "name: ..")}, f"{S}:1:1", "a name is made of letters"),
    M(FILES, "scenario name of a device", {"small.yaml": (TOP, "name: NUL")}, f"{S}:1:1", "reserved on Windows"),
    M(FILES, "misnamed table", {"facility.csv": "id\n"}, f"{N}/facility.csv:1:1", "rename it facilities.csv"),
    # CSV
    M(CSV, "short row", {"facilities.csv": ("alat_berth,berth,alat,1,,10,", "alat_berth,berth,alat")}, f"{N}/facilities.csv:3:4", "3 cells where the header has 7"),
    M(CSV, "long row", {"seasons.csv": ("level,", "level,0,")}, f"{N}/seasons.csv:2:14", "14 cells where the header has 13"),
    M(CSV, "duplicate header", {"node.csv": ("x_coord,y_coord", "x_coord,x_coord")}, f"{N}/node.csv:1:4", "two columns of this name"),
    M(CSV, "missing header", {"link.csv": ("link_id,from_node_id,to_node_id,mode,length_km,gauge_mm,speed_kmh\n", "")}, f"{N}/link.csv:1:1", "the header has no column link_id"),
    M(CSV, "missing column", {"link.csv": ("length_km", "note")}, f"{N}/link.csv:2:1", "`length_km` is missing"),
    M(CSV, "id null", {"node.csv": ("aktau,Aktau", "NULL,Aktau")}, f"{N}/node.csv:3:1", "found 'NULL'"),
    M(CSV, "id 007", {"fleets.csv": (FERRY, "007,vessel,4,60,aktau")}, f"{N}/fleets.csv:2:1", "Fix: x007"),
    M(CSV, "semicolons and decimal comma", {"link.csv": "link_id;from_node_id;to_node_id;length_km\na;beyneu;aktau;430,5\n"}, f"{N}/link.csv:1:1", "separated by semicolons"),
    M(CSV, "tabs", {"seasons.csv": "id\tm01\tm02\nlevel\t0.5\t0.5\n"}, f"{N}/seasons.csv:1:1", "separated by tabs"),
    M(CSV, "thousands separator, space", {"fleets.csv": (VESSELS, "vessel,4,1 060,aktau")}, f"{N}/fleets.csv:2:4", "Fix: 1060"),
    M(CSV, "thousands separator, comma", {"fleets.csv": (VESSELS, 'vessel,4,"1,060",aktau')}, f"{N}/fleets.csv:2:4", "Fix: 1060"),
    M(CSV, "decimal comma", {"node.csv": ("55.20,45.32", '"55,20",45.32')}, f"{N}/node.csv:2:3", "Fix: 55.20"),
    M(CSV, "currency", link("$430"), f"{N}/link.csv:2:5", "must be a number"),
    M(CSV, "unit in the cell", link("430 km"), f"{N}/link.csv:2:5", "must be a number (found '430 km')"),
    M(CSV, "unclosed quotes", {"node.csv": ("aktau,Aktau", 'aktau,"Aktau')}, f"{N}/node.csv:3:2", "never ends"),
    M(CSV, "text after quotes", {"node.csv": ("aktau,Aktau", 'aktau,"Ak"tau')}, f"{N}/node.csv:3:2", "close the quotes"),
    M(CSV, "NUL", {"node.csv": ("aktau,Aktau", "aktau,Ak\0tau")}, f"{N}/node.csv:3:9", "NUL"),
    M(CSV, "null word in a number", link("NA"), f"{N}/link.csv:2:5", "found 'NA'"),
    M(CSV, "spreadsheet's error value", link("#REF!"), f"{N}/link.csv:2:5", "found '#REF!'"),
    M(CSV, "serial date", {"disruptions.csv": "id,target,start,end\nd,legs.beyneu_aktau,45352,2024-03-09\n"}, f"{N}/disruptions.csv:2:3", "must be a date, year first"),
    M(CSV, "American date", {"disruptions.csv": "id,target,start,end\nd,legs.beyneu_aktau,3/1/2024,2024-03-09\n"}, f"{N}/disruptions.csv:2:3", "must be a date, year first"),
    M(CSV, "list by commas in YAML of a table", {"small.yaml": ("[ferry]", "'ferry;train_set'")}, f"{S}:4:14", "must be a list"),
    # numbers and units
    M(NUMBERS, "negative time", {"small.yaml": ("run_mean_h: 18", "run_mean_h: -18")}, f"{S}:4:51", "must be >= 0"),
    M(NUMBERS, "zero rate", {"small.yaml": (BOXES, "arrival_rate_per_h: 0")}, f"{S}:12:", "must be > 0"),
    M(NUMBERS, "zero speed", {"link.csv": (",1520,30", ",1520,0")}, f"{N}/link.csv:2:7", "must be > 0"),
    M(NUMBERS, "fractional TEU", {"fleets.csv": "id,kind,vessels,capacity_teu,start_at\nferry,vessel,4,60.5,aktau\ntrain_set,train_set,unlimited,50,\n"}, f"{N}/fleets.csv:2:4", "60 or 61"),
    M(NUMBERS, "fractional servers", {"facilities.csv": ("aktau_berth,berth,aktau,2", "aktau_berth,berth,aktau,1.5")}, f"{N}/facilities.csv:2:4", "1 or 2"),
    M(NUMBERS, "fractional batch", boxes(f"{BOXES}, batch: 2.5"), f"{S}:12:67", "must be a whole number"),
    M(NUMBERS, "weights that do not sum", top("laws: {m: {family: mixture, weights: [0.5, 0.4], of: [a, a]}, a: {family: constant, mean_h: 1}}"), f"{S}:1:", "sum"),
    M(NUMBERS, "route shares that do not sum", {"routes.csv": "id,demand,share,rides\nr,boxes,0.9,train;crossing\n"}, f"{N}/routes.csv:2:3", "must sum to 1 (found 0.9)"),
    M(NUMBERS, "months in per cent", {"seasons.csv": "id," + ",".join(f"m{m:02d}" for m in range(1, 13)) + "\nlevel," + ",".join(["8"] * 8 + ["9"] * 4) + "\n"}, f"{N}/seasons.csv:2:1", "Fix: divide each by 100"),
    M(NUMBERS, "per cent for a share", {"link.csv": "link_id,from_node_id,to_node_id,mode,length_km,gauge_mm,speed_kmh,incident_share\nb,beyneu,aktau,rail,430,1520,30,5\n"}, f"{N}/link.csv:2:8", "0.05 (a share, not per cent)"),
    M(NUMBERS, "per cent of the weather", {"weather.csv": "id," + ",".join(f"m{m:02d}" for m in range(1, 13)) + "\nw,30" + ",0.1" * 11 + "\n"}, f"{N}/weather.csv:2:2", "m01: 0.3 (a share, not per cent)"),
    M(NUMBERS, "swapped coordinates beyond the pole", {"node.csv": ("51.15,43.60", "43.60,151.15")}, f"{N}/node.csv:3:4", "must be <= 90"),
    M(NUMBERS, "no window", {"small.yaml": ("window_d: 366", "window_d: 0")}, f"{S}:13:48", "must be > 0"),
    M(NUMBERS, "10^9 replications", {"small.yaml": ("reps: 2", "reps: 1e9")}, f"{S}:13:63", "must be <= 100000"),
    M(NUMBERS, "10^12 vessels", {"fleets.csv": (VESSELS, "vessel,1000000000000,60,aktau")}, f"{N}/fleets.csv:2:3", "is too large"),
    M(NUMBERS, "10^15 units a year", boxes("units_per_year: 1e15"), f"{S}:12:46", "is too large"),
    M(NUMBERS, "a window of 10^9 days", {"small.yaml": ("window_d: 366", "window_d: 1e9")}, f"{S}:13:48", "the run lasts 2.74e+06 years, more than 100"),
    M(NUMBERS, "negative vessels by set", top("set: {fleets.ferry.vessels: {plus: -9}}"), f"{S}:1:7", "found -5"),
    M(NUMBERS, "10^11 lots a year", boxes("units_per_year: 1e11"), f"{S}:12:3", "about 1e+11 lots a run"),
    M(NUMBERS, "lots without a pause", {"small.yaml": (f"{BOXES}, season: level", "arrival_law: constant, arrival_mean_h: 0")}, f"{S}:12:3", "lots without end a run"),
    M(NUMBERS, "lots every nanosecond", {"demand.csv": "id,origin,destination,every_h\nd,beyneu,alat,1e-12\n"}, f"{N}/demand.csv:2:1", "lots a run"),
    M(NUMBERS, "a warm-up of 10^12 times the lots", boxes(f"{BOXES}, before_factor: 1e12"), f"{S}:12:3", "lots a run, more than"),
    M(NUMBERS, "a departure each nanosecond", {"small.yaml": ("sail_rule: at_once", "sail_rule: timetable, every_h: 1e-12")}, f"{S}:7:", "departures a run, more than"),
    M(NUMBERS, "departures without a headway", {"small.yaml": ("sail_rule: at_once", "sail_rule: timetable, headway_mean_h: 0")}, f"{S}:7:", "departures without end"),
    M(NUMBERS, "failures without a pause", top("facilities: {aktau_track: {up_mean_h: 0, down_mean_h: 0}}"), f"{S}:1:28", "failures without end"),
    M(NUMBERS, "price in two currencies", {"tariffs.csv": "id,part,basis,nodes,value_usd\nt,handling,per_feu,alat,90 EUR\n"}, f"{N}/tariffs.csv:2:5", "must be a number"),
    # graph and logic
    M(LOGIC, "unknown node in a table", {"link.csv": ("beyneu,aktau,rail", "beyneu,aktao,rail")}, f"{N}/link.csv:2:3", "unknown node (found 'aktao'). Fix: did you mean 'aktau'?"),
    M(LOGIC, "unknown node in a scenario", {"small.yaml": ("origin: beyneu", "origin: moon")}, f"{S}:12:11", "unknown node (found 'moon')"),
    M(LOGIC, "duplicate ids in a table", {"fleets.csv": ("train_set,train_set", "ferry,train_set")}, f"{N}/fleets.csv:3:1", "there are two rows of this name"),
    M(LOGIC, "duplicate ids in a list", {"small.yaml": ("calls:", "calls:\n  - {service: train, node: beyneu}")}, f"{S}:8:5", "give each call an `id`"),
    M(LOGIC, "parallel links without ids", {"link.csv": ("beyneu_aktau,beyneu,aktau,rail,430,1520,30\n", ",beyneu,aktau,rail,430,1520,30\n,beyneu,aktau,rail,500,1520,40\n")}, f"{N}/link.csv:3:1", "the row has no id"),
    M(LOGIC, "a link from a node to itself", {"link.csv": ("beyneu,aktau,rail", "beyneu,beyneu,rail")}, f"{N}/link.csv:2:3", "leads from a node to itself"),
    M(LOGIC, "unreachable destination", {"node.csv": ("alat,Alat", "island,Island,50,40,AZ\nalat,Alat"), "small.yaml": ("destination: alat", "destination: island")}, f"{S}:12:27", "unreachable destination island"),
    M(LOGIC, "no way over water", {"link.csv": (",rail,430,1520", ",road,430,")}, f"{S}:5:3", "no rail legs lead from beyneu to aktau"),
    M(LOGIC, "gauge break in a table", {"link.csv": (",1520,", ",1435,")}, f"{S}:5:3", "gauge break without a gauge change"),
    M(LOGIC, "mode without a vehicle", {"small.yaml": ("fleets: [train_set], ", "")}, f"{S}:5:3", "runs on rail without a vehicle"),
    M(LOGIC, "train larger than its yard", {"small.yaml": ("{service: train, node: beyneu, sail_rule: at_once}", "{service: train, node: beyneu, sail_rule: fill, fill_units: 50}"), "facilities.csv": ("aktau,,500", "aktau,,40")}, f"{S}:7:", "the yard aktau_yard holds 40"),
    M(LOGIC, "two calls of one number", {"small.yaml": ("{service: crossing, node: alat,", "{service: crossing, seq: 0, node: alat,")}, f"{S}:10:", "two calls of crossing are number 0"),
    M(LOGIC, "timetable without a headway", {"small.yaml": ("sail_rule: at_once", "sail_rule: timetable, offset_h: 6")}, f"{S}:7:", "needs every_h"),
    M(LOGIC, "always one more lot without a facility", {"small.yaml": (f"{BOXES}, season: level", "arrival_law: saturated")}, f"{S}:12:46", "needs facilities in `via`"),
    M(LOGIC, "two fleets, one of them unlimited", {"fleets.csv": (VESSELS, VESSELS + "\nspare,vessel,unlimited,60,"), "small.yaml": ("[ferry]", "[ferry, spare]")}, f"{S}:4:14", "spare has no limit, so it must be the only one"),
    M(LOGIC, "two fleets, one of them shared", {"fleets.csv": ("train_set,train_set,unlimited", "train_set,train_set,9"), "small.yaml": ("[train_set]", "[train_set, ferry]")}, f"{S}:5:11", "ferry is used by other services too, so it must"),
    M(LOGIC, "a path over a node without legs", {"small.yaml": ("gauge_mm: 1520", "path: [alat]")}, f"{S}:5:1", "services.train: no path by rail"),
    M(LOGIC, "a route that comes back", {"routes.csv": "id,demand,rides\nr,boxes,train;crossing;crossing\n"}, f"{S}:12:1", "rides crossing from alat, which does not lead to alat"),
    M(LOGIC, "vehicles dated out of use", top("set: {fleets.ferry.vessels: {2024-01-01: -4}}"), f"{S}:1:7", "must be >= 0 at each date"),
    M(LOGIC, "closure that ends before it starts", {"disruptions.csv": "id,target,start,end\nd,legs.beyneu_aktau,2024-03-09,2024-03-01\n"}, f"{N}/disruptions.csv:2:4", "ends before it starts"),
    M(LOGIC, "dated closure that ends before it starts", {"closures.csv": "id,zone,start,end\nc,aktau,2024-03-09,2024-03-01\n", "weather.csv": zone("0.1")},
        f"{N}/closures.csv:2:4", "closures.c.end: ends before it starts"),
    M(LOGIC, "dated closure of an unknown zone", {"closures.csv": "id,zone,start,end\nc,aktua,2024-03-01,2024-03-09\n", "weather.csv": zone("0.1")},
        f"{N}/closures.csv:2:2", "unknown weather zone (found 'aktua'). Fix: did you mean 'aktau'?"),
    M(LOGIC, "dated closure of no severity", {"closures.csv": "id,zone,start,end,severity\nc,aktau,2024-03-01,2024-03-09,storm\n", "weather.csv": zone("0.1")},
        f"{N}/closures.csv:2:5", "'storm' is none of cranes, berthing, port"),
    M(LOGIC, "berthing stops before cranes", {"weather.csv": zone("0.1", "berthing_stop_share,cranes_stop_share", "0.3,0.2")},
        f"{N}/weather.csv:2:2", "must be <= cranes_stop_share: cranes stop first (found 0.3 > 0.2)"),
    M(NUMBERS, "per cent of a month closed", {"weather.csv": zone("30")}, f"{N}/weather.csv:2:2", "Fix: m01: 0.3 (a share, not per cent)"),
    M(NUMBERS, "closures without end", {"weather.csv": zone("0.1", "mean_closure_h", "0.0001")}, f"{N}/weather.csv:2:2", "closures a run, more than 10,000,000"),
    M(LOGIC, "opening hours 25:00", top("facilities: {aktau_track: {open_daily: '20:00-25:00'}}"), f"{S}:1:28", "no such hours of the day"),
    M(LOGIC, "opening hours in words", {"facilities.csv": "id,type,node,open_daily\ndesk,desk,aktau,8am-8pm\n"}, f"{N}/facilities.csv:2:4", "must be hours of the day"),
    M(LOGIC, "mixture that holds itself", {"laws.csv": "id,family,weights,of\na,mixture,1,b\nb,mixture,1,a\n"}, f"{N}/laws.csv:2:4", "holds itself"),
    M(LOGIC, "low above high", {"small.yaml": (RUN, "run_law: uniform, run_low_h: 9, run_high_h: 3")}, f"{S}:4:", "run_"),
    M(LOGIC, "an empty observed sample", {"laws.csv": "id,family,sample_h\nseen,empirical,\n"}, f"{N}/laws.csv:2:", "sample"),
    M(LOGIC, "a vessel for a train", {"fleets.csv": (VESSELS, "ship,4,60,aktau")}, f"{N}/fleets.csv:2:2", "'ship' is none of vessel"),
    # injection into outputs
    M(INJECTION, "formula as an id", {"fleets.csv": (FERRY, "=1+1,vessel,4,60,aktau")}, f"{N}/fleets.csv:2:1", "a name is made of a-z"),
    M(INJECTION, "formula as a scenario's name", {"small.yaml": (TOP, "name: '=cmd()'")}, f"{S}:1:1", "a name is made of letters"),
    M(INJECTION, "script as an id", {"small.yaml": ("boxes:", '"<script>alert(1)</script>":')}, f"{S}:12:3", "a name is made of a-z"),
    M(INJECTION, "script as a country", {"node.csv": ("Aktau,51.15,43.60,KZ", "Aktau,51.15,43.60,<b>")}, f"{N}/node.csv:3:5", "two capital letters"),
    M(INJECTION, "escape sequence in a text", top(r'question: "\e[31mred"'), f"{S}:1:1", "U+001B"),
    M(INJECTION, "escape sequence in a cell", {"node.csv": ("aktau,Aktau", "aktau,Ak\x1b[2Jtau")}, f"{N}/node.csv:3:2", "U+001B"),
    M(INJECTION, "rich markup as an id", {"small.yaml": ("boxes:", '"[bold red]x[/]":')}, f"{S}:12:3", "a name is made of a-z"),
    M(INJECTION, "path as an id", {"node.csv": ("aktau,Aktau", "../../x,Aktau")}, f"{N}/node.csv:3:1", "a name is made of a-z"),
    M(INJECTION, "device as an id", {"node.csv": ("alat,Alat", "lpt1,Port,51,43,KZ\nalat,Alat")}, f"{N}/node.csv:4:1", "reserved on Windows"),
    M(INJECTION, "carriage return in a name", {"node.csv": ("aktau,Aktau", 'aktau,"Ak\rtau"')}, f"{N}/node.csv:3:2", "U+000D"),
]  # fmt: skip


def listing(folder: Path) -> dict[str, tuple[int, int]]:
    """Every path below a folder with its size and time of change."""
    return {
        path.relative_to(folder).as_posix(): (path.lstat().st_size, path.lstat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
    }


@pytest.mark.parametrize("case", MALFORMED, ids=lambda case: f"{case.category}: {case.what}")
def test_validate_refuses(
    make_study: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    case: Malformed,
) -> None:
    """Exit 2, located, at once, nothing written, no traceback."""
    make_study(case.edits)
    monkeypatch.chdir(tmp_path)
    before, start = listing(tmp_path), time.process_time()
    code = main(["validate", S])
    cpu_s = time.process_time() - start
    out, err = capsys.readouterr()
    print(f"{case.what}: {cpu_s:.2f} s\n{err}")
    assert (code, out) == (2, ""), err
    lines = err.splitlines()
    assert any(line.startswith(f"{case.place}") and case.words in line for line in lines), err
    for line in lines:
        assert re.match(r"[^:\n]+:\d+:\d+: ", line) and line.isprintable(), ascii(line)
    assert "Traceback" not in err
    assert listing(tmp_path) == before
    assert cpu_s <= MOST_CPU_S


def pipe(path: Path) -> None:
    """A pipe in place of a file: reading it would wait for ever."""
    path.unlink(missing_ok=True)
    os.mkfifo(path)


def folder(path: Path) -> None:
    """A folder in place of a file."""
    path.unlink(missing_ok=True)
    path.mkdir()


def huge(path: Path) -> None:
    """2 GB of nothing, which take no room on the disk."""
    path.touch()
    os.truncate(path, TWO_GB)


def link_out(path: Path) -> None:
    """A link to a file outside the study folder."""
    outside = path.parents[2].with_name(f"{path.parents[2].name}_outside")
    outside.write_text("id\nsecret\n", encoding="utf-8", newline="")
    path.unlink(missing_ok=True)
    path.symlink_to(outside)


def broken_link(path: Path) -> None:
    """A link to nothing."""
    path.unlink(missing_ok=True)
    path.symlink_to("nowhere")


OTHER = "scenarios/other.yaml"
FOREIGN: list[tuple[Callable[[Path], None], str, str, str]] = [
    (pipe, f"{N}/fleets.csv", f"{N}/fleets.csv:1:1", "is no regular file"),
    (folder, f"{N}/fleets.csv", f"{N}/fleets.csv:1:1", "is no regular file"),
    (huge, f"{N}/laws.csv", f"{N}/laws.csv:1:1", "too large (2,000,000,000 bytes"),
    (link_out, f"{N}/laws.csv", f"{N}/laws.csv:1:1", "leads out of the study folder"),
    (broken_link, f"{N}/laws.csv", f"{N}/laws.csv:1:1", "is no regular file"),
    (pipe, OTHER, "other.yaml:1:1", "there is no file"),
    (folder, OTHER, "other.yaml:1:1", "there is no file"),
    (huge, OTHER, f"{OTHER}:1:1", "too large (2,000,000,000 bytes"),
    (broken_link, OTHER, "other.yaml:1:1", "there is no file"),
]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes and links are made as on Unix")
@pytest.mark.parametrize(("make", "name", "place", "words"), FOREIGN)
def test_what_is_no_plain_file_is_refused(
    make_study: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    make: Callable[[Path], None],
    name: str,
    place: str,
    words: str,
) -> None:
    """Pipes, folders, 2 GB and links out, in place of a table and of a scenario."""
    make_study()
    make(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    before, start = listing(tmp_path), time.process_time()
    assert main(["validate", S if name.startswith(N) else name]) == 2
    assert time.process_time() - start <= MOST_CPU_S
    err = capsys.readouterr().err
    assert any(line.startswith(place) and words in line for line in err.splitlines()), err
    assert listing(tmp_path) == before


def test_a_parent_that_is_a_link_out_is_refused(
    make_study: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A scenario from elsewhere must not read this computer's files."""
    make_study({"small.yaml": ("name: small", "extends: other")})
    link_out(tmp_path / OTHER)
    monkeypatch.chdir(tmp_path)
    assert main(["validate", S]) == 2


COMMANDS: list[tuple[Edits, tuple[str, ...], str, str]] = [
    ({"small.yaml": ("reps: 2", "reps: two")}, ("run", S), f"{S}:13:63", "Fix: reps: 2"),
    ({"fleets.csv": (VESSELS, "vessel,six,60,aktau")}, ("run", S), f"{N}/fleets.csv:2:3", "Fix: 6"),
    ({"small.yaml": laughs()}, ("run", S), f"{S}:1:", "an anchor"),
    ({"small.yaml": deep_mapping(3000)}, ("run", S), f"{S}:", "deeper than 20"),
    ({"small.yaml": ("gauge_mm: 1520", "path: [alat]")}, ("run", S), f"{S}:5:1", "no path by rail"),
    ({}, ("run", S, "--reps", "1000000000"), "--set:1:1", "must be <= 100000"),
    ({}, ("run", S, "--set", "fleets.ferry.vesels=3"), "--set:1:1", "did you mean 'vessels'?"),
    ({}, ("run", "https://example.org/x.yaml"), "x.yaml:1:1", "addresses are not read"),
    ({}, ("run", "../../etc/passwd"), "passwd:1:1", "there is no file"),
    ({"other.yaml": "extends: small\nset: {calls.x.node: a}\n"}, ("compare", S, OTHER), f"{OTHER}:2:7",
        "no row of calls is called 'x'"),
    ({}, ("sweep", S, *(f"--vary=facilities.*.servers={','.join('123456789')}",) * 13), "--vary", "2541865828329 points"),
    ({}, ("sweep", S, "--vary", "fleets.ferry.vessels=4,none"), "--set:1:1", "whole number"),
]  # fmt: skip


@pytest.mark.parametrize(("edits", "arguments", "place", "words"), COMMANDS)
def test_a_process_refuses_before_it_makes_anything(
    make_study: Callable[..., Path],
    tmp_path: Path,
    edits: Edits,
    arguments: tuple[str, ...],
    place: str,
    words: str,
) -> None:
    """The commands that write, as processes: CPU time with all of Python's start."""
    resource = pytest.importorskip("resource")
    make_study(edits)
    before, start = listing(tmp_path), resource.getrusage(resource.RUSAGE_CHILDREN)
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [sys.executable, "-m", "corridor_sim", *arguments],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": path, "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    end = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = end.ru_utime + end.ru_stime - start.ru_utime - start.ru_stime
    print(f"{' '.join(arguments)[:60]}: {cpu_s:.2f} s of CPU\n{done.stderr}")
    assert (done.returncode, done.stdout) == (2, "")
    assert any(x.startswith(place) and words in x for x in done.stderr.splitlines()), done.stderr
    assert "Traceback" not in done.stderr
    assert listing(tmp_path) == before
    assert cpu_s <= 2 * MOST_CPU_S


def test_every_category_is_met_in_tables_and_scenarios() -> None:
    """At least sixty malformed studies; each category in both kinds of file."""
    counts = Counter(
        (case.category, "table" if case.place.startswith(N) else "scenario") for case in MALFORMED
    )
    for (category, kind), n in sorted(counts.items()):
        print(f"{category}, {kind}: {n}")
    print(f"{len(MALFORMED)} malformed studies")
    assert len({case.what for case in MALFORMED}) == len(MALFORMED) >= 60
    for category in (YAML, FILES, NUMBERS, LOGIC, INJECTION):
        assert min(counts[category, "table"], counts[category, "scenario"]) >= 4, category
    assert counts[CSV, "table"] >= 12
