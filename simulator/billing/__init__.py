"""Providers' billings, simulated: they speak the wire protocols, keep books of their own, and fail on demand."""
