"""`python -m simulator`."""

import sys

try:
    from simulator.cli import main

    main()
except KeyboardInterrupt:  # before a command listens to signals itself
    sys.exit(130)
