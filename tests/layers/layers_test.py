"""Unit tests of layers.py: each rule on a small tree that breaks it."""
import json
import pathlib
import tempfile
import unittest

from layers import check

CMAKE = """
aftercare_module(low)
aftercare_module(hidden DEPENDS low)
aftercare_module(mid DEPENDS low PRIVATE hidden PkgConfig::X)
aftercare_module(high DEPENDS mid)
"""


class Layers(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name)
        self.put("libs/common/CMakeLists.txt", CMAKE)
        for name in ("low", "hidden", "mid", "high"):
            self.put(f"libs/common/{name}/{name}.h", f"/* {name}: does something. */\n")
        self.put("services/calls/CMakeLists.txt", "aftercare_service(calls DEPENDS high PRIVATE x)\n")
        self.describe("calls", "/v1/calls", "/v1/services/calls/series")

    def put(self, path, text):
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def describe(self, service, *paths):
        self.put(f"docs/openapi/{service}.json", json.dumps({"paths": {path: {} for path in paths}}))

    def assert_fault(self, *words):
        faults, _, _ = check(self.root)
        self.assertEqual(len(faults), 1, faults)
        for word in words:
            self.assertIn(word, faults[0])

    def assert_sound(self):
        self.assertEqual(check(self.root)[0], [])

    def test_what_is_allowed(self):
        self.put("libs/common/mid/mid.c", '#include "hidden.h"\n#include "low.h"\n#include "mid_sql.h"\n#include <stdio.h>\n')
        self.put("libs/common/high/high.c", '#include "mid.h"\n#include "low.h"\n')
        self.put("services/calls/call.c", '#include "high.h"\n#include "low.h"\n')
        self.assert_sound()

    def test_include_upwards(self):
        self.put("libs/common/low/low.c", '#include "mid.h"\n')
        self.assert_fault("low/low.c", "mid.h")

    def test_private_is_not_passed_on(self):
        self.put("libs/common/high/high.c", '#include "hidden.h"\n')
        self.assert_fault("high/high.c", "hidden.h")

    def test_table_out_of_order(self):
        self.put("libs/common/CMakeLists.txt", CMAKE.replace("(low)", "(low DEPENDS high)"))
        faults, _, _ = check(self.root)
        self.assertTrue(any("doesn't stand above" in fault for fault in faults), faults)

    def test_private_out_of_order(self):
        self.put("libs/common/CMakeLists.txt", CMAKE.replace("(low)", "(low PRIVATE high)"))
        self.assert_fault("low depends on high")

    def test_third_party_elsewhere(self):
        self.put("libs/common/low/low.c", "#include <libpq-fe.h>\n")
        self.assert_fault("libpq-fe.h", "libs/common/pg")

    def test_unknown_header(self):
        self.put("libs/common/low/low.c", "#include <left/pad.h>\n")
        self.assert_fault("left/pad.h")

    def test_header_of_nobody(self):
        self.put("services/calls/call.c", '#include "lost.h"\n')
        self.assert_fault("lost.h", "nowhere")

    def test_header_without_purpose(self):
        self.put("libs/common/low/low.h", "#ifndef X\n")
        self.assert_fault("low.h", "comment")

    def test_two_headers_of_one_name(self):
        self.put("libs/common/high/low.h", "/* low: another. */\n")
        self.assert_fault("low.h", "both")

    def test_folder_in_no_row(self):
        self.put("libs/common/stray/stray.h", "/* stray: is lost. */\n")
        self.assert_fault("stray")

    def test_two_services_of_one_path(self):
        self.describe("offers", "/v1/calls/{id}/offers")
        self.assert_fault("/v1/calls", "calls and offers")

    def test_the_path_of_another_service(self):
        self.describe("offers", "/v1/services/calls/audit")
        self.assert_fault("offers claims")

    def test_the_gateway_passes_it_elsewhere(self):
        self.put("services/gateway/segments.c", '\t{ "calls", SERVICE_OFFERS },\n')
        self.assert_fault("/v1/calls", "OFFERS")

    def test_the_gateways_table_out_of_order(self):
        self.put("services/gateway/segments.c", '\t{ "calls", SERVICE_CALLS },\n\t{ "assets", SERVICE_INVENTORY },\n')
        self.assert_fault("assets stands behind calls")


if __name__ == "__main__":
    unittest.main()
