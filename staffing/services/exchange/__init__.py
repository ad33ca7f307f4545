"""Bringing people, sites and evidence in from other systems: read, plan (a dry run), commit all or nothing."""
