"""Unit tests of text.py."""
import unittest

from text import text_faults


class Text(unittest.TestCase):
    def faults(self, name, text):
        return list(text_faults(name, text))

    def test_sound(self):
        self.assertEqual(self.faults("a.sql", "select base.clock() -- not now()\n"), [])
        self.assertEqual(self.faults("a.sql", "select 'now()'\n"), [])
        self.assertEqual(self.faults("a.c", "int x; /* now() */\n"), [])
        self.assertEqual(self.faults("deploy/postgresql/base.sql", "select now()\n"), [])
        self.assertEqual(self.faults("a.sh", 'cd "$1/home/x" "https://host/work/a"\n'), [])

    def test_clocks(self):
        for clock in ("now()", "NOW ( )", "current_date", "current_timestamp", "clock_timestamp()", "localtime"):
            self.assertEqual(len(self.faults("a.sql", f"select {clock}\n")), 1, clock)

    def test_names_around_rows(self):
        for rows in ("from x given", "from x a left join inventory.y as recorded on true", "from (select 1) page", "join f(x) page on true"):
            self.assertEqual(len(self.faults("a.sql", f"select 1 {rows}\n")), 1, rows)
        for rows in ("from given g", "from x a where a.given", "from x -- given", "from page"):
            self.assertEqual(self.faults("a.sql", f"select 1 {rows}\n"), [], rows)

    def test_functions(self):
        made = "create function a.b(c int) returns {} language {} stable as $$\n\tselect {}\n$$;\n"
        for query in ("d from a.e", "c where c > 1", "(select 1)", "1 from x; delete from y"):
            self.assertEqual(len(self.faults("a.sql", made.format("int", "sql", query))), 1, query)
            self.assertEqual(self.faults("a.sql", made.format("int", "plpgsql", query)), [])
        self.assertEqual(self.faults("a.sql", made.format("table (d int)", "sql", "d from a.e")), [])
        for expression in ("c + 1", "lower('from ' || c)", "extract(epoch from c)::int", "overlay(c placing '' from 1 for 6)"):
            self.assertEqual(self.faults("a.sql", made.format("int", "sql", expression)), [], expression)

    def test_machine(self):
        folder = "/home" + "/somebody/project"
        self.assertEqual(len(self.faults("a.sh", f"cd {folder}\n")), 1)

    def test_blanks_and_newline(self):
        self.assertEqual(len(self.faults("a.c", "int x; \n")), 1)
        self.assertEqual(len(self.faults("a.c", "int x;")), 1)

    def test_long(self):
        self.assertEqual(self.faults("a.c", "x\n" * 400), [])
        self.assertEqual(len(self.faults("a.c", "x\n" * 401)), 1)
        self.assertEqual(self.faults("libs/x/tests/a_test.c", "x\n" * 900), [])
        self.assertEqual(len(self.faults("libs/x/tests/a_test.c", "x\n" * 901)), 1)
        self.assertEqual(self.faults("docs/openapi/calls.json", "x\n" * 401), [])


if __name__ == "__main__":
    unittest.main()
