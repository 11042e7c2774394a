"""Random items, templates and conditions, for golden files. A seed gives the same ones each time."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

READ = ["a", "b.c", "name", "Größe", "l"]
CHANGED = ["x", "y y", "constructor", "g", "1"]
NUMBERS = ["0", "-0", "1", "1.0", "1e0", "-12.50", "1e-130", "9.9e125", "9" * 38, "0.1", "100"]
TEXTS = ["", "a", "A", "é", "😀", "\U00010000b", "${", "#", "1", '"quoted"', "x" * 40]


def random_value(random: Random, depth: int = 2) -> dict[str, Any]:
    scalars: list[Callable[[], dict[str, Any]]] = [
        lambda: {"S": random.choice(TEXTS)},
        lambda: {"N": random.choice(NUMBERS)},
        lambda: {"B": bytes(random.randrange(256) for _ in range(random.randrange(3)))},
        lambda: {"BOOL": random.random() < 0.5},
        lambda: {"NULL": True},
        lambda: {"SS": sorted({random.choice(TEXTS) for _ in range(3)})},
        lambda: {"NS": random.choice([["1", "2.50"], ["2.5", "1.0"], ["-1"]])},
        lambda: {"BS": random.choice([[b""], [b"\xff", b"a"], [b"a", b"\xff"]])},
    ]
    nested: list[Callable[[], dict[str, Any]]] = [
        lambda: {"L": [random_value(random, depth - 1) for _ in range(random.randrange(3))]},
        lambda: {"M": {name: random_value(random, depth - 1) for name in random.sample(READ, random.randrange(3))}},
    ]
    return random.choice(scalars + nested if depth > 0 else scalars)()


def random_item(random: Random) -> dict[str, Any]:
    names = [name for name in READ + CHANGED if random.random() < 0.6]
    return {"pk": {"S": random.choice(TEXTS[1:])}, **{name: random_value(random) for name in names}}


def random_template(random: Random) -> str:
    """Now and then a template that is refused."""
    pieces = ["a", "é", "😀", "$", "#", "$${", "${a}", "${b.c}", "${l[0]}", "${#read}", "${1}", "${name}", "${pk}", "}"]
    odd = ["${", "${}", "${ a}", "${#nobody}", "${l[x]}", "${Größe}"]
    chosen = [random.choice(pieces) for _ in range(random.randrange(5))]
    return "".join([*chosen, random.choice(odd)] if random.random() < 0.2 else chosen)


def random_condition_text(random: Random, depth: int = 2) -> str:
    """Now and then a condition that is refused. Values are `:s`, `:n` and `:v`, and `#read` is a name."""
    if depth > 0 and random.random() < 0.6:
        left, right = (random_condition_text(random, depth - 1) for _ in range(2))
        return random.choice([f"{left} AND {right}", f"({left}) OR {right}", f"NOT {left}", f"NOT ({left} or {right})"])
    path = random.choice(["a", "b.c", "#read", "l[0]", "name", "l[1].a", "pk"])
    operand = random.choice([path, ":s", ":n", ":v", f"size({path})"])
    forms = [
        f"{path} {random.choice(['=', '<>', '<', '<=', '>', '>='])} {operand}",
        f"{operand} = {path}",
        f"{path} BETWEEN :n AND {random.choice([':n', 'a'])}",
        f"{path} IN (:v, :s, {operand})",
        f"attribute_exists({path})",
        f"attribute_not_exists({path})",
        f"attribute_type({path}, :s)",
        f"begins_with({path}, :s)",
        f"contains({path}, {random.choice([':s', ':n', ':v'])})",
        f"size({path}) > :n",
    ]
    odd = [f"{path} =", f"begins_with({path}, :n)", f"{path} == :s", f"size({path})", f"{path} = :gone", "#gone = :s"]
    return random.choice(odd if random.random() < 0.03 else forms)
