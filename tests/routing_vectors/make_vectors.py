#!/usr/bin/env python3
"""`make_vectors.py FOLDER`: writes the expected choices of ten gates, one file each, with NumPy in double precision.

Written from the published code and papers of each gate, apart from the simulator. Logits come from integer_logits
below, which the test computes as well. Ties go to the lowest id. A token is left out, and named in the file, when
a decision hangs on a difference that single precision may not resolve: scores of different inputs closer than
MARGIN. Nothing else is left out.

A file, little-endian: "MGV1", uint32 tokens, uint32 top_k, uint32 skipped, uint32 x skipped: their numbers, ascending;
uint8 x tokens x top_k: ids, best first, GShard's 255 for none; float32 x tokens x top_k: weights. Tokens are numbered from 0,
skipped ones included. Needs python3-numpy; the files are part of the tree."""

import sys
from pathlib import Path

import numpy as np

TOKENS = 10_000
MARGIN = 2e-6
NONE = 255


def mix(h):
    """The finaliser of MurmurHash3, 32 bits."""
    h = h.astype(np.uint32)
    h = (h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return h ^ (h >> np.uint32(16))


def hashed(seed, row, columns):
    row = mix(np.asarray([row * 0x9E3779B1 + seed & 0xFFFFFFFF]))
    return mix(row + np.arange(columns, dtype=np.uint32) * np.uint32(0x27D4EB2F))


def integer_logits(seed, token, experts):
    """The four bytes of a hash, added: near-normal multiples of 1/128; of 1/4 in every eighth token, so with ties."""
    h = hashed(seed, token, experts)
    total = sum((h >> np.uint32(8 * i)) & np.uint32(255) for i in range(4)).astype(np.int64) - 510
    if token % 8 == 7:
        total = total // 32 * 32
    return total / 128.0


def bias_of(seed, token, experts):
    """Multiples of 1/1024 in [-1/4, 1/4); lower by 1 for odd tokens, so that most biased scores are negative."""
    h = hashed(seed ^ 0xB1A5, 0, experts)
    return ((h & np.uint32(511)).astype(np.int64) - 256) / 1024.0 - (token % 2)


def uniform_of(seed, token):
    return float(hashed(seed ^ 0x5EC0, token, 1)[0] >> np.uint32(8)) / 2**24


class Ambiguous(Exception):
    """Single precision may decide otherwise."""


def decide(values, inputs, count):
    """The `count` greatest of `values`, ties to the lowest index. `inputs` tells true ties from near ones."""
    order = sorted(range(len(values)), key=lambda i: (-values[i], i))
    for a, b in zip(order[:count], order[1 : count + 1]):
        if values[a] == -np.inf and values[b] == -np.inf:
            continue
        if values[a] - values[b] < MARGIN and inputs[a] != inputs[b]:
            raise Ambiguous
    return order[:count]


def keep_set(values, inputs, count):
    """As decide, but the order among the chosen does not matter."""
    order = sorted(range(len(values)), key=lambda i: (-values[i], i))
    if count < len(order):
        last, following = order[count - 1], order[count]
        if values[last] - values[following] < MARGIN and inputs[last] != inputs[following]:
            raise Ambiguous
    return set(order[:count])


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def deepseek_moe(logits, token, seed):
    """deepseek-ai/deepseek-moe-16b-base, MoEGate: softmax, top-6, not normalised."""
    scores = softmax(logits)
    chosen = decide(scores, list(logits), 6)
    return chosen, scores[chosen]


def deepseek_v2_groups(scores, logits):
    """group_limited_greedy: the 3 of 8 groups with the greatest score."""
    best = scores.reshape(8, 20).max(axis=1)
    return keep_set(best, list(logits.reshape(8, 20).max(axis=1)), 3)


def deepseek_v2_reference(logits, token, seed):
    """deepseek-ai/DeepSeek-V3, inference/model.py, with V2's configuration: others -inf, scale 16."""
    scores = softmax(logits)
    kept = deepseek_v2_groups(scores, logits)
    limited = np.array([s if i // 20 in kept else -np.inf for i, s in enumerate(scores)])
    chosen = decide(limited, list(logits), 6)
    return chosen, scores[chosen] * 16.0


def deepseek_v2_hugging_face(logits, token, seed):
    """deepseek-ai/DeepSeek-V2, modeling_deepseek.py: others 0.0; norm_topk_prob is false, so it scales."""
    scores = softmax(logits)
    kept = deepseek_v2_groups(scores, logits)
    limited = np.array([s if i // 20 in kept else 0.0 for i, s in enumerate(scores)])
    chosen = decide(limited, list(logits), 6)
    return chosen, scores[chosen] * 16.0


def deepseek_v3(logits, token, seed, masked, epsilon):
    scores = sigmoid(logits)
    bias = bias_of(seed, token, 256)
    biased = scores + bias
    groups = biased.reshape(8, 32)
    two = [sorted(range(32), key=lambda i, g=g: (-groups[g][i], i))[:2] for g in range(8)]
    group_scores = np.array([groups[g][two[g]].sum() for g in range(8)])
    inputs = list(zip(logits, bias))
    group_inputs = [sorted(inputs[32 * g + i] for i in two[g]) for g in range(8)]
    kept = keep_set(group_scores, group_inputs, 4)
    limited = np.array([b if i // 32 in kept else masked for i, b in enumerate(biased)])
    inputs = [pair if i // 32 in kept else "masked" for i, pair in enumerate(inputs)]
    chosen = decide(limited, inputs, 8)
    weights = scores[chosen]
    return chosen, weights / (weights.sum() + epsilon) * 2.5


def deepseek_v3_reference(logits, token, seed):
    """deepseek-ai/DeepSeek-V3, inference/model.py: others -inf."""
    return deepseek_v3(logits, token, seed, -np.inf, 0.0)


def deepseek_v3_hugging_face(logits, token, seed):
    """transformers, models/deepseek_v3: others 0.0, sum + 1e-20."""
    return deepseek_v3(logits, token, seed, 0.0, 1e-20)


def mixtral(logits, token, seed):
    """Mixtral of Experts, 2.1: the softmax over the two greatest logits."""
    chosen = decide(logits, list(logits), 2)
    return chosen, softmax(logits[chosen])


def switch(logits, token, seed):
    """Switch Transformers, 2.1: the most probable expert, weighted by its probability."""
    probabilities = softmax(logits)
    chosen = decide(probabilities, list(logits), 1)
    return chosen, probabilities[chosen]


def gshard(logits, token, seed):
    """GShard, Algorithm 1: g1 and g2 over their sum; the second where 2 g2 > a uniform number."""
    gates = softmax(logits)
    first, second = decide(gates, list(logits), 2)
    g1, g2 = gates[first] / (gates[first] + gates[second]), gates[second] / (gates[first] + gates[second])
    uniform = uniform_of(seed, token)
    if abs(2 * g2 - uniform) < MARGIN:
        raise Ambiguous
    return ([first, second], [g1, g2]) if 2 * g2 > uniform else ([first, NONE], [g1, 0.0])


def qwen3(logits, token, seed):
    """transformers, models/qwen3_moe: softmax, top-8 of 128, over their sum."""
    scores = softmax(logits)
    chosen = decide(scores, list(logits), 8)
    return chosen, scores[chosen] / scores[chosen].sum()


# Name, experts, gate; the seed is the row, from 1.
GATES = [
    ("deepseek-moe-16b", 64, deepseek_moe),
    ("deepseek-v2-lite", 64, deepseek_moe),
    ("deepseek-v2-reference", 160, deepseek_v2_reference),
    ("deepseek-v2-hugging-face", 160, deepseek_v2_hugging_face),
    ("deepseek-v3-reference", 256, deepseek_v3_reference),
    ("deepseek-v3-hugging-face", 256, deepseek_v3_hugging_face),
    ("mixtral-8x7b", 8, mixtral),
    ("switch-2b", 16, switch),
    ("gshard-2b", 16, gshard),
    ("qwen3-235b-a22b", 128, qwen3),
]


def write(path, ids, weights, skipped):
    header = np.array([len(ids), len(ids[0]), len(skipped), *skipped], dtype="<u4")
    path.write_bytes(
        b"MGV1" + header.tobytes() + np.array(ids, dtype=np.uint8).tobytes() + np.array(weights, dtype="<f4").tobytes()
    )


def main():
    folder = Path(sys.argv[1])
    for seed, (name, experts, gate) in enumerate(GATES, start=1):
        ids, weights, skipped, token = [], [], [], 0
        while len(ids) < TOKENS:
            try:
                chosen, weight = gate(integer_logits(seed, token, experts), token, seed)
                ids.append(chosen)
                weights.append(weight)
            except Ambiguous:
                skipped.append(token)
            token += 1
        write(folder / f"{name}.bin", ids, weights, skipped)
        print(f"{name}: {len(ids)} tokens, {len(skipped)} skipped")


if __name__ == "__main__":
    main()
