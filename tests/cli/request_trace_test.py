"""moesim trace: figures of request traces, and traces of workloads."""

from cli_case import CliCase, main

SESSIONS = {"turns": 3, "system_tokens": 1024, "block_tokens": 512}
WORKLOAD = {"arrivals": {"rate_per_s": 2}, "input_tokens": 600, "output_tokens": 20, "requests": 50, "sessions": SESSIONS}


class RequestTrace(CliCase):
    def test_what_is_generated_can_be_shown(self):
        workload = self.write("workload.json", WORKLOAD)
        self.run_program("trace", "generate", workload, "-o", "trace.jsonl")
        figures = self.json_of("trace", "show", "trace.jsonl")["figures"]
        self.assertEqual(figures["requests"], 50)
        self.assertEqual(figures["output_tokens"]["mean"], 20)
        self.assertGreater(figures["prefix_hit_fraction"]["blocks"], 0.3)

    def test_a_seed_says_what_is_drawn(self):
        workload = self.write("workload.json", WORKLOAD)
        first, again, other = (self.run_program("trace", "generate", workload, "-o", "-", "--seed", seed).stdout
                               for seed in (1, 1, 2))
        self.assertEqual(first, again)
        self.assertNotEqual(first, other)

    def test_a_workload_that_makes_no_trace_is_refused(self):
        without_end = {key: value for key, value in WORKLOAD.items() if key != "requests"}
        for bad, expecting in (({"concurrency": 4, "requests": 9}, "arrivals"), (without_end, "never ends"),
                               ({**WORKLOAD, "sessions": {**SESSIONS, "block_tokens": 64}}, "512")):
            path = self.write("bad.json", bad)
            self.refuses("trace", "generate", path, "-o", "none.jsonl", expecting=[expecting])

    def test_what_is_no_trace_is_refused(self):
        self.refuses("trace", "show", "none.csv", expecting=["no such file"])
        self.write("columns.csv", "TIMESTAMP,ContextTokens\n2023-11-16 18:15:46.6805900,4808\n")
        self.refuses("trace", "show", "columns.csv", expecting=["GeneratedTokens"])


if __name__ == "__main__":
    main()
