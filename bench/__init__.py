"""Benchmarks: what the gateway does in a second on this machine, measured over real sockets and a real disk."""
