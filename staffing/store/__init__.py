"""PostgreSQL: the engine, the built-in server, tables, migrations, the journal, jobs and encrypted files."""
