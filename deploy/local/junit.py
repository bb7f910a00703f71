"""Adds up JUnit reports: prints "PASSED FAILED SKIPPED", then a line for each test that failed."""
import sys
import xml.etree.ElementTree as ElementTree

passed = failed = skipped = 0
names = []
for path in sys.argv[1:]:
    for case in ElementTree.parse(path).iter("testcase"):
        name = ".".join(filter(None, (case.get("classname"), case.get("name"))))
        if case.find("failure") is not None or case.find("error") is not None or case.get("status") == "fail":
            failed += 1
            names.append(name)
        elif case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
            skipped += 1
            names.append(f"{name} (skipped)")
        else:
            passed += 1
print(passed, failed, skipped)
print("\n".join(names))
