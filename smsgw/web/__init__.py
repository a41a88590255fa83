"""The HTTP side: health, metrics and the operations API."""
