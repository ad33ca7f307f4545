-- 1. What a piece of evidence is besides whose and which it is, in 20 bytes: the name of all but its day, and the day (when it was
--    issued or, failing that, asked for). Pieces alike have the same. Whoever decides about many reads this and the id from the
--    index alone, in the order of people, however the rows lie in the table; what a name stands for is read once.
--    0x80000001 is no day that PostgreSQL has. Texts are in quotes, so that no two lists of them read the same.
ALTER TABLE evidence ADD COLUMN pattern bytea GENERATED ALWAYS AS (
  substr(sha256(
    CASE WHEN issued_on IS NULL THEN '\x00'::bytea ELSE '\x01' || coalesce(date_send(requested_on), '\x80000001') END
    || coalesce(date_send(expires_on), '\x80000001')
    || decode(replace(
         quote_nullable(kind) || ',' || quote_nullable(state) || ',' || quote_nullable(result) || ',' || quote_nullable(purpose)
         || ',' || quote_nullable(issuer) || ',' || quote_nullable(holder) || ',' || quote_nullable(jurisdiction)
         || ',' || quote_nullable(detail::text), '\', '\\'), 'escape')
  ), 1, 16)
  || coalesce(date_send(issued_on), date_send(requested_on), '\x80000001')) STORED;
COMMENT ON COLUMN evidence.pattern IS
  'A name for kind, state, result, purpose, issuer, holder, jurisdiction, detail and further days (16 bytes), and its day (4).';
DROP INDEX evidence_as_recorded;
CREATE INDEX evidence_as_recorded ON evidence (tenant, person, recorded_at, id) INCLUDE (pattern) WHERE NOT withdrawn;

-- 2. The same for what is stated of people and of their work, which is alike for many.
ALTER TABLE placement ADD COLUMN terms_name uuid GENERATED ALWAYS AS (
  encode(substr(sha256(decode(replace(terms::text, '\', '\\'), 'escape')), 1, 16), 'hex')::uuid) STORED;
ALTER TABLE person ADD COLUMN facts_name uuid GENERATED ALWAYS AS (
  encode(substr(sha256(decode(replace(facts::text, '\', '\\'), 'escape')), 1, 16), 'hex')::uuid) STORED;
COMMENT ON COLUMN placement.terms_name IS 'Names the text of terms: the same text has the same name.';
COMMENT ON COLUMN person.facts_name IS 'Names the text of facts: the same text has the same name.';
CREATE INDEX placement_as_decided ON placement (tenant, person, created_at) INCLUDE (id, site, starts_on, terms_name)
  WHERE state IN ('wished', 'placed');
CREATE INDEX person_as_decided ON person (tenant, id) INCLUDE (born_on, facts_name);

-- 3. A decision is about the person whose placement it is. As a foreign key this was checked row by row, at a third of the cost of
--    keeping a decision, and locked each placement; it is checked for all rows of a statement at once now. So that it stays true,
--    a decision keeps its placement and person, and a placement is never removed and keeps its person: it ends.
ALTER TABLE decision DROP CONSTRAINT decision_placement_of_person;
ALTER TABLE placement DROP CONSTRAINT placement_of_person;
ALTER TABLE placement ADD CONSTRAINT placement_of_person UNIQUE (id, person, tenant);

CREATE FUNCTION decision_placement_of_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM taken t WHERE t.placement IS NOT NULL AND NOT EXISTS (
      SELECT FROM public.placement p WHERE p.id = t.placement AND p.person = t.person AND p.tenant = t.tenant)
  ) THEN
    RAISE EXCEPTION 'a decision names a placement that is not in its district or not its person''s'
      USING ERRCODE = 'foreign_key_violation', TABLE = 'decision', CONSTRAINT = 'decision_placement_of_person';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER decision_placement_of_person AFTER INSERT ON decision REFERENCING NEW TABLE AS taken
  FOR EACH STATEMENT EXECUTE FUNCTION decision_placement_of_person();

CREATE FUNCTION stays_what_it_is() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a % is not removed, and keeps its id, its person and its district', TG_TABLE_NAME
    USING ERRCODE = 'foreign_key_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
CREATE TRIGGER decision_keeps_its_placement BEFORE UPDATE OF tenant, person, placement ON decision FOR EACH ROW
  WHEN (OLD.tenant <> NEW.tenant OR OLD.person <> NEW.person OR OLD.placement IS DISTINCT FROM NEW.placement)
  EXECUTE FUNCTION stays_what_it_is();
CREATE TRIGGER placement_keeps_its_person BEFORE UPDATE OF tenant, id, person ON placement FOR EACH ROW
  WHEN (OLD.tenant <> NEW.tenant OR OLD.id <> NEW.id OR OLD.person <> NEW.person) EXECUTE FUNCTION stays_what_it_is();
CREATE TRIGGER placement_is_not_removed BEFORE DELETE ON placement FOR EACH ROW EXECUTE FUNCTION stays_what_it_is();

-- 4. Who may have no decision yet is noted when a placement begins to count, so that nobody has to look through all placements
--    for it. A person may be noted several times; whoever decides about them takes the notes away.
CREATE INDEX undecided_by_person ON undecided (tenant, person);
ALTER TABLE undecided ALTER COLUMN id SET DEFAULT gen_random_uuid(), ALTER COLUMN person DROP DEFAULT;
COMMENT ON TABLE undecided IS 'People with a placement that may have no decision yet.';
ALTER TABLE placement NO FORCE ROW LEVEL SECURITY;
ALTER TABLE decision NO FORCE ROW LEVEL SECURITY;
INSERT INTO undecided (tenant, person) SELECT DISTINCT pl.tenant, pl.person FROM placement pl
  WHERE pl.state IN ('wished', 'placed') AND NOT EXISTS (SELECT FROM decision de WHERE de.placement = pl.id AND de.current);
ALTER TABLE placement FORCE ROW LEVEL SECURITY;
ALTER TABLE decision FORCE ROW LEVEL SECURITY;
SELECT protect_by_tenant('undecided'::regclass);

CREATE FUNCTION placement_counts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.undecided (tenant, person) VALUES (NEW.tenant, NEW.person);
  RETURN NULL;
END $$;
CREATE TRIGGER placement_counts AFTER INSERT OR UPDATE OF state ON placement FOR EACH ROW
  WHEN (NEW.state IN ('wished', 'placed')) EXECUTE FUNCTION placement_counts();

--    The last entry of a journal is always looked for in its index: on a young database PostgreSQL, not knowing better, read the
--    whole journal for each new entry.
ALTER FUNCTION journal_chain() SET enable_seqscan = off SET enable_sort = off;

-- 5. The name of a case is put together otherwise than before (staffing.core.case_name). Decisions that stand carry names of the
--    old kind; each is kept until it is next taken, and taken then as if its case had changed. Nothing becomes due by it.
