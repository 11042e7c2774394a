"""The times that shape how workers visit the ledger, and the quantities derived from them.

The same as shared/capacity/worker/pace.ts, which gives the reason of each number. All in milliseconds unless
stated otherwise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

SPREAD_MS = 250
"""A small slice is spent over about this time."""
DELAY_MS = SPREAD_MS / 2
"""How long after its place in the ledger a slice is spent, on average."""
BLUR_MS = 450
"""The accrual of small requests is averaged over this time."""
UNEVEN_BLUR_MS = 250
"""The same if the costs of requests are uneven."""
GRACE_MS = 250
"""Unspent credit of a slice stays valid for this long after it has accrued."""
SHORTEST_PERIOD_MS = 250
"""After a change, a worker comes for its next slice at this interval."""
LONGEST_PERIOD_MS = 1000
"""The longest interval between visits of one of few workers, however long nothing has changed."""
_LONGEST_SLEEP_MS = 1400
FEW_WORKERS = 8
"""Up to this many workers are few, whatever their requests cost."""
_MOST_FEW_WORKERS = 16
"""Up to this many are few if requests are large and a worker's share of the longest period holds more than one
request."""
_FEW_REQUEST_MS = 20
_FEW_REQUESTS = 1.5
VISITS_PER_SECOND = 212
"""Visits of all workers together, a second."""
_FIRST_VISITS_PER_SECOND = 120
"""First visits of workers that join together, a second: fewer, because each has just cost a join."""
FIRST_SHARE = VISITS_PER_SECOND / _FIRST_VISITS_PER_SECOND
"""The factor by which the first slice is therefore larger than a fair share."""
LEAD_MS = 150
"""How long before its next slice should start a worker reserves it."""
HORIZON_MS = 200
"""Nobody reserves when capacity is promised further ahead than this."""
_CROWDED_HORIZON = 0.35
"""If a fair share is less than a request, only this part of that horizon."""
PAST_MS = 100
"""If a fair share is less than a request, or a worker uses little of the limit, a slice may begin this long ago."""
_LATER_MS = 60
"""If a fair share is less than a request, all workers reserve this much later."""
_PASSED_OVER_MS = 50
"""For each turn that a worker missed it may reserve this much further ahead: as much as clocks may differ."""
LOW_MS = 100
"""Below this much promised ahead the ledger is running dry, and every worker with work takes more than its share."""
PROBE_MS = 1000
"""The reservation for a job's first request, whose cost is unknown. It is corrected as soon as the request is done."""
PAUSED_LOOK_MS = 1000
"""While the ledger is paused, a worker with waiting requests checks at about this interval whether it was resumed."""
CHECK_MS = 80
"""This long before all promised capacity is used up, one of few workers checks whether the others reserve."""
LOOK_MS = 1000
"""A worker that needs nothing looks at the ledger after this long nevertheless."""
CONTENT_MS = 20
"""It computes what it needs after this long, or as soon as a request has to wait."""
_FIRST_RETRY_MS = 50
_LONGEST_RETRY_MS = 1000
"""A worker that could not reach the ledger tries again after this long; twice as long after each failure in a row."""


def are_few(workers: float, cost: float) -> bool:
    """Whether this many workers count as few, whose visits become rare while nothing changes.

    `cost`: of a request, milliseconds of account time; 0 while it is unknown.
    """
    if workers <= FEW_WORKERS:
        return True
    large = cost >= _FEW_REQUEST_MS and _FEW_REQUESTS * cost * workers <= LONGEST_PERIOD_MS
    return workers <= _MOST_FEW_WORKERS and large


def retry_ms(failures: int, random: float) -> float:
    """When to try again after so many failures in a row. `random`: between 0 and 1; spreads the workers."""
    return float(min(_LONGEST_RETRY_MS, _FIRST_RETRY_MS * 2 ** (failures - 1)) * (0.75 + 0.25 * random))


def visit_gap_ms(workers: float) -> float:
    """How often each of `workers` may visit the ledger."""
    return 1000 * workers / VISITS_PER_SECOND


def longest_sleep_ms(gap: float, few: bool) -> float:
    """The longest sleep of a waiting worker, however far ahead capacity is promised."""
    least = _LONGEST_SLEEP_MS if few else 500
    return max(least, gap) if gap < 1900 else 1.5 * gap


def first_visit_ms(workers: float) -> float:
    """How long after joining a worker first visits the ledger, as one of `workers`."""
    return 1000 * max(0, workers - 1) / _FIRST_VISITS_PER_SECOND


def period_ms(workers: float) -> float:
    """How long a worker's fair share of one visit lasts."""
    return max(SHORTEST_PERIOD_MS, visit_gap_ms(workers))


def longest_period_ms(workers: float, few: bool) -> float:
    """The longest that a worker's period can become."""
    return LONGEST_PERIOD_MS if few else period_ms(workers)


def longest_span_ms(pace_ms: float, alone: bool) -> float:
    """The largest slice that a worker can spend in time, if it can spend `pace_ms` of account time in each millisecond.

    A slice lasts SPREAD_MS, or its own length if that is longer, and most of its grace.
    """
    grace = (0.6 if alone else 0.3) * GRACE_MS
    sure = pace_ms if alone else pace_ms / 1.25
    short = sure * (SPREAD_MS + grace)
    if short <= SPREAD_MS:
        return short
    return math.inf if sure >= 1 else sure * grace / (1 - sure)


def horizon_for(owed: float, turn: float, crowded: bool) -> float:
    """How far ahead a worker may reserve if it is owed `owed` milliseconds of account time.

    Once it is owed `turn` (a share or a request, whichever is more), it may reserve up to the full horizon. The more it
    had beyond its share, the shorter its horizon, so that those who had least come first when the ledger runs dry. If
    it was passed over, it may reserve further ahead. Otherwise workers with slow clocks would always be passed over.
    """
    most = HORIZON_MS + min(2, owed / turn - 1) * _PASSED_OVER_MS
    least = max(0.75 * LOW_MS, LOW_MS + (HORIZON_MS - LOW_MS) * owed / turn)
    return _near(most if owed > turn else least, crowded)


def _near(horizon: float, crowded: bool) -> float:
    return _CROWDED_HORIZON * horizon - _LATER_MS if crowded else horizon


def most_horizon(crowded: bool) -> float:
    """How far ahead a worker may always reserve what it is owed."""
    return _near(HORIZON_MS, crowded)


def low_ms(crowded: bool) -> float:
    """If less than this is promised ahead, a worker that comes takes more than it is owed."""
    return 0.2 * LOW_MS - _LATER_MS if crowded else LOW_MS


def held_to_start(estimate: float, crowded: bool) -> float:
    """The part of a request's cost that must be held before the request starts: most of the cost if a share is less
    than a request, and otherwise half."""
    return 0.7 * estimate if crowded else estimate / 2


def whole_requests(held: float, estimate: float, crowded: bool) -> int:
    """How many whole requests `held` allows, by `held_to_start`."""
    return max(0, math.floor((held - held_to_start(estimate, crowded)) / estimate + 1))


@dataclass(frozen=True)
class Need:
    """A worker's state at a visit; all but `wanted` and `crowded` in milliseconds of account time."""

    held: float
    """Reserved and unspent, negative in debt."""
    lag: float
    """Credit that should have been spent by now. A worker that does not keep up asks for less."""
    owed: float
    """Fair share not yet taken."""
    estimate: float
    """Cost of a request."""
    wanted: float
    """Requests for which there is work but no credit yet."""
    crowded: bool
    """A fair share of one visit is less than one request."""


def span_to_reserve(need: Need, at_least: int = 0) -> float:
    """How much to reserve for a whole number of requests; 0 if nothing is needed.

    `at_least`: requests to reserve for even if not owed.
    """
    estimate = need.estimate
    remainder = need.held - whole_requests(need.held, estimate, need.crowded) * estimate
    late = max(0, math.floor(need.lag / estimate))
    owed_requests = max(at_least, math.floor((need.owed + remainder) / estimate + 1e-6))
    requests = min(owed_requests - late, need.wanted)
    return 0.0 if requests < 1 else requests * estimate - remainder


def wanted_requests(waiting: int, requests_per_ms: float, period: float, span: float) -> float:
    """The number of requests for which there is work.

    These are the requests that wait, plus 1.5 times those that the worker could make until the slice after the next one
    begins, because requests differ in duration. But they are no more than the worker could make before its credit
    becomes void. A worker that wants little leaves the rest to the others.
    """
    valid = max(SPREAD_MS, span) + GRACE_MS
    more = requests_per_ms * min(1.5 * period, 1.05 * valid)
    return waiting + (math.floor(more + 0.5) if math.isfinite(more) else more)
