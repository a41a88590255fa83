"""What comes after a payment: calls that take it back, what people decide, days that are compared and closed.

SQLite cannot change a check, so the calls move into a new table; nothing refers to them.
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Run this database's file; a blank line ends a statement."""
    bind = op.get_bind()
    script = Path(__file__).with_name(f"m0002_{bind.dialect.name}.sql").read_text(encoding="utf-8")
    for statement in script.strip().split("\n\n"):
        bind.exec_driver_sql(statement.removesuffix(";"))
