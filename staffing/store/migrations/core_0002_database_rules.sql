-- What must never happen, said to the database, so that no program can do it by mistake.

-- 1. The role the application works as: an ordinary one, so that row-level security binds it. Roles belong to the whole
--    server, so another database may be making it at this moment: try again after its transaction.
DO $$
BEGIN
  FOR attempt IN 1..10 LOOP
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'staffing_app') THEN
        CREATE ROLE staffing_app NOLOGIN;
      END IF;
      BEGIN
        SET LOCAL ROLE staffing_app;
        RESET ROLE;
      EXCEPTION WHEN insufficient_privilege THEN
        EXECUTE format('GRANT staffing_app TO %I', current_user);
      END;
      EXIT;
    EXCEPTION WHEN duplicate_object OR unique_violation OR internal_error THEN
      IF attempt = 10 THEN RAISE; END IF;
      PERFORM pg_sleep(0.05);
    END;
  END LOOP;
END $$;

GRANT USAGE ON SCHEMA public TO staffing_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO staffing_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO staffing_app;
REVOKE INSERT, UPDATE, DELETE ON migration FROM staffing_app;
-- Tables, schemas, sequences and functions to come, of the core and of plugins.
ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO staffing_app;
ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO staffing_app;
ALTER DEFAULT PRIVILEGES GRANT USAGE, SELECT ON SEQUENCES TO staffing_app;

-- 2. Row-level security. A setting made with set_config(…, true) reverts to '' and not to NULL, hence nullif.
CREATE FUNCTION current_tenant() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('staffing.tenant', true), '');

CREATE FUNCTION protect_by_tenant(protected regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ALTER COLUMN tenant SET DEFAULT current_tenant(), ALTER COLUMN tenant SET NOT NULL', protected);
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', protected);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', protected);
  EXECUTE format('DROP POLICY IF EXISTS by_tenant ON %s', protected);
  EXECUTE format('CREATE POLICY by_tenant ON %s USING (tenant = current_tenant()) WITH CHECK (tenant = current_tenant())', protected);
END $$;
COMMENT ON FUNCTION protect_by_tenant(regclass) IS
  'Puts a table with a column "tenant" under row-level security. Called for every such table at each migration.';
REVOKE EXECUTE ON FUNCTION protect_by_tenant(regclass) FROM PUBLIC;

SELECT protect_by_tenant(t::regclass) FROM unnest(ARRAY[
  'assignment', 'credential', 'decision', 'determination', 'document', 'evidence', 'journal', 'organisation', 'person',
  'placement', 'plugin_switch', 'position', 'session', 'site', 'stored_file', 'waiver']) AS t;

-- 3. A foreign key is checked without row-level security, so it must carry the tenant: else a row could point at another
--    district's. Nothing is deleted because something it belongs to is.
ALTER TABLE account ADD CONSTRAINT account_in_tenant UNIQUE (tenant, id);
DO $$
DECLARE
  link record;
  parent text;
BEGIN
  FOR link IN
    SELECT c.conname, c.conrelid::regclass::text AS child, c.confrelid::regclass::text AS parent, a.attname AS held
    FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace AND c.confrelid <> 'tenant'::regclass
  LOOP
    IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = link.parent::regclass AND conname = link.parent || '_in_tenant') THEN
      EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I UNIQUE (tenant, id)', link.parent, link.parent || '_in_tenant');
    END IF;
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', link.child, link.conname);
    EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I FOREIGN KEY (tenant, %I) REFERENCES %s (tenant, id)',
                   link.child, link.child || '_' || link.held || '_of_tenant', link.held, link.parent);
  END LOOP;
END $$;
ALTER TABLE account DROP CONSTRAINT account_tenant_fkey,
  ADD CONSTRAINT account_tenant_fkey FOREIGN KEY (tenant) REFERENCES tenant (id),
  ADD CONSTRAINT account_person_of_tenant FOREIGN KEY (tenant, person) REFERENCES person (tenant, id),
  ADD CONSTRAINT account_organisation_of_tenant FOREIGN KEY (tenant, organisation) REFERENCES organisation (tenant, id),
  ADD CONSTRAINT account_site_of_tenant FOREIGN KEY (tenant, site) REFERENCES site (tenant, id);

-- 4. Words outside their list, and dates that run backward.
ALTER TABLE tenant ADD CONSTRAINT tenant_id_is_a_short_word CHECK (id ~ '^[a-z][a-z0-9_-]{0,62}$');
ALTER TABLE account ADD CONSTRAINT account_known_role
  CHECK (role IN ('volunteer', 'hr', 'coordinator', 'partner', 'union', 'cabinet', 'admin'));
ALTER TABLE account ADD CONSTRAINT account_email_in_lower_case CHECK (email = lower(email));
ALTER TABLE organisation ADD CONSTRAINT organisation_known_kind
  CHECK (kind IN ('district', 'community_based', 'municipal', 'faith_based', 'private', 'university', 'philanthropic'));
ALTER TABLE site ADD CONSTRAINT site_known_kind CHECK (kind IN ('school', 'hub', 'library', 'community_centre', 'office')),
  ADD CONSTRAINT site_known_setting CHECK (setting IN ('campus', 'off_campus'));
ALTER TABLE person ADD CONSTRAINT person_known_status CHECK (status IN ('active', 'left'));
ALTER TABLE placement ADD CONSTRAINT placement_known_state CHECK (state IN ('wished', 'placed', 'ended')),
  ADD CONSTRAINT placement_ends_after_it_starts CHECK (ends_on >= starts_on);
ALTER TABLE session ADD CONSTRAINT session_known_state CHECK (state IN ('planned', 'cancelled')),
  ADD CONSTRAINT session_ends_after_it_starts CHECK (ends_at > starts_at);
ALTER TABLE assignment ADD CONSTRAINT assignment_known_state CHECK (state IN ('planned', 'cancelled')),
  ADD CONSTRAINT assignment_ends_after_it_starts CHECK (ends_at > starts_at);
ALTER TABLE document ADD CONSTRAINT document_known_state CHECK (state IN ('waiting', 'approved', 'sent_back', 'withdrawn')),
  ADD CONSTRAINT document_known_way CHECK (received_by IN ('', 'phone', 'computer', 'office'));
ALTER TABLE determination ADD CONSTRAINT determination_known_outcome CHECK (outcome IN ('accepted', 'sent_back', 'not_accepted'));
ALTER TABLE evidence ADD CONSTRAINT evidence_known_state CHECK (state IN ('initiated', 'partial', 'complete')),
  ADD CONSTRAINT evidence_known_result CHECK (result IN ('clear', 'not_clear', 'qualified')),
  ADD CONSTRAINT evidence_known_purpose CHECK (purpose IN ('volunteer', 'employment'));
ALTER TABLE decision ADD CONSTRAINT decision_known_outcome
  CHECK (outcome IN ('allow', 'advise', 'provisional', 'needs_notice', 'needs_cosign', 'hold', 'block'));
ALTER TABLE credential ADD CONSTRAINT credential_known_state CHECK (state IN ('issued', 'withdrawn', 'on_hold')),
  ADD CONSTRAINT credential_withdrawn_with_its_time CHECK (state <> 'withdrawn' OR withdrawn_at IS NOT NULL);
ALTER TABLE waiver ADD CONSTRAINT waiver_ends_after_it_starts CHECK (ends_on >= starts_on);
ALTER TABLE message ADD CONSTRAINT message_known_channel CHECK (channel IN ('email', 'sms'));
ALTER TABLE plugin_switch ADD CONSTRAINT plugin_switch_ends_after_it_starts CHECK (until > since);

-- 5. What there is one of. The tenant is in every one, so that no district learns of another's rows.
ALTER TABLE organisation ADD CONSTRAINT organisation_one_per_external_id UNIQUE (tenant, external_id);
ALTER TABLE site ADD CONSTRAINT site_one_per_external_id UNIQUE (tenant, external_id);
ALTER TABLE person ADD CONSTRAINT person_one_per_external_id UNIQUE (tenant, external_id);
ALTER TABLE placement ADD CONSTRAINT placement_one_per_external_id UNIQUE (tenant, external_id);
ALTER TABLE evidence ADD CONSTRAINT evidence_one_per_external_id UNIQUE (tenant, person, kind, external_id);
ALTER TABLE stored_file ADD CONSTRAINT stored_file_one_per_content UNIQUE (tenant, sha256);
CREATE UNIQUE INDEX account_one_per_email ON account (tenant, lower(email)) WHERE email <> '';
CREATE UNIQUE INDEX decision_one_current ON decision (placement) WHERE current AND placement IS NOT NULL;
CREATE UNIQUE INDEX credential_one_issued ON credential (placement, kind) WHERE state = 'issued';
CREATE UNIQUE INDEX credential_one_per_cti ON credential (cti);
CREATE UNIQUE INDEX credential_one_per_number ON credential (tenant, number);
CREATE UNIQUE INDEX credential_one_per_status_index ON credential (tenant, status_index);
CREATE UNIQUE INDEX assignment_one_per_session ON assignment (session, person) WHERE state = 'planned';

-- 6. No double booking. A range of one UUID stands in for equality, which GiST knows only with an extension.
CREATE TYPE uuidrange AS RANGE (subtype = uuid);
ALTER TABLE assignment ADD COLUMN during tstzrange GENERATED ALWAYS AS (tstzrange(starts_at, ends_at, '[)')) STORED;
ALTER TABLE assignment ADD CONSTRAINT assignment_no_double_booking
  EXCLUDE USING gist (uuidrange(person, person, '[]') WITH &&, during WITH &&) WHERE (state = 'planned');

-- 7. The journal: append-only, each entry carrying the digest of the one before it in its district.
CREATE SEQUENCE journal_id_seq OWNED BY journal.id;
GRANT USAGE, SELECT ON SEQUENCE journal_id_seq TO staffing_app;
ALTER TABLE journal ALTER COLUMN id DROP DEFAULT,
  ALTER COLUMN digest SET NOT NULL,
  ADD CONSTRAINT journal_names_actor_action_and_subject CHECK (actor <> '' AND action <> '' AND subject <> '');
-- Two entries with the same one before them would be a fork.
CREATE UNIQUE INDEX journal_one_chain ON journal (tenant, coalesce(previous, ''::bytea));
CREATE INDEX journal_by_tenant ON journal (tenant, id);
CREATE INDEX journal_by_subject ON journal (tenant, subject, id);

CREATE FUNCTION journal_text(entry journal) RETURNS text LANGUAGE sql STABLE
RETURN jsonb_build_array(entry.id, to_char(entry.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                         entry.tenant, entry.actor, entry.action, entry.subject, entry.facts)::text;
COMMENT ON FUNCTION journal_text(journal) IS
  'The text of an entry that its digest is made of: SHA-256 of the digest before it followed by this in UTF-8.';

CREATE FUNCTION journal_chain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('staffing.journal/' || NEW.tenant, 0));
  -- After the lock, so that the order of the numbers and of the times is the order of the chain.
  NEW.id := nextval('public.journal_id_seq');
  NEW.at := clock_timestamp();
  SELECT digest INTO NEW.previous FROM public.journal WHERE tenant = NEW.tenant ORDER BY id DESC LIMIT 1;
  NEW.digest := sha256(coalesce(NEW.previous, ''::bytea) || convert_to(public.journal_text(NEW), 'UTF8'));
  RETURN NEW;
END $$;
CREATE TRIGGER journal_chain BEFORE INSERT ON journal FOR EACH ROW EXECUTE FUNCTION journal_chain();

CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the journal is append-only: % is not allowed', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER journal_no_change BEFORE UPDATE OR DELETE ON journal FOR EACH ROW EXECUTE FUNCTION journal_is_append_only();
CREATE TRIGGER journal_no_truncate BEFORE TRUNCATE ON journal FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only();
ALTER TABLE journal ENABLE ALWAYS TRIGGER journal_no_change, ENABLE ALWAYS TRIGGER journal_no_truncate;
REVOKE UPDATE, DELETE, TRUNCATE ON journal FROM staffing_app;

-- 8. The one question asked without a tenant: is this badge good? The policy lets the function's owner see the row where
--    the owner is no superuser; the application's role sees it through the function alone.
CREATE FUNCTION credential_by_cti(wanted bytea)
  RETURNS TABLE (tenant text, id uuid, state text, valid_through date, number text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
BEGIN ATOMIC
  SELECT c.tenant, c.id, c.state, c.valid_through, c.number FROM credential c WHERE c.cti = wanted;
END;
REVOKE EXECUTE ON FUNCTION credential_by_cti(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION credential_by_cti(bytea) TO staffing_app;
CREATE POLICY for_public_checks ON credential FOR SELECT TO CURRENT_USER USING (true);

-- 9. Indexes for what pages and nightly work ask.
CREATE INDEX document_waiting ON document (tenant, received_at) WHERE state = 'waiting';
CREATE INDEX document_by_person ON document (person);
CREATE INDEX evidence_by_person ON evidence (person);
CREATE INDEX determination_by_person ON determination (person);
CREATE INDEX decision_by_person ON decision (person, current);
CREATE INDEX decision_due ON decision (tenant, holds_until) WHERE current;
CREATE INDEX decision_by_placement ON decision (placement, made_at);
CREATE INDEX placement_by_person ON placement (person);
CREATE INDEX placement_by_site ON placement (site, state);
CREATE INDEX placement_by_position ON placement (position);
CREATE INDEX position_by_site ON position (site);
CREATE INDEX site_by_organisation ON site (organisation);
CREATE INDEX session_by_position ON session (position, starts_at);
CREATE INDEX assignment_by_session ON assignment (session);
CREATE INDEX assignment_by_person ON assignment (person, starts_at);
CREATE INDEX credential_by_person ON credential (person);
CREATE INDEX credential_by_placement ON credential (placement);
CREATE INDEX person_by_name ON person (tenant, search_name text_pattern_ops);
CREATE INDEX person_by_email ON person (tenant, lower(email)) WHERE email <> '';
CREATE INDEX person_by_organisation ON person (organisation) WHERE organisation IS NOT NULL;
CREATE INDEX account_by_email ON account (lower(email)) WHERE email <> '';
CREATE INDEX account_by_phone ON account (phone) WHERE phone <> '';
CREATE INDEX sign_in_code_by_address ON sign_in_code (address, created_at);
CREATE INDEX web_session_expired ON web_session (expires_at);
CREATE INDEX message_by_tenant ON message (tenant, created_at);
CREATE INDEX plugin_switch_by_tenant ON plugin_switch (tenant, plugin);
