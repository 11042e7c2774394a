/** Scripts for Glue jobs of the tests. */

/** The beginning of all scripts: arguments by name, and Spark. */
const BEGIN = `
import os, sys, time
import boto3
from pyspark import SparkContext

arguments = dict(zip(sys.argv[1::2], sys.argv[2::2]))
sc = SparkContext.getOrCreate()
`;

/** Lines that each task of the next script prints. */
export const LINES = 2_000;
/** Four tasks write an item each, with the executor's process, and print lines up to their end; the driver prints its arguments. */
export const WRITES = `${BEGIN}
import json
import helper

def write(numbers):
    for n in numbers:
        time.sleep(1)  # so that no executor does it all
        executor = helper.executor()
        item = {"id": {"S": f"item-{n}"}, "executor": {"N": str(executor)}}
        boto3.client("dynamodb").put_item(TableName=arguments["--table"], Item=item)
        for line in range(${LINES}):
            print("task", n, "line", line)

print(json.dumps({"arguments": arguments, "speculation": sc.getConf().get("spark.speculation", "unset")}))
sc.parallelize(range(4), 4).foreachPartition(write)
`;

/** A module that the tasks import. */
export const HELPER = `
import os, subprocess

def executor():
    """The Java process above this one, past Python's daemon."""
    return int(subprocess.check_output(["ps", "-o", "ppid=", "-p", str(os.getppid())]))
`;

export const FAILS = `${BEGIN}
raise ValueError("no such thing")
`;

/** Runs until it is ended from outside. */
export const WAITS = `${BEGIN}
def wait(numbers):
    for n in numbers:
        boto3.client("dynamodb").put_item(TableName=arguments["--table"], Item={"id": {"S": f"waits-{os.getpid()}"}})
        time.sleep(600)

sc.parallelize(range(4), 4).foreachPartition(wait)
`;

/** Four tasks that survive the loss of their executor: each waits for a mark, and Spark repeats it if it is killed. */
export const SURVIVES = `${BEGIN}
def work(numbers):
    table = boto3.resource("dynamodb").Table(arguments["--table"])
    for n in numbers:
        table.put_item(Item={"id": f"begun-{n}-{os.getpid()}"})
        while "Item" not in table.get_item(Key={"id": "go"}, ConsistentRead=True):
            time.sleep(0.1)
        table.put_item(Item={"id": f"done-{n}"})

sc.parallelize(range(4), 4).foreachPartition(work)
`;
