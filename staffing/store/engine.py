"""The database: Piccolo's PostgreSQL engine with its sharp edges taken off, and the tenant every row belongs to.

A nested ``transaction()`` is a savepoint, a failing COMMIT gives its connection back, ``batch()`` and times without a zone are
refused, JSON is what msgspec makes of a value, and nothing connects at import. ``tenant_transaction()`` is how services open a
transaction.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from contextvars import ContextVar
from datetime import datetime
from types import TracebackType
from typing import Any, Literal, cast

import asyncpg
import msgspec
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction
from piccolo.querystring import QueryString
from piccolo.utils import sql_values

from staffing.store.refusals import in_words


def _as_json(value: Any, pretty: bool = False) -> str:
    """What goes into a JSONB column. Piccolo's own stores the ``repr`` of whatever it does not know, a Struct for one."""
    return msgspec.json.encode(value).decode()


sql_values.dump_json = _as_json  # type: ignore[attr-defined, assignment]

#: Piccolo notes its migrations in a column without a zone.
_PICCOLOS_OWN = 'INSERT INTO "migration"'

#: The district whose rows this task works on; row-level security shows no others.
_tenant: ContextVar[str] = ContextVar("staffing_tenant", default="")


def current_tenant() -> str:
    """The tenant of the open ``tenant_transaction``, or '' outside one (which matches no row)."""
    return _tenant.get()


class Transaction(PostgresTransaction):
    """A block inside a block is a savepoint, and the connection always goes back to the pool.

    ``lost`` says, after the block, whether the connection was closed by the server or the network meanwhile.
    """

    __slots__ = ("_savepoint", "lost")

    async def __aenter__(self) -> Transaction:
        if self._parent is not None:
            self._savepoint = await self._parent.savepoint()
            return cast(Transaction, self._parent)
        self.lost = False
        self.connection = await self.get_connection()  # type: ignore[no-untyped-call]
        try:
            self.transaction = self.connection.transaction()
            await self.begin()  # type: ignore[no-untyped-call]
        except BaseException:
            await self._give_back()
            raise
        self.context = self.engine.current_transaction.set(self)
        return self

    async def __aexit__(
        self, exception_type: type[BaseException] | None, exception: BaseException | None, traceback: TracebackType | None
    ) -> Literal[False]:
        if self._parent is not None:
            await (self._savepoint.rollback_to() if exception else self._savepoint.release())
            return False
        try:
            if exception is not None:
                if not self._rolled_back:
                    await self._roll_back()
            elif not self._committed and not self._rolled_back:
                await self.commit()  # type: ignore[no-untyped-call]
        finally:
            self.engine.current_transaction.reset(self.context)
            self.lost = self.is_gone()
            await self._give_back()
        return False

    async def _roll_back(self) -> None:
        """Roll back; on a connection that is gone the server has done so, and the error that tells of it goes on."""
        try:
            await self.rollback()  # type: ignore[no-untyped-call]
        except (asyncpg.InterfaceError, asyncpg.InternalClientError, asyncpg.PostgresError, OSError):
            if not self.is_gone():
                raise

    def is_gone(self) -> bool:
        """Whether the server or the network has closed the connection of the open block."""
        try:
            return bool(self.connection.is_closed())
        except asyncpg.InterfaceError:  # the pool took it back when it closed
            return True

    async def _give_back(self) -> None:
        if self.engine.pool:
            await self.engine.pool.release(self.connection)
        else:
            await self.connection.close()


class Database(PostgresEngine):
    """One engine for the process, made at import and told its address later by ``configure``."""

    async def check_version(self) -> None:
        """Piccolo would open a connection here, at import; ``store.server`` checks the version instead."""

    async def prep_database(self) -> None:
        """No CREATE EXTENSION: the built-in server has none to offer."""

    def configure(self, **config: Any) -> None:
        """Set the asyncpg connection arguments (``dsn``, ``server_settings`` …)."""
        self.config = config

    def transaction(self, allow_nested: bool = True) -> Transaction:
        """A block in a transaction, or in a savepoint of the open one: an error undoes what the block did."""
        return Transaction(engine=self, allow_nested=allow_nested)

    async def batch(self, *args: Any, **kwargs: Any) -> Any:
        """Refused with ``TypeError``."""
        raise TypeError("Piccolo's batch() hides exceptions and leaves the transaction; use DB.stream()")

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        """The transaction's connection if one is open, else one for a moment."""
        if transaction := self.current_transaction.get():
            yield transaction.connection
        elif self.pool:
            async with self.pool.acquire() as connection:
                yield connection
        else:
            connection = await self.get_new_connection()
            try:
                yield connection
            finally:
                await connection.close()

    async def run_querystring(self, querystring: QueryString, in_pool: bool = True) -> Any:
        """Run a query. Refuses a time without a zone (``ValueError``): asyncpg would read it in the machine's own zone."""
        sql, values = querystring.compile_string(engine_type=self.engine_type)
        for value in values:
            if isinstance(value, datetime) and value.tzinfo is None and not sql.startswith(_PICCOLOS_OWN):
                raise ValueError(f"the time {value} has no zone; make it with staffing.clock.now() or give it one")
        return await super().run_querystring(querystring, in_pool)

    async def run_script(self, sql: str) -> None:
        """Run several statements at once (Piccolo's ``raw`` and ``run_ddl`` take one)."""
        async with self.connection() as connection:
            await connection.execute(sql)

    async def stream(self, query: Any, prefetch: int = 500) -> AsyncIterator[dict[str, Any]]:
        """The rows of a Piccolo select, a few at a time, from a snapshot of their own and the current tenant."""
        if self.pool is None:
            raise ValueError("DB.stream() needs the pool to be open")
        sql, args = query.querystrings[0].compile_string(engine_type="postgres")
        async with self.pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
            await connection.execute("SELECT set_config('staffing.tenant', $1, true)", current_tenant())
            async for row in connection.cursor(sql, *args, prefetch=prefetch):
                yield dict(row)


DB = Database(config={})


@contextlib.asynccontextmanager
async def tenant_transaction(tenant: str) -> AsyncIterator[PostgresTransaction]:
    """Open a transaction (or a savepoint in one) that sees and writes only the rows of this tenant.

    The tenant is also what new rows of a tenant's tables carry. Raises ``ValueError`` for an empty tenant and for another tenant
    inside an open block. What the database refused leaves the outermost block as a sentence where ``store.refusals`` has one.
    """
    if not tenant:
        raise ValueError("a tenant_transaction needs a tenant")
    if (outer := current_tenant()) and outer != tenant and DB.current_transaction.get() is not None:
        raise ValueError(f"a transaction for {outer} is open; {tenant} cannot be worked on inside it")
    outermost = DB.current_transaction.get() is None
    token = _tenant.set(tenant)
    transaction: Transaction | None = None
    try:
        async with DB.transaction() as transaction:
            await transaction.connection.execute("SELECT set_config('staffing.tenant', $1, true)", tenant)
            yield transaction
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as exc:
        ours = transaction is None or not isinstance(exc, OSError)  # an OSError in the block may be about anything
        if outermost and ours and (refusal := in_words(exc, lost=transaction is not None and transaction.lost)):
            raise refusal from exc
        raise
    finally:
        _tenant.reset(token)


@contextlib.asynccontextmanager
async def apart(tenant: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection in a transaction of its own for this tenant, whatever transaction is open: what it writes stays.

    For what may be kept though the rest fails, and what must not keep another transaction waiting for the open one's end.
    """
    connection = await DB.get_new_connection()
    try:
        async with connection.transaction():
            await connection.execute("SELECT set_config('staffing.tenant', $1, true)", tenant)
            yield connection
    finally:
        await connection.close()
