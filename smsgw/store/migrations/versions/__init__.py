"""Every step, oldest first by its number."""
