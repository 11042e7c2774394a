"""The limiters of this process. All copies of a limit in the process share them, so the process counts as one
worker."""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
from collections.abc import Iterable
from functools import partial
from typing import Any
from weakref import WeakSet

from sluice.aws.clients import Clients
from sluice.aws.transient import retry_transient
from sluice.capacity.ledger import DynamoDbLedger, Ledger
from sluice.capacity.limiter import CapacityLimiter, Permit
from sluice.errors import SluiceError
from sluice.own_code.ledgers import SharedLedger, SharedLedgers, read_job, refuse_ended

PAUSE_S = 1.0
"""While a limit is paused, requests check at this interval whether it was resumed."""
JOB_LOOK_S = 5.0
"""While it is paused, the job's record is read at most at this interval."""

_CONNECTIONS = 4
"""Each limiter makes one request to its ledger at a time."""

_log = logging.getLogger("sluice")


class _Process:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.clients: dict[str, Any] = {}
        self.limiters: dict[SharedLedger, CapacityLimiter] = {}
        self.users: dict[SharedLedger, WeakSet[Any]] = {}

    def limiter(self, ledger: SharedLedger, user: Any) -> CapacityLimiter:
        """The limiter of a ledger, open from now on until all its users have left."""
        with self.lock:
            self.users.setdefault(ledger, WeakSet()).add(user)
            if ledger not in self.limiters:
                client = self._client(ledger.region)
                books = Ledger(DynamoDbLedger(client, ledger.jobs_table, ledger.key), ledger.member)
                on_error = partial(self._on_ledger_error, ledger)
                limiter = CapacityLimiter(books, when_paused="reject", on_ledger_error=on_error)
                limiter.open()
                self.limiters[ledger] = limiter
            return self.limiters[ledger]

    def client(self, region: str) -> Any:
        """A client that isn't limited."""
        with self.lock:
            return self._client(region)

    def _client(self, region: str) -> Any:
        if region not in self.clients:
            self.clients[region] = Clients(region, _CONNECTIONS).of("dynamodb")
        return self.clients[region]

    def leave(self, ledgers: Iterable[SharedLedger], user: Any) -> None:
        """Closes the limiters that nobody else uses."""
        with self.lock:
            for ledger in ledgers:
                self.users.get(ledger, set()).discard(user)
            unused = [self.limiters.pop(each) for each in ledgers if each in self.limiters and not self.users[each]]
        for limiter in unused:
            limiter.close()

    def close(self) -> None:
        """Unspent capacity goes back when the process ends. Spark's own Python workers end without this."""
        for ledger in list(self.limiters):
            self._drop(ledger)

    def _on_ledger_error(self, ledger: SharedLedger, error: Exception) -> None:
        """Called in a thread of the limiter. Requests wait until the ledger can be reached, unless it is gone."""
        _log_trouble(ledger, error)
        if isinstance(error, SluiceError) and error.code == "capacity.ledger-missing":
            threading.Thread(target=self._drop, args=(ledger,), daemon=True).start()

    def _drop(self, ledger: SharedLedger) -> None:
        """Turns away all waiting requests, and all new ones."""
        with self.lock:
            limiter = self.limiters.pop(ledger, None)
        try:
            if limiter is not None:
                limiter.close()
        except Exception as error:
            _log_trouble(ledger, error)


_process = _Process()
atexit.register(_process.close)


def _after_fork() -> None:
    # A thread of the parent process may have held it. The limiters handle the fork themselves.
    _process.lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _log_trouble(ledger: SharedLedger, error: Exception) -> None:
    _log.warning("The ledger of %s for %s on table %s: %s", ledger.owner, ledger.direction, ledger.table, error)


class LimitSession:
    """The common state of requests under one limit: whether it is closed, and whether its job has ended."""

    def __init__(self, shared: SharedLedgers) -> None:
        self.shared = shared
        self.closed = threading.Event()
        self._lock = threading.Lock()
        self._look_at = 0.0

    def close(self) -> None:
        self.closed.set()
        _process.leave(self.shared.ledgers, self)

    def wait_out_pause(self, ledger: SharedLedger) -> None:
        """Waits a little. Raises SluiceError JOB_ENDED if the limit's job will never go on."""
        self.closed.wait(PAUSE_S)
        job = self.shared.job
        with self._lock:
            if job is None or time.monotonic() < self._look_at:
                return
            self._look_at = time.monotonic() + JOB_LOOK_S
        client = _process.client(ledger.region)
        head = retry_transient(lambda: read_job(job, client, ledger.jobs_table), self.closed)
        if head is None:
            raise SluiceError("JOB_ENDED", f"Job {job} has been deleted, and its limit with it.", value="deleted")
        refuse_ended(head)


class SharedLimiter:
    """Waits under one ledger of a limit, in any process that uses it. For the gate of a client."""

    def __init__(self, session: LimitSession, ledger: SharedLedger) -> None:
        self._session = session
        self.ledger = ledger
        self._limiter: CapacityLimiter | None = None

    def acquire(self) -> Permit:
        """Waits for capacity, and while the limit is paused.

        Raises SluiceError `capacity.closed`, `capacity.ledger-missing` or JOB_ENDED, or the ledger's errors.
        """
        while not self._session.closed.is_set():
            try:
                return retry_transient(self._open().acquire, self._session.closed)
            except SluiceError as error:
                if error.code == "capacity.closed":
                    break
                if error.code not in ("capacity.paused", "OUT_OF_TIME"):
                    raise
            self._session.wait_out_pause(self.ledger)
        name = self._session.shared.name
        if self._session.closed.is_set():
            raise SluiceError("capacity.closed", f"limit: must be open to let requests through, {name} is closed here")
        raise SluiceError("capacity.ledger-missing", f"limit: the ledger of {name} must exist, but was deleted")

    def throttled(self) -> None:
        self._open().throttled()

    def _open(self) -> CapacityLimiter:
        if self._limiter is None:
            self._limiter = _process.limiter(self.ledger, self._session)
        return self._limiter
