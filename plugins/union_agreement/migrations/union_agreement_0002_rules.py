"""What the database itself refuses about agreements: states outside their list, changed steps, a changed frozen text."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from staffing.api import DB

ID = "union_agreement-0002"
VERSION = "1.38.0"
DESCRIPTION = "Rules of the tables"

#: What the database itself refuses, and how rows are found.
RULES = """
ALTER TABLE union_agreement.agreement ADD CONSTRAINT agreement_side CHECK (side IN ('district', 'union'));
ALTER TABLE union_agreement.officer ADD CONSTRAINT officer_side CHECK (side IN ('district', 'union', 'joint', 'third'));
ALTER TABLE union_agreement.officer ADD CONSTRAINT officer_days CHECK (until IS NULL OR until >= since);
ALTER TABLE union_agreement.record ADD CONSTRAINT record_kind
  CHECK (kind IN ('cosignature', 'notice', 'consultation', 'concurrence', 'grievance'));
ALTER TABLE union_agreement.position_action ADD CONSTRAINT position_action_kind CHECK (kind IN (
  'layoff', 'position_abolished', 'hours_cut', 'wage_cut', 'benefit_cut', 'restored', 'vacancy', 'recall', 'resignation_or_discharge',
  'leave', 'strike', 'lockout', 'work_to_rule'));
ALTER TABLE union_agreement.simulation ADD CONSTRAINT simulation_state CHECK (state IN ('queued', 'running', 'done', 'failed'));
ALTER TABLE union_agreement.ask ADD CONSTRAINT ask_answer CHECK (answer IN ('', 'signed', 'declined'));
CREATE UNIQUE INDEX agreement_version ON union_agreement.agreement (tenant, code, version);
CREATE UNIQUE INDEX unit_code ON union_agreement.unit (tenant, code);
CREATE UNIQUE INDEX position_action_once ON union_agreement.position_action (tenant, digest);
CREATE UNIQUE INDEX closed_day_once ON union_agreement.closed_day (tenant, kind, day);
CREATE UNIQUE INDEX waiver_file_once ON union_agreement.waiver_file (tenant, waiver);
CREATE UNIQUE INDEX statement_version ON union_agreement.statement (tenant, quarter, version);
CREATE INDEX ask_open ON union_agreement.ask (tenant, role) WHERE answer = '';
CREATE INDEX step_agreement ON union_agreement.step (agreement, at);
CREATE INDEX record_agreement ON union_agreement.record (agreement, kind);
CREATE FUNCTION union_agreement.never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a step of an agreement is never changed or deleted';
END $$;
CREATE TRIGGER step_kept BEFORE UPDATE OR DELETE ON union_agreement.step
  FOR EACH ROW EXECUTE FUNCTION union_agreement.never_changes();
CREATE FUNCTION union_agreement.frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.frozen_digest <> '' AND (NEW.body IS DISTINCT FROM OLD.body OR NEW.frozen_digest <> OLD.frozen_digest) THEN
    RAISE EXCEPTION 'the text of an agreement is frozen from tentative agreement on';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER agreement_frozen BEFORE UPDATE ON union_agreement.agreement
  FOR EACH ROW EXECUTE FUNCTION union_agreement.frozen();
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="union_agreement", description=DESCRIPTION)
    manager.add_raw(_rules)
    return manager


async def _rules() -> None:
    await DB.run_script(RULES)
