"""The fixed script of a run on Spark (AWS Glue). Each slot of its executors runs a worker of the job: engine/worker.py.

    --job_id X --jobs_table Y --region Z, and what is the same for all runs; see arguments.py

Spark is a pool of processes here. A task that is lost with its executor is begun again by Spark, and finds in the
records what is left to do.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence

from botocore.exceptions import ClientError
from pyspark import SparkConf, SparkContext

from sluice.aws.clients import NO_CREDENTIALS, Clients
from sluice.clock import system_clock
from sluice.engine.stretch import passes
from sluice.engine.unit_work import UnitEnd
from sluice.engine.worker import job_to_work_on, operation_work, patient_table, work_on_job
from sluice.errors import SluiceError, describe_error
from sluice.jobs.records import JobEpoch
from sluice.sources.registry import source_reader
from sluice.spark.arguments import RunArguments, run_arguments
from sluice.spark.slots import run_in_slots

TASK_FAILURES = 100
"""How often a task may be lost with its executor, or fail, before the run fails."""


def main(argv: Sequence[str]) -> str:
    """Works on the job, and returns the run's outcome as a sentence.

    Raises SluiceError if it can't work.
    """
    arguments = run_arguments(argv)
    clients = Clients(arguments.region, 1)
    clients.wait_for_credentials(system_clock)
    table = patient_table(clients.of("dynamodb"), arguments.jobs_table)
    job = job_to_work_on(table, arguments.job_id)
    if not job.is_active:
        return f"Job {job.id} is {job.state}: there is nothing to do."
    # A run that can't work at all should fail before its tasks do.
    source_reader(job.source)
    operation_work(job, arguments.python_operations)
    # A kill of an executor, or a stretch that outlasted its leases, must not fail the run.
    conf = SparkConf().set("spark.task.maxFailures", str(TASK_FAILURES))
    context = SparkContext.getOrCreate(conf)
    epoch = job.job_epoch

    def run(numbers: range, slots: int) -> list[dict[str, str]]:
        tasks = context.parallelize(numbers, len(numbers))
        return tasks.mapPartitions(lambda found: run_task(arguments, epoch, next(iter(found)), slots)).collect()

    answers = run_in_slots(lambda: slots_of(context), run)
    problems = sorted({answer["problem"] for answer in answers if "problem" in answer})
    if problems:
        raise SluiceError("RUN_FAILED", f"Workers of job {job.id} failed: {' '.join(problems)}")
    return f"Job {job.id} is left as {', '.join(sorted({answer['outcome'] for answer in answers}))}."


def run_task(arguments: RunArguments, epoch: JobEpoch, slot: int, slots: int) -> Iterator[dict[str, str]]:
    """One worker. An error that lasts is its answer: Spark would begin it again and again."""
    try:
        outcome = work_on_job(
            arguments.job_id,
            jobs_table=arguments.jobs_table,
            region=arguments.region,
            results_bucket=arguments.results_bucket,
            unit_queue_url=arguments.unit_queue_url,
            writing_queue_url=arguments.writing_queue_url,
            stretch_seconds=arguments.stretch_seconds,
            concurrency=arguments.concurrency,
            twins=arguments.python_operations,
            begun_for=epoch,
            slot=slot,
            slots=slots,
            on_unit=lambda unit, end: _report(arguments.job_id, unit, end),
            on_trouble=lambda what, error: _log(what, job=arguments.job_id, error=describe_error(error)),
        )
    except Exception as error:
        if passes(error) or isinstance(error, NO_CREDENTIALS):
            raise
        yield {"problem": error.message if isinstance(error, SluiceError) else describe_error(error)}
    else:
        yield {"outcome": outcome}


def slots_of(context: SparkContext) -> int:
    """How many tasks executors can run at once, or will once all are there. `spark.executor.instances` may be unset."""
    conf = context.getConf()
    configured = int(conf.get("spark.executor.instances", "0")) * int(conf.get("spark.executor.cores", "1"))
    return max(context.defaultParallelism, configured)


def _report(job: str, unit: int, end: UnitEnd) -> None:
    why = {name: value for name, value in (("reason", end.reason), ("at", end.at)) if value is not None}
    _log(f"unit {end.end}", job=job, unit=unit, **why)


def _log(message: str, **fields: object) -> None:
    """Prints one JSON line. No line ever contains items."""
    print(json.dumps({"message": message, **fields}), flush=True)


if __name__ == "__main__":
    try:
        _log(main(sys.argv[1:]))
    except (SluiceError, ClientError, *NO_CREDENTIALS) as error:
        # Glue shows this sentence as the reason why the run failed.
        sys.exit(error.message if isinstance(error, SluiceError) else describe_error(error))
