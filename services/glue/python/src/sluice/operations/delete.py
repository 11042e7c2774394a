"""Deletes items: all, or those that meet a condition."""

from __future__ import annotations

from sluice.operations.change_items import ChangeItems, Ground
from sluice.operations.changes import compile_delete
from sluice.writing.conditional_write import Decide


class Delete(ChangeItems):
    def decider(self, ground: Ground) -> Decide:
        return compile_delete(ground.params, ground.target)
