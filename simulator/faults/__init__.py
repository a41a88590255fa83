"""What can go wrong on the wire, as data."""
