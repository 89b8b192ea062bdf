#!/usr/bin/python3
"""Declared means done: every declared parameter is read by some code, and every declared member of a reply is filled by
some code, unless its row says .no_effect and why. For parameters the compiler says which members an expression touches
(clang's syntax tree), so a name that another struct happens to share does not count. Numbers and booleans of a reply are
always there and may stay 0 or false."""
import os, re, subprocess, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from results import close, run_tests

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "fcgi-app"
FLAGS = ["-std=c17", "-D_GNU_SOURCE", '-DGURUM_VERSION="0"', "-w", "-I" + str(APP), "-I" + str(ROOT / "plugins/sdk")]
TABLE = re.compile(r"struct field (\w+)_fields\[\] = \{(.*?)\};\s*const struct field_table", re.S)
ROW = re.compile(r'\{\s*\.name = "((?:[^"\\]|\\.)*)"(.*?)(?=\{\s*\.name = "|\Z)', re.S)
MEMBER = re.compile(r"__builtin_offsetof\s*\(\s*(?:struct (\w+)|(\w+))\s*,\s*([\w.]+)\s*\)")
RECORD = re.compile(r"^[ |`-]*RecordDecl 0x\w+ .*struct(?: (\w+))? definition")
DECLARED = re.compile(r"^[ |`-]*FieldDecl (0x\w+) .*? (\w+) '([^']*)'")
TOUCHED = re.compile(r"^[ |`-]*MemberExpr .* (?:->|\.)\w+ (0x\w+)$")
# Read and filled by the api room for all features alike, by name (api/marks.c).
BY_NAME = {"showicon", "icon", "hasannotations"}
ALWAYS_THERE = {"bool", "_Bool", "int64_t", "int32_t"}


def packages():
    asked = subprocess.run(["pkg-config", "--cflags", "libmariadb", "json-c", "libsodium", "libpcre2-8", "libwebsockets"],
                           stdout=subprocess.PIPE, text=True, check=True)
    return asked.stdout.split()


def clang(path, *more):
    return subprocess.run(["clang", *FLAGS, *PACKAGES, *more, str(path)], stdout=subprocess.PIPE, check=True).stdout.decode()


def tables_of(text):
    """{table: [(wire name, struct, member, has a reason)]} of one preprocessed file."""
    found = {}
    for name, body in TABLE.findall(text):
        rows = []
        for wire, rest in ROW.findall(body):
            member = MEMBER.search(rest)
            if member:
                rows.append((wire, member.group(1) or member.group(2), member.group(3), ".no_effect" in rest or ".refused" in rest))
        found[name] = rows
    return found


def members_of(tree):
    """(struct, member) of every member that an evaluated expression reads or writes, and of those that are always there."""
    declared, touched, always, record = {}, set(), set(), None
    for line in tree.splitlines():
        if "RecordDecl" in line:
            match = RECORD.match(line)
            record = match.group(1) if match else record
        elif "FieldDecl" in line:
            match = DECLARED.match(line)
            if match:
                declared[match.group(1)] = (record, match.group(2))
                if match.group(3) in ALWAYS_THERE:
                    always.add((record, match.group(2)))
        elif "MemberExpr" in line:
            match = TOUCHED.match(line)  # inside _Generic and sizeof the line goes on: non_odr_use_unevaluated
            if match:
                touched.add(match.group(1))
    return {declared[address] for address in touched if address in declared}, always


def read_file(path):
    text = clang(path, "-E", "-P")
    touched, always = members_of(clang(path, "-fsyntax-only", "-fno-color-diagnostics", "-Xclang", "-ast-dump"))
    kinds = {kind: set(re.findall(r"\.%s = &(\w+)" % kind, text)) for kind in ("params", "response", "table", "row")}
    filled = set(re.findall(r"(?:\.|->)(\w+)(?:\.\w+)?\s*=[^=]", TABLE.sub("", text)))
    filled |= set(re.findall(r"&\s*\w+(?:->|\.)(\w+)", text))
    return {"path": path, "tables": tables_of(text), "touched": touched, "always": always, "kinds": kinds, "filled": filled,
            "structs": set(re.findall(r"^\s*struct (\w+) \{", path.read_text(), re.M))}


def read_all():
    files = sorted(path for room in ("api", "cloud", "portal") for path in (APP / room).rglob("*.c"))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(read_file, files))


HEADERS = {struct: path.parent for path in APP.rglob("*.h")
           for struct in re.findall(r"^struct (\w+) \{", path.read_text(), re.M)}
PACKAGES = packages()
FILES = read_all()


def of_kind(kind):
    return {name for file in FILES for name in file["kinds"][kind]}


def is_touched(file, struct, member):
    """A struct of one file is touched in that file; one of a header, in any. A member of an embedded struct counts with it."""
    within = [file] if struct in file["structs"] else FILES
    return any((struct, part) in other["touched"] for other in within for part in member.split("."))


def rows_of(kinds):
    """(file, table, wire name, struct, member, has a reason) of the tables that are used as one of the kinds."""
    wanted = set().union(*(of_kind(kind) for kind in kinds))
    return [(file, table, *row) for file in FILES for table, rows in file["tables"].items() if table in wanted for row in rows]


def where(file, table, wire):
    return "%s: %s.%s" % (file["path"].relative_to(ROOT), table, wire)


def test_every_parameter_is_read_or_says_why_not():
    rows = rows_of(["params"])
    unread = [where(file, table, wire) for file, table, wire, struct, member, has_reason in rows
              if not has_reason and wire not in BY_NAME and not is_touched(file, struct, member)]
    unseen = of_kind("params") - {row[1] for row in rows}
    assert not unseen, "tables of a form this test does not know: %s" % sorted(unseen)
    print("note: %d of %d declared parameters have no effect, each with its reason" % (sum(row[5] for row in rows), len(rows)))
    assert not unread, "%d are never read\n%s" % (len(unread), "\n".join(unread))


def test_a_reason_is_given_only_for_what_is_not_read():
    rows = rows_of(["params"])
    tables = {}
    for _, table, _, struct, _, _ in rows:
        tables.setdefault(struct, set()).add(table)
    wrong = [where(file, table, wire) for file, table, wire, struct, member, has_reason in rows
             if has_reason and len(tables[struct]) == 1 and is_touched(file, struct, member)]
    assert not wrong, "read, and yet said to have no effect\n" + "\n".join(wrong)


def test_every_member_of_a_reply_is_filled():
    by_sql = {(struct, member) for _, _, _, struct, member, _ in rows_of(["row"])}
    always = set().union(*(file["always"] for file in FILES))
    empty = []
    for file, table, wire, struct, member, has_reason in rows_of(["response", "table"]):
        homes = (file["path"].parent, HEADERS.get(struct))
        folder = [other for other in FILES if other["path"].parent in homes]
        name = member.split(".")[-1]
        if not has_reason and wire not in BY_NAME and not {(struct, member), (struct, name)} & (by_sql | always) \
                and not any(part in other["filled"] for other in folder for part in member.split(".")):
            empty.append(where(file, table, wire))
    assert not empty, "%d are never filled\n%s" % (len(empty), "\n".join(empty))


if __name__ == "__main__":
    close(*run_tests(globals()))
