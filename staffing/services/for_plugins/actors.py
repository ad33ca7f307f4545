"""The one who acts, for a plugin and for the use cases."""

from __future__ import annotations

from typing import cast

from staffing.hookspecs import Viewer
from staffing.services import actors
from staffing.services.actors import Actor, Role


def actor(viewer: Viewer) -> Actor:
    """The actor behind a viewer."""
    return Actor(
        tenant=viewer.tenant,
        name=viewer.name,
        role=cast(Role, viewer.role),
        account=viewer.account,
        person=viewer.person,
        organisation=viewer.organisation,
        site=viewer.site,
    )


def system_viewer(tenant: str) -> Viewer:
    """The viewer of a plugin's tasks: the system itself, which may do what it is for."""
    who = actors.system(tenant)
    return Viewer(tenant=tenant, name=who.name, role=who.role, tag=who.tag)
