#!/usr/bin/env python3
"""Sum JUnit files: count-tests.py DIRECTORY [PROBLEM...].

Prints the tests that failed with the end of their output, then one line
"N passed, N failed". Every PROBLEM counts as one failure."""
import pathlib
import sys
import xml.etree.ElementTree as ElementTree

TAIL = 40  # lines


def output_of(case):
    text = [case.findtext(tag) or "" for tag in ("failure", "error", "system-out")]
    return "\n".join("\n".join(text).strip().splitlines()[-TAIL:])


passed, failed, skipped = 0, [(problem, "") for problem in sys.argv[2:]], []
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.xml")):
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        name = f"{path.stem}: {case.get('classname')}: {case.get('name')}"
        if case.find("failure") is not None or case.find("error") is not None:
            failed.append((name, output_of(case)))
        elif case.find("skipped") is not None or case.get("status") in (
                "notrun", "disabled"):
            skipped.append(name)
        else:
            passed += 1
for name in skipped:
    print("skipped:", name)
if not passed and not failed:
    failed.append(("no test ran", ""))
for name, output in failed:
    print("failed:", name)
    if output:
        print(output)
print(f"{passed} passed, {len(failed)} failed")
sys.exit(bool(failed))
