"""Sets and removes attributes, as declared in JSON."""

from __future__ import annotations

from sluice.operations.change_items import ChangeItems, Ground
from sluice.operations.changes import compile_update
from sluice.writing.conditional_write import Decide


class Update(ChangeItems):
    def decider(self, ground: Ground) -> Decide:
        return compile_update(ground.params, ground.target, ground.job)
