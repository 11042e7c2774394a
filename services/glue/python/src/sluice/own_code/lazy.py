"""Clients and resources of boto3 that can be pickled: each user builds its own."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from typing import Any

import boto3
from botocore.config import Config

_CONNECTIONS = Config(max_pool_connections=64)
"""boto3 keeps 10, and opens a new one for each request beyond that."""


def build_client(gate: Callable[[Any], Any], options: Mapping[str, Any]) -> Any:
    return gate(_process.session().client("dynamodb", **_with_connections(options)))


def build_resource(gate: Callable[[Any], Any], options: Mapping[str, Any]) -> Any:
    return gate(_process.session().resource("dynamodb", **_with_connections(options)))


def build_table(gate: Callable[[Any], Any], options: Mapping[str, Any], name: str) -> Any:
    return build_resource(gate, options).Table(name)


def _with_connections(options: Mapping[str, Any]) -> dict[str, Any]:
    given: Config | None = options.get("config")
    return {**options, "config": _CONNECTIONS if given is None else _CONNECTIONS.merge(given)}


class Lazy:
    """Stands for what `build(*arguments)` returns, which is built again in each process.

    `per_thread`: in each thread, too. Resources of boto3 aren't safe with threads; clients are.
    """

    def __init__(self, build: Callable[..., Any], arguments: tuple[Any, ...], *, per_thread: bool) -> None:
        self._lazy_parts = (build, arguments, per_thread)
        self._lazy_built: Any = threading.local() if per_thread else _Slot()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            # Copying and pickling look for these attributes, which doesn't count as a use.
            raise AttributeError(name)
        return getattr(self._lazy_thing(), name)

    def _lazy_thing(self) -> Any:
        slot = self._lazy_built
        # A process that was forked doesn't share connections with its parent.
        if getattr(slot, "process", None) != os.getpid():
            with _process.lock:
                if getattr(slot, "process", None) != os.getpid():
                    build, arguments, _ = self._lazy_parts
                    slot.thing = build(*arguments)
                    slot.process = os.getpid()
        return slot.thing

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), *self._lazy_parts)

    def __repr__(self) -> str:
        build, arguments, _ = self._lazy_parts
        return f"<boto3 {build.__name__.removeprefix('build_')} under {arguments[0].__self__!r}>"


class LazyResource(Lazy):
    """A resource whose tables can be pickled as well."""

    def Table(self, name: str) -> Lazy:
        _, arguments, _ = self._lazy_parts
        return Lazy(build_table, (*arguments, name), per_thread=True)


def _restored(cls: type[Lazy], build: Callable[..., Any], arguments: tuple[Any, ...], per_thread: bool) -> Lazy:
    return cls(build, arguments, per_thread=per_thread)


class _Slot:
    """The objects that a process has built. In a thread-local, the same attributes are a thread's."""

    process: int | None = None
    thing: Any = None


class _Process:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        """Held while an object is built: sessions aren't safe with threads."""
        self._session: boto3.session.Session | None = None

    def session(self) -> boto3.session.Session:
        """One session for all: each session reads the description of the service again, which takes a tenth of a
        second."""
        if self._session is None:
            self._session = boto3.session.Session()
        return self._session


_process = _Process()


def _after_fork() -> None:
    # A thread of the parent process may have held the lock.
    global _process
    _process = _Process()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
