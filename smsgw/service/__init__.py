"""The use cases: load, decide, save. They await only through the ports."""
