"""The simulator's HTTP side: texts in and out, sessions, faults, the phone page."""
