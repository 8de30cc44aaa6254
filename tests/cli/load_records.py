"""Record files with load rows, written from docs/formats.md alone."""

import array
import json
import sqlite3

APPLICATION_ID = 0x4D4F4553
SUMMARY = {"schema_version": 1, "kind": "routing", "model": "deepseek-v3", "seed": 7,
           "cluster": {"name": "h800-2048", "gpus": 2048, "nodes": 256}, "summary": {}}


def chunk(rows):
    """The data of one chunk of (step, layer, tokens)."""
    columns = [array.array("q", [step for step, _, _ in rows]), array.array("h", [layer for _, layer, _ in rows]),
               array.array("I", [count for _, _, tokens in rows for count in tokens])]
    return b"".join(column.tobytes() for column in columns)


def write_records(path, streams, summary=None):
    """A record file with {stream: [(step, layer, tokens)]}, 1,000 rows a chunk."""
    database = sqlite3.connect(path)
    database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    database.execute("PRAGMA user_version = 1")
    database.execute("CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID")
    database.execute("CREATE TABLE series(name TEXT PRIMARY KEY, unit TEXT NOT NULL, count INTEGER NOT NULL, "
                     "time_s BLOB NOT NULL, value BLOB NOT NULL)")
    database.execute("CREATE TABLE chunk(stream TEXT NOT NULL, seq INTEGER NOT NULL, count INTEGER NOT NULL, "
                     "t_min REAL NOT NULL, t_max REAL NOT NULL, data BLOB NOT NULL, PRIMARY KEY(stream, seq))")
    database.execute("INSERT INTO meta VALUES ('summary', ?)", [json.dumps(SUMMARY if summary is None else summary)])
    for stream, rows in streams.items():
        for seq, first in enumerate(range(0, len(rows), 1000)):
            part = rows[first:first + 1000]
            steps = [step for step, _, _ in part]
            database.execute("INSERT INTO chunk VALUES (?, ?, ?, ?, ?, ?)",
                             [stream, seq, len(part), min(steps), max(steps), chunk(part)])
    database.commit()
    database.close()
    return path
