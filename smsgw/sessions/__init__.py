"""Conversations with a subscriber: one-time codes, passwords, pauses, repeats. Pure: values and time in, values out."""
