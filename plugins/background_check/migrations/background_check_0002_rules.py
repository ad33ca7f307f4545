"""What the database itself refuses about checks: states outside their list, a changed consent or notice, an event kept twice."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from staffing.api import DB

ID = "background_check-0002"
VERSION = "1.38.0"
DESCRIPTION = "Rules of the tables"

RULES = """
ALTER TABLE background_check.provider_account ADD CONSTRAINT provider_account_state CHECK (state IN ('connected', 'trouble', 'off'));
ALTER TABLE background_check.package ADD CONSTRAINT package_purpose CHECK (purpose IN ('volunteer', 'employment'));
ALTER TABLE background_check.package ADD CONSTRAINT package_pays CHECK (who_pays IN ('district', 'partner', 'person', 'nobody'));
ALTER TABLE background_check.check_order ADD CONSTRAINT check_order_status CHECK (status IN (
  'to_authorise', 'to_send', 'refused', 'awaiting_subject', 'in_progress', 'on_hold', 'complete', 'disputed', 'canceled', 'expired'));
ALTER TABLE background_check.check_order ADD CONSTRAINT check_order_result
  CHECK (result IS NULL OR result IN ('clear', 'record_found', 'unable'));
ALTER TABLE background_check.check_order ADD CONSTRAINT check_order_outcome CHECK (outcome IS NULL OR outcome IN (
  'eligible', 'eligible_with_conditions', 'not_eligible', 'withdrawn'));
ALTER TABLE background_check.determination ADD CONSTRAINT determination_outcome CHECK (outcome IN (
  'eligible', 'eligible_with_conditions', 'not_eligible', 'withdrawn'));
ALTER TABLE background_check.determination ADD CONSTRAINT determination_state
  CHECK (state IN ('waits_for_second', 'final', 'taken_back'));
ALTER TABLE background_check.determination ADD CONSTRAINT determination_second
  CHECK (second_by = '' OR second_by <> decided_by);
ALTER TABLE background_check.assessment ADD CONSTRAINT assessment_number CHECK (number IN (1, 2));
ALTER TABLE background_check.check_event ADD CONSTRAINT check_event_state CHECK (state IN ('new', 'done', 'aside'));
ALTER TABLE background_check.check_event ALTER COLUMN id DROP DEFAULT;
ALTER TABLE background_check.check_event ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY;
ALTER TABLE background_check.flag ADD CONSTRAINT flag_kind CHECK (kind IN ('rap_back', 'self_notice', 'other'));
ALTER TABLE background_check.batch ADD CONSTRAINT batch_way CHECK (way IN ('out', 'in'));
CREATE UNIQUE INDEX check_event_once ON background_check.check_event (account, provider_event);
CREATE INDEX check_event_new ON background_check.check_event (account, id) WHERE state = 'new';
CREATE UNIQUE INDEX determination_counts ON background_check.determination (of_order) WHERE state <> 'taken_back';
CREATE UNIQUE INDEX adverse_action_open ON background_check.adverse_action (of_order) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX dispute_open ON background_check.dispute (action) WHERE ended = '';
CREATE UNIQUE INDEX notice_number ON background_check.notice (tenant, number);
CREATE UNIQUE INDEX policy_version ON background_check.policy (tenant, version);
CREATE UNIQUE INDEX destruction_number ON background_check.destruction (tenant, number);
CREATE UNIQUE INDEX reminder_once ON background_check.reminder (tenant, person, rule, runs_out, days);
CREATE UNIQUE INDEX share_code ON background_check.share (tenant, digest);
CREATE UNIQUE INDEX self_description_once ON background_check.self_description (tenant, person);
CREATE UNIQUE INDEX counts_shown_once ON background_check.counts_shown (tenant, purpose, period);
CREATE INDEX check_order_person ON background_check.check_order (person);
CREATE INDEX check_order_open ON background_check.check_order (tenant, status) WHERE outcome IS NULL;
CREATE INDEX check_order_order_ref ON background_check.check_order (account, order_ref) WHERE order_ref <> '';
CREATE INDEX check_order_report_ref ON background_check.check_order (account, report_ref) WHERE report_ref <> '';
CREATE INDEX check_order_subject_ref ON background_check.check_order (account, subject_ref) WHERE subject_ref <> '';
CREATE UNIQUE INDEX check_look_once ON background_check.check_look (of_order, viewer, on_day);
CREATE INDEX consent_order ON background_check.consent (of_order);
CREATE INDEX assessment_order ON background_check.assessment (of_order, number);
CREATE INDEX flag_open ON background_check.flag (tenant) WHERE ended = '';
CREATE FUNCTION background_check.never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'what a person was shown, signed or was written is never changed';
END $$;
CREATE TRIGGER consent_kept BEFORE UPDATE ON background_check.consent
  FOR EACH ROW EXECUTE FUNCTION background_check.never_changes();
CREATE FUNCTION background_check.letter_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.html IS DISTINCT FROM OLD.html OR NEW.letter IS DISTINCT FROM OLD.letter OR NEW.sha256 IS DISTINCT FROM OLD.sha256 OR NEW.sent_on IS DISTINCT FROM OLD.sent_on
     OR (OLD.pdf IS NOT NULL AND NEW.pdf IS DISTINCT FROM OLD.pdf) THEN
    RAISE EXCEPTION 'what a person was shown, signed or was written is never changed';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER notice_kept BEFORE UPDATE ON background_check.notice
  FOR EACH ROW EXECUTE FUNCTION background_check.letter_kept();
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="background_check", description=DESCRIPTION)
    manager.add_raw(_rules)
    return manager


async def _rules() -> None:
    await DB.run_script(RULES)
