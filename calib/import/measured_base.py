#!/usr/bin/env python3
"""measured_base.py PROFILE POINTS CONSTANTS OUT: of a profile made of tables, what one GPU alone cannot measure.

Entries and tables of operators that POINTS, a profile of moesim-calibrate, times go, and constants give way to
those of the same name in CONSTANTS, a JSON object with `description` and `constants` whose source is that of POINTS.
"""
import json
import sys

MEASURED = {"gemm", "grouped_gemm", "grouped_gemm_masked", "attention_prefill", "mla_decode"}


def rows_of_others(table):
    """Heads of 192 with values of 128 run through the kernels of latent attention, which are timed."""
    if table["operator"] != "gqa_prefill":
        return table["rows"]
    head_dim = table["columns"].index("head_dim")
    return [row for row in table["rows"] if row[head_dim] != 192]


def main(profile_path, points_path, constants_path, out_path):
    with open(profile_path, encoding="utf-8") as file:
        profile = json.load(file)
    with open(points_path, encoding="utf-8") as file:
        sources = json.load(file)["sources"]
    with open(constants_path, encoding="utf-8") as file:
        measured = json.load(file)
    for part in ("entries", "tables"):
        profile[part] = [entry for entry in profile[part] if entry["operator"] not in MEASURED]
    profile["tables"] = [dict(table, rows=rows_of_others(table)) for table in profile["tables"]]
    profile["tables"] = [table for table in profile["tables"] if table["rows"]]
    names = {constant["name"] for constant in measured["constants"]}
    profile["constants"] = [c for c in profile["constants"] if c["name"] not in names] + measured["constants"]
    used = {entry["source"] for part in ("entries", "tables") for entry in profile[part]}
    used |= {source for constant in profile["constants"] for source in constant["sources"]}
    used |= {source for constant in profile["constants"] for source in constant.get("fallback", {}).get("sources", [])}
    profile["sources"] = [source for source in profile["sources"] if source["id"] in used] + sources
    profile["description"] = measured["description"]
    profile.pop("held_out", None)
    with open(out_path, "w", encoding="utf-8") as file:
        json.dump(profile, file)


main(*sys.argv[1:])
