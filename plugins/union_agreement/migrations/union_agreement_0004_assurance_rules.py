"""What the database itself refuses about position actions, waiver files and statements; after the tables of the step before."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from staffing.api import DB

ID = "union_agreement-0004"
VERSION = "1.38.0"
DESCRIPTION = "Rules of the assurance tables"

#: What the database itself refuses.
RULES = """
ALTER TABLE union_agreement.position_action DROP CONSTRAINT position_action_kind;
ALTER TABLE union_agreement.position_action ADD CONSTRAINT position_action_kind CHECK (kind IN (
  'layoff', 'position_abolished', 'hours_cut', 'wage_cut', 'benefit_cut', 'restored', 'vacancy', 'recall', 'resignation', 'discharge',
  'resignation_or_discharge', 'leave', 'strike', 'lockout', 'work_to_rule', 'attrition', 'retirement', 'transfer', 'hire', 'promotion'));
ALTER TABLE union_agreement.position_action ADD CONSTRAINT position_action_days CHECK (until IS NULL OR until >= "on");
ALTER TABLE union_agreement.waiver_file ADD CONSTRAINT waiver_file_kind CHECK (kind IN ('waiver', 'standing_flexibility', 'pilot'));
ALTER TABLE union_agreement.waiver_file ADD CONSTRAINT waiver_file_step CHECK (union_step IN (
  'none', 'notice', 'participation_recorded', 'written_consent_required', 'member_vote'));
CREATE UNIQUE INDEX classification_name ON union_agreement.classification (tenant, lower(name));
CREATE UNIQUE INDEX position_file_once ON union_agreement.position_file (tenant, digest, complete_through);
CREATE FUNCTION union_agreement.statement_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR NEW.body IS DISTINCT FROM OLD.body OR NEW.digest <> OLD.digest OR NEW.quarter <> OLD.quarter
     OR NEW.version <> OLD.version OR (OLD.district_by <> '' AND NEW.district_by <> OLD.district_by)
     OR (OLD.union_by <> '' AND NEW.union_by <> OLD.union_by) THEN
    RAISE EXCEPTION 'a statement is kept as it was made and signed; make a further version';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER statement_frozen BEFORE UPDATE OR DELETE ON union_agreement.statement
  FOR EACH ROW EXECUTE FUNCTION union_agreement.statement_kept();
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="union_agreement", description=DESCRIPTION)
    manager.add_raw(_rules)
    return manager


async def _rules() -> None:
    await DB.run_script(RULES)
