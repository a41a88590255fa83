"""The first tables, as the SQL files beside this one have them.

A step is never changed once it has been released, whatever the tables become later.
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Run this database's file; a blank line ends a statement."""
    bind = op.get_bind()
    script = Path(__file__).with_name(f"m0001_{bind.dialect.name}.sql").read_text(encoding="utf-8")
    for statement in script.strip().split("\n\n"):
        bind.exec_driver_sql(statement.removesuffix(";"))
