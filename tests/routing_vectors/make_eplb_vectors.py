"""Makes eplb.json beside this file: placements of deepseek-ai/EPLB by an implementation of its rules in NumPy
that shares nothing with the simulator. make_eplb_vectors.py [--check] [EPLB_PY]

--check compares with the file instead of writing it. With the path of the published eplb.py (it needs torch)
every vector is compared with what that yields."""
import importlib.util
import json
import sys
from pathlib import Path

import numpy as np

DATA = Path(__file__).with_name("eplb.json")
# name, experts, slots, groups, nodes, GPUs, kind of loads
CASES = [
    ("v3_prefill", 256, 288, 8, 4, 32, "lognormal"),
    ("v3_prefill_strong_skew", 256, 288, 8, 4, 32, "zipf"),
    ("v3_groups_on_nodes", 256, 288, 8, 8, 32, "lognormal"),
    ("v3_decode_one_slot_a_gpu", 256, 288, 8, 8, 288, "lognormal"),
    ("v3_decode_global", 256, 320, 8, 40, 320, "real"),
    ("v3_no_redundancy", 256, 256, 8, 8, 64, "zipf"),
    ("v3_three_nodes_global", 256, 288, 8, 3, 24, "real"),
    ("v2_160_experts", 160, 192, 8, 2, 16, "lognormal"),
    ("moe_16b_ties", 64, 72, 1, 1, 8, "few_values"),
    ("all_equal", 64, 80, 8, 2, 16, "equal"),
    ("mostly_zero", 64, 80, 8, 2, 16, "mostly_zero"),
]


def loads(kind, num_experts, rng):
    """FP32 loads; whole numbers wherever groups are summed, so that the order of a sum cannot matter."""
    if kind == "lognormal":
        return np.floor(1000 * rng.lognormal(0, 1, num_experts)).astype(np.float32)
    if kind == "zipf":
        return np.floor(20000 / (1 + rng.permutation(num_experts))).astype(np.float32)
    if kind == "real":
        return rng.lognormal(0, 1, num_experts).astype(np.float32)
    if kind == "few_values":
        return rng.integers(1, 5, num_experts).astype(np.float32)
    if kind == "mostly_zero":
        return np.where(rng.random(num_experts) < 0.9, 0, rng.integers(1, 100, num_experts)).astype(np.float32)
    return np.full(num_experts, 17, np.float32)


def pack(weight, num_packs):
    """Items of each pack, lists in order of arrival."""
    capacity = len(weight) // num_packs
    if capacity == 1:
        return [[item] for item in range(num_packs)]
    packs = [[] for _ in range(num_packs)]
    total = np.zeros(num_packs, np.float32)
    for item in sorted(range(len(weight)), key=lambda i: -weight[i]):
        room = [p for p in range(num_packs) if len(packs[p]) < capacity]
        lightest = room[int(np.argmin(total[room]))]
        packs[lightest].append(item)
        total[lightest] = np.float32(total[lightest] + weight[item])
    return packs


def place(weight, num_slots, num_groups, num_nodes, num_gpus):
    if num_groups % num_nodes:
        num_groups = num_nodes = 1
    groups = np.arange(len(weight)).reshape(num_groups, -1)
    sums = np.array([weight[group].sum(dtype=np.float32) for group in groups])
    slots = []
    for node_groups in pack(sums, num_nodes):
        experts = list(np.concatenate([groups[g] for g in node_groups]))
        copies = {e: 1 for e in experts}
        chosen = list(experts)
        while len(chosen) < num_slots // num_nodes:
            ratio = np.array([np.float32(weight[e]) / np.float32(copies[e]) for e in experts], np.float32)
            heaviest = experts[int(np.argmax(ratio))]
            copies[heaviest] += 1
            chosen.append(heaviest)
        shares = np.array([np.float32(weight[e]) / np.float32(copies[e]) for e in chosen], np.float32)
        for gpu in pack(shares, num_gpus // num_nodes):
            slots += [int(chosen[slot]) for slot in gpu]
    return slots


def make():
    rng = np.random.Generator(np.random.PCG64(20240704))
    vectors = []
    for name, experts, slots, groups, nodes, gpus, kind in CASES:
        weight = loads(kind, experts, rng)
        vectors.append({"name": name, "num_slots": slots, "num_groups": groups, "num_nodes": nodes, "num_gpus": gpus,
                        "weight": [float(w) for w in weight], "slots": place(weight, slots, groups, nodes, gpus)})
    return vectors


def published(path):
    spec = importlib.util.spec_from_file_location("eplb", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def gpu_loads(vector, slots):
    weight = np.array(vector["weight"])
    copies = np.bincount(slots, minlength=len(weight))
    return (weight[slots] / copies[slots]).reshape(vector["num_gpus"], -1).sum(-1)


def differing_from(path, vectors):
    """Torch's sort does not say where equal weights go: as published the load of every GPU has to agree, with a
    stable sort the slots."""
    import torch
    eplb, unstable = published(path), torch.Tensor.sort
    for stable in (False, True):
        torch.Tensor.sort = (lambda w, dim, descending: torch.sort(w, dim=dim, descending=descending, stable=True)
                             ) if stable else unstable
        for v in vectors:
            slots = eplb.rebalance_experts(torch.tensor([v["weight"]]), v["num_slots"], v["num_groups"],
                                           v["num_nodes"], v["num_gpus"])[0][0].tolist()
            same_loads = np.allclose(gpu_loads(v, slots), gpu_loads(v, v["slots"]), rtol=1e-6, atol=0)
            if not same_loads or (stable and slots != v["slots"]):
                yield v["name"]


def main():
    arguments = [a for a in sys.argv[1:] if a != "--check"]
    vectors = make()
    text = "[\n" + ",\n".join(json.dumps(v) for v in vectors) + "\n]\n"
    for path in arguments:
        different = list(differing_from(path, vectors))
        print(f"{len(vectors)} vectors, differing from {path}: {different}")
        if different:
            return 1
    if "--check" in sys.argv:
        return int(DATA.read_text(encoding="utf-8") != text)
    DATA.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
