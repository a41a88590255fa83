"""Conformance: what a gateway does against SMPP 3.4, with the clause that says so."""
