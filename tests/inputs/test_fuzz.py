"""Files spoilt at random: each is read, or refused with located lines; nothing else can happen."""

from __future__ import annotations

import random
import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corridor_sim.errors import InputError
from corridor_sim.model.compile import compile_scenario
from corridor_sim.model.reach import read_checked
from tests.inputs.conftest import NETWORK, SCENARIO

N_STUDIES, SEED = 300, 20_240_101
TOKENS = (
    """null ~ -1 0 1e308 1e-320 .nan .inf {} [] " ' : , é true 2024-99-99 * & | > % @ ` # =1+1 ? 0x1 1_000
{a:b} [1,2] !!x""".split()
    + ["- ", "\t", "\n", "\0", "\x85", "\u202e", "9" * 30, "x" * 400]
)
MORE = {
    "laws.csv": "id,family,mean_h,weights,of,sample_h\na,constant,3,,,\nm,mixture,,0.5;0.5,a;a,\n"
    "e,empirical,,,,1;2;3\n",
    "routes.csv": "id,demand,rides,share\nr,boxes,train;crossing,1\n",
    "disruptions.csv": "id,target,start,end\nd,legs.beyneu_aktau,2024-03-01,2024-03-09\n",
    "tariffs.csv": "id,part,basis,nodes,value_usd\nt,handling,per_feu,alat,90\n",
}


def spoilt(text: str, dice: random.Random) -> str:
    """The text with a word replaced, something put in or cut out, or two lines changed about."""
    at, way = dice.randrange(len(text) + 1), dice.randrange(4)
    if way == 0:
        word = dice.choice(list(re.finditer(r"[\w.-]+", text)))
        return text[: word.start()] + dice.choice(TOKENS) + text[word.end() :]
    if way == 1:
        return text[:at] + dice.choice(TOKENS) + text[at:]
    if way == 2:
        return text[:at] + text[at + dice.randrange(1, 12) :]
    lines = text.split("\n")
    a, b = dice.randrange(len(lines)), dice.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]
    return "\n".join(lines)


def test_spoilt_studies_are_read_or_refused(
    make_study: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No other error, no line without a place, no connection opened; what is read compiles."""

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    dice, n_read = random.Random(SEED), 0
    for _ in range(N_STUDIES):
        texts: dict[str, Any] = {"small.yaml": SCENARIO, **NETWORK, **MORE}
        name = dice.choice([*texts, *["small.yaml"] * 6])
        texts[name] = spoilt(texts[name], dice)
        path = make_study(texts)
        try:
            read = read_checked(str(path))
        except InputError as error:
            for line in error.problems:
                assert re.match(r"[^:\n]+:\d+:\d+: ", line) and line.isprintable(), ascii(line)
        else:
            n_read += 1
            compile_scenario(read.scenario, 0)
    print(f"{N_STUDIES} studies (seed {SEED}): {n_read} read, {N_STUDIES - n_read} refused")
    assert 0 < n_read < N_STUDIES / 2
