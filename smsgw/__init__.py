"""smsgw: an open SMS short-code payment gateway."""

__version__ = "0.1.0"
"""As in pyproject.toml and CHANGELOG.md; a test holds them together."""
