"""smsgw: an open SMS short-code payment gateway."""
