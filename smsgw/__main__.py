"""`python -m smsgw` is `smsgw`."""

from smsgw.cli import main

main()
