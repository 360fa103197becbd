"""For notebooks and scripts: the same studies as the command line.

>>> from corridor_sim.api import read_scenario
>>> read_scenario("mm1").scenario.name
'mm1'
"""

from corridor_sim.inputs.read import read_scenario
from corridor_sim.outputs.folder import write_run_folder
from corridor_sim.studies.compare import compare
from corridor_sim.studies.run import run, run_many
from corridor_sim.studies.sweep import Axis, sweep
from corridor_sim.studies.verify import verify

__all__ = [
    "Axis",
    "compare",
    "read_scenario",
    "run",
    "run_many",
    "sweep",
    "verify",
    "write_run_folder",
]
