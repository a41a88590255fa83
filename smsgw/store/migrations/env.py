"""Alembic's entry: run the steps on the connection, and in the transaction, that `smsgw.store.migrate` has opened."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
