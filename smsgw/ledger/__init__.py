"""The books: double entry with immutable transfers. Pure: the store keeps what is decided here."""
