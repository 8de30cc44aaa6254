"""Sweeps of cheap cases, for the tests of moesim sweep and moesim-mpi."""

import contextlib
import sqlite3

from cli_case import CliCase, scenario

CLUSTER = {"base": "h800-2048", "num_nodes": 1}


def small_scenario():
    """A training step of a small model on one node, replayed in a few milliseconds."""
    document = scenario(model="deepseek-7b", cluster=CLUSTER, stack="hai-llm-bf16", engine="replay", published=None,
                        routing={"mode": "balanced"})
    document["layout"] = {"tp": 2, "pp": 2, "schedule": "1f1b"}
    document["recipe"] = {"sequence_length": 4096, "global_batch": 8, "precision": "bf16"}
    return document


def small_grid(num_cases):
    """A grid of that many cases, a multiple of 5, one in five of them too large for the node."""
    return {"schema_version": 1, "scenario": small_scenario(), "vary": {"/layout/tp": [1, 2, 4, 8, 16]},
            "seeds": list(range(num_cases // 5))}


def rows(path):
    """Every case of a sweep file, in the order of the grid."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=rw", uri=True)) as database:
        return database.execute("SELECT * FROM sweep_case ORDER BY idx").fetchall()


class SweepCase(CliCase):
    def grid(self, num_cases=10, **changes):
        return self.write("grid.json", {**small_grid(num_cases), **changes})
