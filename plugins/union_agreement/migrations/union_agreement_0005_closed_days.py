"""Closed days belong to the district, and not to its agreements: they move to the product's table."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from staffing.api import DB

ID = "union_agreement-0005"
VERSION = "1.38.0"
DESCRIPTION = "Closed days move"

MOVE = """
ALTER TABLE union_agreement.closed_day NO FORCE ROW LEVEL SECURITY;
ALTER TABLE public.closed_day NO FORCE ROW LEVEL SECURITY;
INSERT INTO public.closed_day (id, tenant, kind, day) SELECT id, tenant, kind, day FROM union_agreement.closed_day
  ON CONFLICT (tenant, kind, day) DO NOTHING;
ALTER TABLE public.closed_day FORCE ROW LEVEL SECURITY;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="union_agreement", description=DESCRIPTION)
    manager.add_raw(_move)  # before the table goes
    manager.drop_table(class_name="ClosedDay", tablename="closed_day", schema="union_agreement")
    return manager


async def _move() -> None:
    await DB.run_script(MOVE)
