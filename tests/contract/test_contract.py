#!/usr/bin/python3
"""The contract: what the declarations promise, compared with every answer of the rooms that ran before (run-rooms lets their clouds note
them). Says precisely what is missing.
timeout: 900"""
import glob, json, os, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)
from _contract import Declarations, Run, tables_of

OUT = os.environ.get("GURUM_OUT", os.path.join(ROOT, "build", "release"))
CONFIG = "".join("%s = /nowhere\n" % name for name in ("run.folder", "web.listen", "stream.listen", "keys.file", "static.folder", "plugins.folder",
                                                        "sql.folder", "database.name", "database.user"))


def declarations():
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as config:
        config.write(CONFIG + "site.url = http://127.0.0.1:1\ntemplates.folder = %s/templates\n" % ROOT)
        config.flush()
        text = subprocess.run([os.path.join(OUT, "gurumd"), "--config", config.name, "openapi"], check=True, stdout=subprocess.PIPE).stdout
    return Declarations(json.loads(text))


def tests_without_record():
    """Tests of the recorded rooms that did not run since the last build."""
    names = ["%s-%s" % (room, os.path.basename(path)) for room in ("api", "jobs")
             for path in glob.glob(os.path.join(ROOT, "tests", room, "test_*.py"))]
    return sorted(name for name in names if not os.path.exists(os.path.join(OUT, "contract", name + ".jsonl")))


def read_records(run):
    for path in sorted(glob.glob(os.path.join(OUT, "contract", "*.jsonl"))):
        by_chance = "test_openapi" in path  # another seed sends something else: its answers are checked, but cover nothing
        with open(path, errors="replace") as lines:
            for line in lines:
                try:
                    run.take(json.loads(line), covers=not by_chance)
                except json.JSONDecodeError:  # a process was killed while it wrote
                    continue


def refers_to(schema):
    return schema.get("x-refers-to", schema.get("items", {}).get("x-refers-to"))


def gaps_of(run):
    """{kind of gap: [what is missing]}, each a sorted list of texts."""
    known = run.declarations
    parameters = {(command, name): schema for command in known.commands for name, schema in known.folded[command].items()}
    members = tables_of(known)
    said = {key for key, schema in parameters.items() if "x-no-effect" in schema}
    named = {refers_to(parameters[key]) for key in run.valid if key in parameters}
    nameless = {key for key in said if refers_to(parameters[key]) not in named | {None}}  # objects of a kind that nobody can have
    barred = {key for key, schema in parameters.items() if "x-refused" in schema}
    missing = {
        "never called": set(known.commands) - set(run.called),
        "never sent valid": {"%s %s" % key for key in set(parameters) - run.valid - nameless - barred},
        "never sent invalid": {"%s %s" % key for key in set(parameters) - run.invalid},
        "effect not asserted": {"%s %s" % key for key in set(parameters) - run.effective - said - barred},
        "never filled": {"%s %s" % key for key, schema in members.items() if key not in run.checker.filled and "x-no-effect" not in schema},
    }
    counts = {"commands": len(known.commands), "calls": sum(run.called.values()), "replies checked": run.replies, "parameters": len(parameters),
              "without effect by declaration": len(said), "refused by declaration": len(barred), "sent valid": len(set(parameters) & run.valid), "sent invalid": len(set(parameters) & run.invalid),
              "effect asserted": len(set(parameters) & run.effective), "members": len(members), "filled": len(set(members) & run.checker.filled)}
    return {kind: sorted(each) for kind, each in missing.items()}, counts


def main():
    run = Run(declarations())
    read_records(run)
    run.settle()
    missing, counts = gaps_of(run)
    print("note: " + ", ".join("%s %d" % each for each in counts.items()))
    for kind, each in missing.items():
        for what in each:
            print("%s: %s" % (kind, what))
    absent = tests_without_record()
    if absent:
        print("not judged, because nothing was noted by " + " ".join(absent))
        return 77
    for fault, times in sorted(run.faults.items()):
        print("FAIL  reply: %s (%d times)" % (fault, times))
    bad = sum(run.faults.values()) + sum(map(len, missing.values()))
    print("%d passed, %d failed" % (counts["sent valid"] + counts["sent invalid"] + counts["effect asserted"] + counts["filled"], bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
