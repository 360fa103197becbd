"""`python -m corridor_sim`, the same as `corridor-sim`."""

import sys

from corridor_sim.cli import main

if __name__ == "__main__":
    sys.exit(main())
