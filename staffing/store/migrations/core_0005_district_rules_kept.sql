-- 1. A district's packs: one of each version, none changed or removed afterwards, so that what counted on a day can be told
--    years later.
SELECT protect_by_tenant('district_pack'::regclass);
ALTER TABLE district_pack
  ADD CONSTRAINT district_pack_one_per_version UNIQUE (tenant, overlay, version),
  ADD CONSTRAINT district_pack_named CHECK (overlay <> '' AND version > 0 AND made_by <> ''),
  ADD CONSTRAINT district_pack_text_with_its_digest CHECK ((text = '') = (digest = ''));

CREATE FUNCTION district_pack_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'district packs are append-only: % is not allowed', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER district_pack_no_change BEFORE UPDATE OR DELETE ON district_pack
  FOR EACH ROW EXECUTE FUNCTION district_pack_is_append_only();
CREATE TRIGGER district_pack_no_truncate BEFORE TRUNCATE ON district_pack
  FOR EACH STATEMENT EXECUTE FUNCTION district_pack_is_append_only();
ALTER TABLE district_pack ENABLE ALWAYS TRIGGER district_pack_no_change, ENABLE ALWAYS TRIGGER district_pack_no_truncate;
REVOKE UPDATE, DELETE, TRUNCATE ON district_pack FROM staffing_app;

-- 2. Waivers: each has a number of its own in its district and names at least one section. Those from before named a rule.
ALTER TABLE waiver NO FORCE ROW LEVEL SECURITY;
UPDATE waiver w SET number = 'W-' || n.number, sections = jsonb_build_array(coalesce(nullif(w.citation, ''), w.rule))
  FROM (SELECT id, row_number() OVER (PARTITION BY tenant ORDER BY created_at, id) AS number FROM waiver) n
  WHERE n.id = w.id AND w.number = '';
ALTER TABLE waiver FORCE ROW LEVEL SECURITY;
ALTER TABLE waiver
  ADD CONSTRAINT waiver_one_per_number UNIQUE (tenant, number),
  ADD CONSTRAINT waiver_names_sections
    CHECK (CASE WHEN jsonb_typeof(sections) = 'array' THEN jsonb_array_length(sections) > 0 ELSE false END);
REVOKE DELETE, TRUNCATE ON waiver FROM staffing_app;
