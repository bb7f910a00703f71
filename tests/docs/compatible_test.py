"""Unit tests of compatible.py: one for each kind of change."""
import copy
import json
import pathlib
import tempfile
import unittest

from compatible import folders_compare, incompatibilities

OLD = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "name": {"type": ["string", "null"], "maxLength": 20},
        "state": {"type": "string", "enum": ["open", "closed"]},
        "count": {"type": "integer", "minimum": 0, "maximum": 9},
        "price": {"type": "string", "pattern": "^[0-9]+$"},
        "parts": {"type": "array", "items": {"type": "object", "properties": {"label": {"type": "string"}}}},
    },
    "required": ["id"],
}


class Incompatibilities(unittest.TestCase):
    def changed(self, change):
        new = copy.deepcopy(OLD)
        change(new["properties"], new)
        return list(incompatibilities(OLD, new))

    def assert_refused(self, change, *words):
        faults = self.changed(change)
        self.assertEqual(len(faults), 1, faults)
        for word in words:
            self.assertIn(word, faults[0])

    def assert_allowed(self, change):
        self.assertEqual(self.changed(change), [])

    def test_the_same(self):
        self.assert_allowed(lambda p, s: None)

    def test_field_removed(self):
        self.assert_refused(lambda p, s: p.pop("name"), "/name", "removed")

    def test_required_field_removed(self):
        self.assert_refused(lambda p, s: (p.pop("id"), s.pop("required")), "/id", "removed")

    def test_field_below_a_list_removed(self):
        self.assert_refused(lambda p, s: p["parts"]["items"]["properties"].pop("label"), "/parts/*/label", "removed")

    def test_type_narrowed(self):
        self.assert_refused(lambda p, s: p["name"].update(type="string"), "/name", "narrowed", "null")

    def test_type_widened(self):
        self.assert_refused(lambda p, s: p["state"].update(type=["string", "null"]), "/state", "widened", "null")

    def test_type_changed(self):
        faults = self.changed(lambda p, s: p["count"].update(type="string"))
        self.assertEqual(len(faults), 2)

    def test_type_given_up(self):
        self.assert_refused(lambda p, s: p["count"].pop("type"), "/count", "widened")

    def test_type_given_where_none_was(self):
        old, new = {"properties": {"x": {}}}, {"properties": {"x": {"type": "string"}}}
        self.assertEqual(len(list(incompatibilities(old, new))), 1)

    def test_enumeration_shrunk(self):
        self.assert_refused(lambda p, s: p["state"].update(enum=["open"]), "/state", "shrunk", "closed")

    def test_enumeration_new(self):
        self.assert_refused(lambda p, s: p["name"].update(enum=["a"]), "/name", "limited")

    def test_newly_required(self):
        self.assert_refused(lambda p, s: s.update(required=["id", "name"]), "/name", "newly required")

    def test_new_required_field(self):
        self.assert_refused(lambda p, s: (p.update(more={"type": "string"}), s["required"].append("more")), "/more", "required")

    def test_no_longer_required(self):
        self.assert_refused(lambda p, s: s.pop("required"), "/id", "no longer")

    def test_format_changed(self):
        self.assert_refused(lambda p, s: p["id"].update(format="uri"), "/id", "format")

    def test_pattern_changed(self):
        self.assert_refused(lambda p, s: p["price"].update(pattern="^[0-9.]+$"), "/price", "pattern")

    def test_bounds_tightened(self):
        self.assert_refused(lambda p, s: p["count"].update(maximum=8), "/count", "maximum")
        self.assert_refused(lambda p, s: p["count"].update(minimum=1), "/count", "minimum")
        self.assert_refused(lambda p, s: p["name"].update(maxLength=19), "/name", "maxLength")
        self.assert_refused(lambda p, s: p["parts"].update(maxItems=3), "/parts", "maxItems")

    def test_closed_to_more(self):
        self.assert_refused(lambda p, s: s.update(additionalProperties=False), "further fields")

    def test_new_optional_field(self):
        self.assert_allowed(lambda p, s: p.update(more={"type": ["string", "null"]}))

    def test_enumeration_grown(self):
        self.assert_allowed(lambda p, s: p["state"]["enum"].append("late"))

    def test_bounds_loosened(self):
        self.assert_allowed(lambda p, s: (p["count"].update(maximum=99), p["name"].pop("maxLength")))

    def test_words_changed(self):
        self.assert_allowed(lambda p, s: p["name"].update(description="Else", examples=["x"]))


class Folders(unittest.TestCase):
    def test_a_type_that_is_gone(self):
        with tempfile.TemporaryDirectory() as folder:
            published, current = pathlib.Path(folder, "published"), pathlib.Path(folder, "current")
            for root, names in ((published, ("a", "b")), (current, ("a", "c"))):
                (root / "calls").mkdir(parents=True)
                for name in names:
                    (root / "calls" / f"{name}.v1.json").write_text(json.dumps(OLD))
            self.assertEqual(folders_compare(published, current), ["calls/b.v1.json: the type is gone"])


if __name__ == "__main__":
    unittest.main()
