from __future__ import annotations

import pytest

from sluice.errors import SluiceError
from sluice.spark.arguments import run_arguments

NEEDED = ["--job_id", "a", "--jobs_table", "jobs", "--region", "eu-central-1"]
DEFAULTS = ["--results_bucket", "results", "--unit_queue_url", "https://sqs/1/units"]


def test_other_arguments_that_glue_passes_are_ignored() -> None:
    of_glue = ["--JOB_NAME", "lab-glue", "--enable-metrics", "--TempDir=s3://b/tmp", "true", "--JOB_RUN_ID", "jr_1"]
    given = ["main.py", *of_glue, *NEEDED, *DEFAULTS, "--stretch_seconds", "30", "--writing_queue_url", "w"]
    arguments = run_arguments(given)
    assert arguments.writing_queue_url == "w"
    assert (arguments.job_id, arguments.jobs_table, arguments.region) == ("a", "jobs", "eu-central-1")
    assert (arguments.results_bucket, arguments.unit_queue_url) == ("results", "https://sqs/1/units")
    assert (arguments.concurrency, arguments.stretch_seconds, arguments.python_operations) == (16, 30, {})


def test_a_value_may_follow_an_equals_sign() -> None:
    twins = '--python_operations={"mine": "my_module:mine"}'
    arguments = run_arguments([*NEEDED, *DEFAULTS, "--concurrency=4", twins])
    assert arguments.writing_queue_url is None
    assert (arguments.concurrency, arguments.python_operations) == (4, {"mine": "my_module:mine"})


def test_all_problems_are_in_one_sentence() -> None:
    wrong = ["--concurrency", "0", "--stretch_seconds", "1.5", "--python_operations", "[1]"]
    with pytest.raises(SluiceError) as raised:
        run_arguments(["--job_id", "--jobs_table", "jobs", *wrong])
    assert str(raised.value) == (
        "The run's arguments are wrong: --job_id is missing; --region is missing; --results_bucket is missing; "
        '--unit_queue_url is missing; --concurrency must be a whole number from 1 on, it is "0"; '
        '--stretch_seconds must be a whole number from 1 on, it is "1.5"; '
        '--python_operations must be JSON such as {"myOperation": "my_module:my_function"}.'
    )
