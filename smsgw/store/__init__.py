"""The store: SQLite and PostgreSQL behind the ports, one schema, one set of statements, transactions as functions."""
