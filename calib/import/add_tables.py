#!/usr/bin/env python3
"""Gives a profile that is written by hand tables of another GPU with the same compute, as derived.

add_tables.py FROM TO: of FROM the tables of batched GEMMs and of the decode of latent attention; they
replace the tables of TO.
"""
import json
import sys

TAKEN = {("batched_gemm", ""), ("mla_decode", "")}


def row_text(row):
    return json.dumps(row, separators=(",", ":"))


def table_text(table):
    head = {key: value for key, value in table.items() if key != "rows"}
    text = json.dumps(dict(head, provenance="derived"), separators=(",", ":"))
    lines, line = [], ""
    for row in table["rows"]:
        if line and len(line) + len(row_text(row)) > 118:
            lines.append(line)
            line = ""
        line += row_text(row) + ","
    lines.append(line)
    return text[:-1] + ',"rows":[\n' + "\n".join(lines)[:-1] + "\n]}"


def main(source, target):
    with open(source, encoding="utf-8") as file:
        tables = json.load(file)["tables"]
    taken = [table_text(t) for t in tables if (t["operator"], t["name"]) in TAKEN]
    with open(target, encoding="utf-8") as file:
        text = file.read()
    end = text.find(',\n  "tables": [')
    text = text[:end] if end >= 0 else text.rstrip().removesuffix("}").rstrip()
    with open(target, "w", encoding="utf-8") as file:
        file.write(text + ',\n  "tables": [\n' + ",\n".join(taken) + "\n  ]\n}\n")


main(*sys.argv[1:])
