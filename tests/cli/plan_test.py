"""moesim plan."""

import json
import resource

from cli_case import INVALID, SCENARIO, CliCase, main, scenario


class Plan(CliCase):
    def test_shows_memory_groups_and_topology(self):
        text = self.run_program("plan", SCENARIO).stdout
        for expected in ["deepseek-v3 on h800-2048", "process group", "GiB by pipeline rank", "weights", "total",
                         "fits", "2048 GPUs, 256 nodes"]:
            self.assertIn(expected, text)

    def test_memory_adds_up(self):
        plan = self.json_of("plan", SCENARIO)
        self.assertEqual(plan.get("violations", []), [])
        memory = plan["memory"]
        self.assertEqual(len(memory["ranks"]), 16)
        for rank in memory["ranks"]:
            self.assertAlmostEqual(sum(rank["items_B"].values()) / rank["total_B"], 1, delta=1e-9)
        self.assertEqual(memory["peak_B"], max(rank["total_B"] for rank in memory["ranks"]))
        # The limit of an H800 as its driver shows it: 79.6 GiB.
        self.assertLessEqual(memory["peak_B"] + memory["reserve_B"], 79.6 * 2**30)

    def test_is_fast(self):
        times = []
        for _ in range(20):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            self.run_program("plan", SCENARIO, "--json", "-")
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        # Processor time, and the least of many: other programs may run beside it. bench/sim_plan has the figure;
        # twice what an editor may wait catches a plan that became slow on any machine.
        self.assertLess(min(times), 0.1)

    def test_violations_are_in_the_document_and_on_stderr(self):
        path = self.write("scenario.json", scenario(cluster={"base": "h800-2048", "gpu_memory": "40 GiB"}))
        result = self.run_program("plan", path, "--json", "plan.json", code=INVALID)
        plan = json.loads((self.folder / "plan.json").read_text())
        self.assertEqual(len(plan["violations"]), 1)
        violation = plan["violations"][0]
        self.assertIn("the GPU has 40.0 GiB", violation["what"])
        line, = result.stderr.splitlines()
        self.assertTrue(line.startswith(f"moesim: {path}: {violation['pointer']}: pipeline rank"))
        self.assertTrue(line.endswith(violation["hint"]))
        # Where the memory goes is shown all the same.
        self.assertFalse(plan["memory"]["fits"])
        self.assertIn(f"needs {plan['memory']['peak_B'] / 2**30:.1f} GiB", violation["what"])
        self.assertIn("does not fit", result.stdout)

    def test_changes_reach_the_plan(self):
        plan = self.json_of("plan", SCENARIO, "--set", "/recipe/global_batch=7680")
        # 7680 sequences over 128 replicas in micro-batches of one.
        self.assertEqual(plan["microbatches"], 60)


if __name__ == "__main__":
    main()
