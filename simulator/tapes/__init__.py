"""Recorded traffic: written from a running simulator, and played again."""
