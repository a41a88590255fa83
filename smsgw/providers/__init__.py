"""Providers' billings: one file per protocol, and the one HTTP client that all of them use."""
