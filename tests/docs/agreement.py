"""Field tables and the schemas made from them must say the same: each body of a large pool is given to both.

agreement.py PROGRAM      the built tests/docs/agreement
"""
import json
import subprocess
import sys

from jsonschema import Draft202012Validator

UUID = "0193a5d2-7c1e-7d3a-9b1f-2f6c8e4a1b00"

# Values of every kind, on both sides of every rule. Left out because JSON Schema can't say it: years before 1900,
# whole numbers written with a fraction (1.0), numbers past 64 bits. (Python's $ also matches before a last newline.)
POOL = [
    None, True, False, 0, 1, -1, -3, -4, 99, 100, 1.5, 10**15,
    "", " ", "a", "ab", "abcde", "abcdef", "x" * 12, "x" * 13, "é" * 12, "é" * 13, "💧💧", "line\nline", "tab\tstop", "\r\n",
    "\u0001", "a\u0000b", "bell\u0007", "del\u007f",
    "red", "green", "blue", "red green", "dark",
    UUID, UUID.upper(), UUID[:-1], UUID + "0", UUID.replace("-", ""), "{" + UUID + "}",
    "0", "1", "-1", "00", "01", "1.", ".5", "1.5", "1.50", "1.505", "12345.67", "123456.7", "-12345.67", "9.999", "10.0",
    "0.001", "0.0001", "999", "1000", "1e3", "+1", "1,5", " 1", "1 ", "-0", "--1", "NaN", "1.2.3",
    "2026-11-24", "2026-02-29", "2024-02-29", "2026-13-01", "2026-1-1", "20261124", "24/11/2026", "2026-11-24T00:00:00Z",
    "2026-11-24T09:30:00Z", "2026-11-24T09:30:00.123Z", "2026-11-24T09:30:00+01:00", "2026-11-24T09:30:00",
    "2026-11-24T25:00:00Z", "2026-11-24T09:61:00Z", "2026-02-30T09:30:00Z", "2026-11-24T09:30Z", "2026-11-24T09:30:00+0100",
    "Europe/Rome", "UTC", "Etc/GMT+5", "America/Argentina/Buenos_Aires", "/etc/passwd", "../etc", "a b", "Europe//Rome",
    "anna@example.com", "anna@example", "@example.com", "anna@", "anna", "a@b@c.it", "a b@c.it", "a@.it", "a@b.it.",
    "a@b..it", "a,b@c.it", "<a@b.it>", "ànna@esempio.it", "a@b.c",
    "IT", "it", "ITA", "I1", "en-GB", "en-gb", "e", "eng", "en_GB",
    [], ["a"], ["abcd", "abcde"], [""], [1], [None], ["red", "green"], ["red", "blue"], [UUID], [UUID, "x"], ["1.25"], ["1.255"], [[]], ["a"] * 200, ["a"] * 201,
    {}, {"label": "L"}, {"label": None}, {"label": "L", "made": "x"}, {"label": "x" * 11}, {"amount": "1.25"},
    {"amount": None}, {"amount": "1.255", "label": "L"}, {"label": "L", "unknown": 1}, {"label": {"deep": 1}},
    [{"label": "L"}], [{}], [{"amount": "1"}], [{"label": "L", "amount": None}], [{"label": "L"}] * 2, [{"label": "L"}] * 3,
    [{"label": "L", "made": "x"}],
]
VALID = {"owner_id": UUID, "name": "Cutter"}


def bodies(fields):
    """(mode, body) for every field with every value, and for what concerns whole bodies."""
    for field in sorted(fields):
        for value in POOL:
            yield "create", {**VALID, field: value}
            yield "change", {field: value}
    for mode in ("create", "change"):
        yield from ((mode, body) for body in (
            {}, [], "text", None, 7, VALID, {"name": "Cutter"}, {"owner_id": UUID}, {**VALID, "nonsense": 1}, {"nonsense": None}))


def main():
    program = sys.argv[1]
    document = json.loads(subprocess.run([program, "schema"], check=True, capture_output=True, text=True).stdout)
    schemas = document["components"]["schemas"]
    validators = {
        mode: Draft202012Validator(schemas[f"SmallThing{mode.title()}"], format_checker=Draft202012Validator.FORMAT_CHECKER)
        for mode in ("create", "change")}
    fields = set(schemas["SmallThingCreate"]["properties"]) | set(schemas["SmallThingPart"]["properties"])
    fields.remove("refuse_on")  # is taken from a body before the table sees it
    cases = list(bodies(fields))
    lines = "".join(json.dumps({"mode": mode, "body": body}) + "\n" for mode, body in cases)
    said = subprocess.run([program, "check"], check=True, capture_output=True, text=True, input=lines).stdout.split()
    taken = wrong = 0
    for (mode, body), verdict in zip(cases, said, strict=True):
        faults = list(validators[mode].iter_errors(body))
        taken += verdict == "1"
        if (verdict == "1") != (not faults):
            wrong += 1
            print(f"{mode} {json.dumps(body)[:160]}: the table {'takes' if verdict == '1' else 'refuses'} it, "
                  f"the schema {'refuses: ' + faults[0].message[:80] if faults else 'takes it'}")
    print(f"{len(cases)} bodies, {taken} taken, {wrong} disagreements")
    assert 100 < taken < len(cases) - 100, "the pool no longer has both sides"
    sys.exit(wrong > 0)


main()
