"""Settlement: when a provider is asked again, and what an answer means for the money."""
