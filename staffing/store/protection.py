"""Row-level security: which tables of a tenant are under it, and how to find one that was forgotten."""

from __future__ import annotations

#: Tables that have a tenant and are read before it is known, or by the outbox.
NOT_PROTECTED = frozenset({"account", "message"})

#: Tables that have a tenant and no row-level security; the argument is ``NOT_PROTECTED``.
UNPROTECTED = """
SELECT c.oid::regclass::text AS name
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant'
WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND NOT a.attisdropped
  AND NOT (n.nspname = 'public' AND c.relname = ANY ($1)) AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
ORDER BY 1"""
