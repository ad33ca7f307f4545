-- 1. Decisions taken for a whole district at once are kept in parts: what a rule said, once for everybody it was said of, and
--    in the row only what is this person's own. The id of a part is made of its text, so the same words are the same part.
ALTER TABLE decision_part DROP CONSTRAINT decision_part_pkey, ADD PRIMARY KEY (tenant, id);
SELECT protect_by_tenant('decision_part'::regclass);
REVOKE UPDATE, DELETE, TRUNCATE ON decision_part FROM staffing_app;
COMMENT ON TABLE decision_part IS 'What decision.parts names: first the facts of the work by name, then a finding for each rule.';

ALTER TABLE decision
  ADD COLUMN parts bigint[],
  ADD COLUMN named uuid[],
  ADD COLUMN facts jsonb,
  ADD CONSTRAINT decision_whole_or_in_parts
    CHECK ((parts IS NULL) = (named IS NULL) AND (parts IS NULL) = (facts IS NULL) AND cardinality(parts) = cardinality(named) + 1);
COMMENT ON COLUMN decision.named IS 'The evidence that each finding names, in the order of the parts.';

CREATE FUNCTION decision_body(d decision) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN d.parts IS NULL THEN d.body ELSE jsonb_build_object(
  'on', d.on_day, 'outcome', d.outcome, 'holds_until', d.holds_until, 'sessions', '[]'::jsonb,
  'case_hash', d.case_hash, 'rules_hash', d.rules_hash,
  'findings', (
    SELECT coalesce(jsonb_agg(
      (w.body - 'uses' - 'severity') || jsonb_build_object(
        'evidence', coalesce(to_jsonb(d.named[p.n]), w.body -> 'evidence'),
        'facts', (
          SELECT coalesce(jsonb_agg(coalesce(d.facts -> u.name, work.body -> u.name) ORDER BY u.n), '[]'::jsonb)
          FROM jsonb_array_elements_text(w.body -> 'uses') WITH ORDINALITY u(name, n)
          WHERE d.facts ? u.name OR work.body ? u.name
        ) || (w.body -> 'facts'))
      ORDER BY (w.body ->> 'severity')::integer DESC, w.body ->> 'rule' COLLATE "C"), '[]'::jsonb)
    FROM unnest(d.parts[2:]) WITH ORDINALITY p(id, n)
    JOIN decision_part w ON w.tenant = d.tenant AND w.id = p.id
    CROSS JOIN (SELECT body FROM decision_part k WHERE k.tenant = d.tenant AND k.id = d.parts[1]) work
  )) END;
COMMENT ON FUNCTION decision_body(decision) IS 'The decision as staffing.core.findings.Decision in JSON, however it is kept.';

-- 2. A decision is about the person whose placement it is; one key says both, at half the cost of two. A decision about no
--    placement names its person alone.
ALTER TABLE placement ADD CONSTRAINT placement_of_person UNIQUE (tenant, id, person);
ALTER TABLE decision
  ADD COLUMN person_alone uuid GENERATED ALWAYS AS (CASE WHEN placement IS NULL THEN person END) STORED,
  DROP CONSTRAINT decision_placement_of_tenant,
  DROP CONSTRAINT decision_person_of_tenant;
ALTER TABLE decision
  ADD CONSTRAINT decision_placement_of_person FOREIGN KEY (tenant, placement, person) REFERENCES placement (tenant, id, person),
  ADD CONSTRAINT decision_person_of_tenant FOREIGN KEY (tenant, person_alone) REFERENCES person (tenant, id);

-- 3. Each index costs every decision that is kept. One key of a decision serves the foreign key too; the history of a
--    placement is read along its person's. Evidence is read in the order in which it was recorded.
ALTER TABLE credential DROP CONSTRAINT credential_decision_of_tenant;
ALTER TABLE decision DROP CONSTRAINT decision_pkey, DROP CONSTRAINT decision_in_tenant;
ALTER TABLE decision ADD CONSTRAINT decision_pkey PRIMARY KEY (id, tenant);
ALTER TABLE credential ADD CONSTRAINT credential_decision_of_tenant FOREIGN KEY (tenant, decision) REFERENCES decision (tenant, id);
DROP INDEX decision_by_placement;
-- What is due under the rules that count, what was taken under others, and (skipping over the few rules there are) what lapses.
DROP INDEX decision_due;
CREATE INDEX decision_due ON decision (tenant, rules_hash, holds_until) WHERE current;
CREATE INDEX evidence_as_recorded ON evidence (person, recorded_at, id);
DROP INDEX evidence_by_person;
