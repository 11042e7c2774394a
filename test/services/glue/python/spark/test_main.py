"""The script of a run on real Spark, with a job in DynamoDB Local."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError

import sluice
from dynamodb_local import DynamoDbLocal
from quick_java import submit_arguments
from sluice.jobs.records import JobEpoch
from sluice.spark import main
from sluice.spark.arguments import run_arguments
from sqs_stub import QueueStub
from worker_ground import WorkerGround

SOURCES = Path(sluice.__file__).parents[1]
HERE = Path(__file__).parents[1]
ITEMS = 600

pytestmark = pytest.mark.spark


class Run:
    """A run of the script as a process, with `slots` cores."""

    def __init__(self, ground: WorkerGround, local: DynamoDbLocal, queue: QueueStub, slots: int, **more: str) -> None:
        named = {"job_id": "job", "jobs_table": ground.jobs_table, "region": "eu-central-1", "results_bucket": "r"}
        named = {**named, "unit_queue_url": f"{queue.endpoint}/1/units", "stretch_seconds": "4", **more}
        arguments = [part for name, value in named.items() for part in (f"--{name}", value)]
        environment = {
            **{"PATH": os.environ["PATH"], "PYTHONPATH": f"{SOURCES}:{HERE}", "SLUICE_RUN": ground.jobs_table},
            **{"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"},
            **{"AWS_ENDPOINT_URL_DYNAMODB": local.endpoint, "AWS_ENDPOINT_URL_SQS": queue.endpoint},
            **{"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"},
            **({"JAVA_HOME": os.environ["JAVA_HOME"]} if "JAVA_HOME" in os.environ else {}),
            # In local mode the master's name has the number of failures.
            "PYSPARK_SUBMIT_ARGS": submit_arguments(f"local[{slots},20]"),
        }
        self._marker = f"SLUICE_RUN={ground.jobs_table}"
        self.process = subprocess.Popen(
            [sys.executable, str(SOURCES / "sluice/spark/main.py"), "--JOB_NAME", "glue", *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def workers(self) -> list[int]:
        """Pids of the processes that run tasks: children of Spark's daemon."""
        daemons = {pid for pid in self._pids() if b"pyspark.daemon" in _of(pid, "cmdline")}
        return [pid for pid in self._pids() if _parent(pid) in daemons]

    def end(self) -> tuple[int, str, str]:
        out, err = self.process.communicate(timeout=120)
        return self.process.returncode, out, err

    def _pids(self) -> Iterator[int]:
        for each in Path("/proc").iterdir():
            if each.name.isdecimal() and self._marker.encode() in _of(int(each.name), "environ"):
                yield int(each.name)


@pytest.fixture
def queue() -> Iterator[QueueStub]:
    with QueueStub().running() as stub:
        yield stub


@pytest.fixture
def ground(dynamodb_local: DynamoDbLocal, monkeypatch: pytest.MonkeyPatch) -> WorkerGround:
    return WorkerGround(dynamodb_local, monkeypatch)


def counting(ground: WorkerGround) -> dict[str, Any]:
    """The fields of a job that counts its table for some seconds."""
    limits = [{"direction": "read", "table": ground.table_name, "limits": {"table": 40}}]
    return {"operation": {"name": "count", "params": {}}, "units": 12, "limits": limits}


def test_tasks_that_are_killed_lose_nothing(
    ground: WorkerGround, dynamodb_local: DynamoDbLocal, queue: QueueStub
) -> None:
    ground.start(ITEMS, **counting(ground))
    run = Run(ground, dynamodb_local, queue, slots=2)
    for done in (1, 3):
        wait_until(lambda done=done: sum(unit.state == "done" for unit in ground.units()) >= done, run)
        os.kill(run.workers()[0], signal.SIGKILL)
    code, out, err = run.end()
    assert code == 0, err
    assert json.loads(out.splitlines()[-1]) == {"message": "Job job is left as ended."}
    assert sum(unit.result["items"] for unit in ground.units()) == ITEMS  # type: ignore[call-overload,index]
    assert {"job": "job", "chain": 0, "turn": 0} in queue.messages
    assert '{"message": "unit done", "job": "job", "unit": ' in out + err


def test_a_pause_ends_the_run_in_good_order(
    ground: WorkerGround, dynamodb_local: DynamoDbLocal, queue: QueueStub
) -> None:
    ground.start(ITEMS, **counting(ground))
    run = Run(ground, dynamodb_local, queue, slots=2)
    wait_until(lambda: any(unit.state == "done" for unit in ground.units()), run)
    ground.pause()
    code, out, err = run.end()
    assert code == 0, err
    assert json.loads(out.splitlines()[-1]) == {"message": "Job job is left as paused."}
    assert [unit.owner for unit in ground.units() if unit.state == "active"].count(None) > 0


@pytest.mark.parametrize(
    ("part", "code", "sentence"),
    [
        ({"state": "paused"}, 0, "Job job is paused: there is nothing to do."),
        ({}, 1, 'Spark has no operation "mine".'),
        (None, 1, 'has no job "job".'),
    ],
)
def test_what_it_cannot_work_on_is_one_sentence(
    ground: WorkerGround, dynamodb_local: DynamoDbLocal, queue: QueueStub, part: Any, code: int, sentence: str
) -> None:
    if part is not None:
        ground.start(20, **part)
    found, out, err = Run(ground, dynamodb_local, queue, slots=1).end()
    assert found == code
    lines = (out if code == 0 else err).splitlines()
    assert sentence in lines[-1]
    assert len(lines) == 1


def test_a_task_without_credentials_is_begun_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def work_on_job(*_: Any, **__: Any) -> str:
        raise NoCredentialsError

    monkeypatch.setattr(main, "work_on_job", work_on_job)
    named = {"job_id": "job", "jobs_table": "jobs", "region": "eu-central-1", "results_bucket": "r"}
    named["unit_queue_url"] = "q"
    arguments = run_arguments([part for name, value in named.items() for part in (f"--{name}", value)])
    with pytest.raises(NoCredentialsError):
        list(main.run_task(arguments, JobEpoch(0, 0), 0, 1))


def wait_until(holds: Any, run: Run) -> None:
    while not holds():
        assert run.process.poll() is None, run.process.communicate()
        time.sleep(0.1)


def _of(pid: int, name: str) -> bytes:
    try:
        return (Path("/proc") / str(pid) / name).read_bytes()
    except OSError:
        return b""


def _parent(pid: int) -> int:
    stat = _of(pid, "stat").rpartition(b")")[2].split()
    return int(stat[1]) if stat else 0
