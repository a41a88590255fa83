"""Load: many subscribers who pay at once, and what the gateway made of it."""
