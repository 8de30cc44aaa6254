"""moesim worker: cases as lines on stdin, events as lines on stdout."""

import json

from cli_case import CliCase, main, scenario


def small(**changes):
    """The shipped scenario with 32 micro-batches."""
    return scenario(recipe={"sequence_length": 4096, "global_batch": 128 * 32, "precision": "fp8"}, **changes)


class Worker(CliCase):
    def events_of(self, *requests):
        lines = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in requests)
        return [json.loads(line) for line in self.run_program("worker", stdin=lines).stdout.splitlines()]

    def test_answers_every_case_in_order(self):
        cases = [{"id": "a", "scenario": small(engine="replay")}, {"id": "b", "scenario": small(engine="simgrid")},
                 {"id": "c", "scenario": small(engine="replay"), "seed": 9}]
        events = self.events_of(*cases)
        ends = [(event["id"], event["event"]) for event in events if event["event"] in ("done", "error")]
        self.assertEqual(ends, [("a", "done"), ("b", "done"), ("c", "done")])
        results = {event["id"]: event["result"] for event in events if event["event"] == "done"}
        path = self.write("a.json", cases[0]["scenario"])
        self.assertEqual(results["a"], self.json_of("run", path))
        self.assertEqual(results["b"]["engine"]["name"], "simgrid")
        self.assertEqual(results["c"]["seed"], 9)

    def test_a_faulty_case_is_an_event_and_the_next_one_runs(self):
        broken = small(engine="replay")
        broken["layout"]["ep"] = 512
        events = self.events_of({"id": "x", "scenario": broken, "file": "x.json"},
                                {"id": "y", "scenario": small(engine="replay", model="deepseek-v33")},
                                "no json", {"id": "z", "scenario": small(engine="replay")})
        ends = [event for event in events if event["event"] in ("done", "error")]
        self.assertEqual([(event["id"], event["event"]) for event in ends],
                         [("x", "error"), ("y", "error"), ("", "error"), ("z", "done")])
        self.assertEqual([event["kind"] for event in ends[:3]], ["plan", "spec", "spec"])
        self.assertEqual({fault["file"] for fault in ends[0]["faults"]}, {"x.json"})
        self.assertEqual(ends[1]["exit_code"], 3)

    def test_an_unknown_source_is_refused(self):
        events = self.events_of({"id": "x", "scenario": small(engine="replay"), "exclude_sources": ["deepgemm"]})
        fault, = events[-1]["faults"]
        self.assertEqual((events[-1]["event"], events[-1]["exit_code"]), ("error", 3))
        self.assertEqual((fault["file"], fault["pointer"]), ("request", "/exclude_sources"))
        self.assertEqual(fault["hint"], "did you mean 'deepgemm-readme'?")

    def test_ends_with_its_input(self):
        self.assertEqual(self.events_of(), [])


if __name__ == "__main__":
    main()
