"""moesim model list, show and import."""

import json

from cli_case import ROOT, USAGE, CliCase, main

# Sizes of Mixtral-8x7B, with a key that nothing knows.
MIXTRAL = {
    "model_type": "mixtral", "architectures": ["MixtralForCausalLM"], "hidden_act": "silu", "hidden_size": 4096,
    "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
    "num_local_experts": 8, "num_experts_per_tok": 2, "max_position_embeddings": 32768, "vocab_size": 32000,
    "sliding_window": None, "tie_word_embeddings": False, "rope_theta": 1000000.0, "my_key": 1,
}


class Model(CliCase):
    def test_list_holds_the_catalog(self):
        names = [row["name"] for row in self.json_of("model", "list")["models"]]
        catalog = sorted(path.stem for path in (ROOT / "models/catalog").glob("*.json"))
        self.assertEqual(names, catalog)
        text = self.run_program("model", "list").stdout
        for name in catalog:
            self.assertIn(name, text)

    def test_v3_has_the_published_figures(self):
        model = self.json_of("model", "show", "deepseek-v3")
        # DeepSeek-V3 technical report: 671 B parameters, 37 B activated (36.6 with the head and without the
        # embedding table); 249.7 and 280.2 GFLOP per token at 4096; KV 2 x 61 x (512 + 64) = 70,272 B.
        self.assertAlmostEqual(model["parameters"]["total"] / 671e9, 1, delta=0.005)
        self.assertAlmostEqual(model["parameters"]["activated"] / 37e9, 1, delta=0.02)
        self.assertAlmostEqual(model["flops_per_token"]["training_causal"] / 249.7e9, 1, delta=0.005)
        self.assertAlmostEqual(model["flops_per_token"]["training_noncausal"] / 280.2e9, 1, delta=0.005)
        self.assertGreater(model["flops_per_token"]["training_causal_with_mtp"],
                           model["flops_per_token"]["training_causal"])
        self.assertEqual(model["kv_bytes_per_token"], 70272)

    def test_operators_add_up_to_the_flops_per_token(self):
        # Forward is a third of training without recompute: per token over 3 dense and 58 MoE layers and the head.
        model = self.json_of("model", "show", "deepseek-v3", "--pass", "forward")
        layers = {"dense layer": 3, "MoE layer": 58, "head": 1, "embedding": 1, "MTP projection": 0}
        total = sum(layers[op["part"]] * op["count"] * op["flops"] for op in model["operators"])
        self.assertAlmostEqual(total / 4096 / (model["flops_per_token"]["training_causal"] / 3), 1, delta=1e-6)

    def test_decode_passes_one_token(self):
        operators = self.json_of("model", "show", "deepseek-v3", "--pass", "decode")["operators"]
        q_up = next(op for op in operators if op["name"] == "q_up")
        self.assertEqual((q_up["m"], q_up["n"], q_up["k"]), (1, 128 * 192, 1536))
        # One token reads the weights of its 8 experts only.
        self.assertEqual(next(op for op in operators if op["name"] == "routed_down")["groups"], 8)

    def test_text_shows_figures_and_operators(self):
        text = self.run_program("model", "show", "deepseek-v3").stdout
        for expected in ["671.0 B", "36.6 B", "GFLOP", "70272 B", "MoE layer", "attention_core"]:
            self.assertIn(expected, text)

    def test_reads_a_configuration_file(self):
        config = ROOT / "models/catalog/deepseek-v2.json"
        self.assertEqual(self.json_of("model", "show", config)["parameters"],
                         self.json_of("model", "show", "deepseek-v2")["parameters"])

    def test_json_goes_to_a_file_beside_the_table(self):
        text = self.run_program("model", "show", "deepseek-v2", "--json", "v2.json").stdout
        self.assertIn("parameters", text)
        self.assertEqual(self.files(), ["v2.json"])

    def test_import_writes_a_model_that_a_scenario_can_name(self):
        config = self.write("config.json", MIXTRAL)
        text = self.run_program("model", "import", config, "--name", "my-model", "-o", "my-model.json").stdout
        for expected in ["my-model (mixtral): 32 layers", "46.7 B", "KV cache per token", "rope_theta", "my_key",
                         "written to my-model.json"]:
            self.assertIn(expected, text)
        self.assertEqual(self.files(), ["config.json", "my-model.json"])
        written = json.loads((self.folder / "my-model.json").read_text())
        shipped = json.loads((ROOT / "models/catalog/mixtral-8x7b.json").read_text())
        self.assertEqual(written, shipped | {"name": "my-model"})
        self.assertEqual(self.json_of("model", "show", "my-model.json")["parameters"]["total"], 46702792704)

    def test_import_says_what_it_did_not_use(self):
        report = self.json_of("model", "import", "-", stdin=json.dumps(MIXTRAL))
        self.assertEqual(report["unknown"], ["my_key"])
        self.assertIn("frequencies", report["ignored"]["rope_theta"])
        self.assertEqual(report["model"]["num_experts"], 8)
        self.assertEqual(report["name"], "model")
        self.assertEqual(report["kv_bytes_per_token"], 32 * 2 * 8 * 128 * 2)
        self.assertNotIn("hidden_size", report["ignored"])

    def test_import_prints_the_compact_form_alone(self):
        config = self.write("config.json", MIXTRAL)
        written = json.loads(self.run_program("model", "import", config, "-o", "-").stdout)
        self.assertEqual(written["expert_intermediate"], 14336)

    def test_import_refuses_and_writes_nothing(self):
        no_heads = {key: value for key, value in MIXTRAL.items() if key != "num_attention_heads"}
        for document, expected in [
            (no_heads, ["/num_attention_heads", "missing", "mixtral configurations give"]),
            (MIXTRAL | {"model_type": "gpt_oss", "architectures": ["GptOssForCausalLM"]},
             ["unsupported model type gpt_oss", "supported:", "qwen3_moe (Qwen3MoeForCausalLM)"]),
            (MIXTRAL | {"model_type": "deepseek_v32"}, ["sparse attention"]),
            (MIXTRAL | {"architectures": ["LlamaForCausalLM"]}, ["/architectures/0", "contradicts"]),
            (MIXTRAL | {"sliding_window": 4096}, ["/sliding_window"]),
            ({"family": "mixtral", "name": "x"}, ["/family", "compact form already"]),
        ]:
            self.write("config.json", document)
            self.refuses("model", "import", "config.json", "-o", "out.json", expecting=expected)
        self.refuses("model", "import", "config.json", "-o", "config.json", code=USAGE)

    def test_refuses_an_unknown_model(self):
        self.refuses("model", "show", "deepseek-v4x", expecting=["deepseek-v4x", 'did you mean "deepseek-v'])
        self.refuses("model", "show", "no.json", expecting=["no.json"])


if __name__ == "__main__":
    main()
