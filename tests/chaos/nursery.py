"""A nursery of gateways: loads the program once, then starts one gateway after another, each a process of its own.

A line `CONFIG [FAILPOINT]` on stdin starts one; its pid, and when it has ended its status, are told on stdout. To load
the program takes longer than everything else that a start does.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from smsgw.commands.run import run
from smsgw.domain.phones import load_numbering_plans
from tests.chaos.failpoints import arm


def live(config: str, failpoint: str) -> None:
    """Be the gateway, from its birth to its end."""
    if failpoint:
        arm(failpoint)
    run(Path(config))


def raise_one(config: str, failpoint: str) -> int:
    """Start a gateway and wait for its end; return how it ended, as `waitpid` says."""
    pid = os.fork()
    if not pid:
        code = 1
        try:
            live(config, failpoint)
            code = 0
        except Exception as error:  # noqa: BLE001 -- the end of a process: told, and then nothing follows
            sys.excepthook(type(error), error, error.__traceback__)
        finally:
            sys.stderr.flush()
            os._exit(code)
    print(pid, flush=True)  # noqa: T201 -- a program's answer
    return os.waitpid(pid, 0)[1]


def main() -> None:
    """Raise gateways until stdin ends."""
    load_numbering_plans()
    for line in sys.stdin:
        config, _, failpoint = line.strip().partition(" ")
        print(raise_one(config, failpoint), flush=True)  # noqa: T201 -- a program's answer


if __name__ == "__main__":
    main()
