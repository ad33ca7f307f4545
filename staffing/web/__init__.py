"""Pages and addresses: the public site, the signed-in volunteer, HR, the public check. The top floor.

Each surface is a module with a list ``handlers``. A handler is async, takes ``request`` and, from the address,
``FromPath[...]``/``FromQuery[...]`` parameters (``litestar.params``); it answers with ``page.page(request, "x/y.html", ...)`` or,
after a change, ``Redirect(address, status_code=303)``; it is guarded by ``guards.needs(...)``; transactions are in services.
"""
