from __future__ import annotations

from golden import typescript_golden
from sluice.aws.dynamo_json import from_json_value
from sluice.capacity.metering import failed_write_capacity_units, read_capacity_units, write_capacity_units
from sluice.tables.schema import TableSchema
from sluice.tables.write_consumption import write_consumption
from sluice.writing.written import consumption_json


def test_writes_consume_what_the_typescript_code_computes() -> None:
    golden = typescript_golden("writeConsumption")
    schema = TableSchema.of(golden["schema"])
    for case in golden["cases"]:
        consumed = write_consumption(from_json_value(case["before"]), from_json_value(case["after"]), schema)
        assert consumption_json(consumed) == case["consumed"], case


def test_sizes_cost_the_same_units() -> None:
    for case in typescript_golden("units"):
        size = case["bytes"]
        assert case == {
            "bytes": size,
            "eventual": read_capacity_units(size, "eventual"),
            "strong": read_capacity_units(size, "strong"),
            "transactional": read_capacity_units(size, "transactional"),
            "write": write_capacity_units(size),
            "transactionalWrite": write_capacity_units(size, True),
            "failedOf4097": failed_write_capacity_units(4_097, size),
        }
