"""The twin of histogram.ts for the spark driver: how often each value of an attribute occurs.

mkdir -p dist && zip -j dist/operations.zip examples/ownOperation/histogram.py
pulumi config set glueExtraPyFiles dist/operations.zip
pulumi config set gluePythonOperations histogram=histogram:page
npm run sluice -- start histogram orders --driver spark --read-rate 50% --params '{"attribute":"total","width":100}'
"""

import math


def page(page, so_far, tools):
    """Adds a page to the bars so far. `finish` of histogram.ts adds up those of all units, so the form is the same."""
    bars = dict(so_far or {})
    for item in page.items:
        bar = bar_of(item, **page.params)
        bars[bar] = bars.get(bar, 0) + 1
    return bars


page.pure = True
"""It acts on nothing but its result."""


def bar_of(item, attribute, width=1):
    value = item.get(attribute, {})
    if "S" in value:
        return value["S"] or "(empty)"
    if "N" not in value:
        return "(none)"
    lowest = math.floor(float(value["N"]) / width) * width
    # As JavaScript writes it: 2, not 2.0.
    return str(int(lowest) if lowest == int(lowest) else lowest)
