"""A hash over each day of the books."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Run this database's file; a blank line ends a statement."""
    bind = op.get_bind()
    script = Path(__file__).with_name(f"m0003_{bind.dialect.name}.sql").read_text(encoding="utf-8")
    for statement in script.strip().split("\n\n"):
        bind.exec_driver_sql(statement.removesuffix(";"))
