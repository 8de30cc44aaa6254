#!/usr/bin/env python3
"""The include check must find what is wrong: small good and bad trees."""

import tempfile
import unittest
from pathlib import Path

from includes import offences


def offences_in(files):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        return offences(root)


HEADERS = {path: "#pragma once\n" for path in (
    "base/ids.hpp", "models/model.hpp", "calib/profile/profile.hpp", "calib/import/log.hpp", "sim/results/sink.hpp",
    "sim/plan/plan.hpp", "sim/engine/engine.hpp", "sim/engine/replay/replay.hpp", "sim/training/training.hpp")}


class IncludeDirections(unittest.TestCase):
    def expect(self, path, line, *words):
        found = offences_in({**HEADERS, path: f"#pragma once\n{line}\n"})
        if not words:
            self.assertEqual(found, [])
            return
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(f"{path}:2: "), found)
        for word in words:
            self.assertIn(word, found[0])

    def test_headers_are_read_once(self):
        found = offences_in({**HEADERS, "base/a.hpp": "#include <vector>\n"})
        self.assertEqual(found, ["base/a.hpp:1: is a header without #pragma once"])

    def test_downwards_is_allowed(self):
        self.expect("sim/plan/a.cpp", '#include "sim/results/sink.hpp"')
        self.expect("sim/plan/a.cpp", '#include "calib/profile/profile.hpp"')
        self.expect("sim/engine/replay/a.cpp", '#include "sim/engine/engine.hpp"')
        self.expect("sim/training/a.cpp", '#include "sim/engine/replay/replay.hpp"')
        self.expect("cli/a.cpp", '#include "calib/import/log.hpp"')

    def test_upwards_and_sideways_are_not(self):
        self.expect("base/a.cpp", '#include "models/model.hpp"', "base may not include")
        self.expect("models/a.cpp", '  #  include "sim/plan/plan.hpp"', "models may not include")
        self.expect("sim/plan/a.cpp", '#include "calib/import/log.hpp"', "sim/plan may not include")
        self.expect("sim/plan/a.hpp", '#include "sim/training/training.hpp"', "sim/training")
        self.expect("sim/engine/a.cpp", '#include "sim/engine/replay/replay.hpp"', "sim/engine may not include")
        self.expect("sim/engine/simgrid/a.cpp", '#include "sim/engine/replay/replay.hpp"', "may not include")
        self.expect("reports/a.cpp", '#include "sim/engine/engine.hpp"', "reports may not include")

    def test_outside_packages_stay_with_their_owner(self):
        self.expect("sim/engine/simgrid/a.cpp", "#include <simgrid/s4u.hpp>")
        self.expect("sim/engine/simgrid/a.hpp", "#include <simgrid/s4u.hpp>")
        self.expect("sim/training/a.hpp", "#include <simgrid/s4u.hpp>", "SimGrid in a header")
        self.expect("sim/training/a.cpp", "#include <simgrid/s4u.hpp>", "SimGrid belongs to")
        self.expect("sim/plan/a.cpp", "#include <sqlite3.h>", "SQLite belongs to base/sqlite")
        self.expect("sim/plan/a.hpp", "#include <boost/graph/adjacency_list.hpp>", "Boost in a header")
        self.expect("sim/plan/a.cpp", "#include <boost/graph/adjacency_list.hpp>")
        self.expect("reports/a.cpp", "#include <QWidget>", "Qt belongs to gui")
        self.expect("base/a.hpp", "#include <nlohmann/json.hpp>", "json.hpp in a header")
        self.expect("base/a.hpp", "#include <nlohmann/json_fwd.hpp>")
        self.expect("base/a.cpp", "#include <nlohmann/json.hpp>")

    def test_an_owned_package_does_not_leave_its_room_through_a_header(self):
        private = {"base/sqlite/handle.hpp": "#pragma once\n#include <sqlite3.h>\n",
                   "base/sqlite/store.hpp": '#pragma once\n#include "base/sqlite/handle.hpp"\n'}
        self.assertEqual(offences_in({**private, "base/sqlite/a.cpp": '#include "base/sqlite/store.hpp"\n'}), [])
        self.assertEqual(offences_in({**private, "cli/a.cpp": '#include "base/sqlite/store.hpp"\n'}),
                         ["cli/a.cpp:1: base/sqlite/store.hpp brings SQLite out of its room"])

    def test_unknown_files_and_rooms_are_named(self):
        self.expect("base/a.cpp", '#include "ids.hpp"', "is no file")
        self.expect("tests/base/a.cpp", '#include "base/nowhere.hpp"', "is no file")
        self.assertEqual(offences_in({"attic/a.cpp": "\n"}), ["attic/a.cpp:1: lies in no room of the house"])


if __name__ == "__main__":
    unittest.main()
