#!/usr/bin/python3
"""A declared parameter that no code of its feature reads must say why it changes nothing (.no_effect), or why it is refused (.refused). Told
from the text: a member counts as read where `->member` stands in the file that declares it."""
import glob, os, re, sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# Taken by the api room for every command that has them: see fcgi-app/api/authorize.c and parse.c.
ROOM = {"account", "domainid", "projectid", "listall", "isrecursive", "keyword", "page", "pagesize", "retrieveonlyresourcecount", "showicon"}
TABLE = re.compile(r"\bFIELD_TABLE\(")
ENTRY = re.compile(r"\b([A-Z]\w*)\(")


def inside(text, start):
    """What stands between the parenthesis before `start` and the one that closes it; strings may hold any."""
    depth, at, in_string = 1, start, False
    while depth:
        c = text[at]
        if in_string:
            at += c == "\\"
            in_string = c != '"'
        else:
            in_string = c == '"'
            depth += (c == "(") - (c == ")")
        at += 1
    return text[start:at - 1], at


def entries(body):
    """(macro, text) of each entry of a table."""
    at = 0
    while True:
        found = ENTRY.search(body, at)
        if not found:
            return
        text, at = inside(body, found.end())
        yield found.group(1), text


def main():
    sources = {path: open(path).read() for path in glob.glob(os.path.join(ROOT, "fcgi-app", "**", "*.[ch]"), recursive=True)}
    checked = without_effect = 0
    unread = []
    for path, source in sorted(sources.items()):
        silent = {name for name, body in re.findall(r"#define (\w+)\([^)]*\)((?:[^\n]|\\\n)*)", source) if ".no_effect" in body}
        for table in TABLE.finditer(source):
            body, _ = inside(source, table.end())
            name, struct, rest = (body.split(",", 2) + [""])[:3]
            if not re.search(r"struct \w*args\b", struct):
                continue
            for macro, entry in entries(rest):
                words = [word.strip() for word in entry.split(",")]
                member = words[0] if not words[0].startswith("struct ") else words[1] if len(words) > 1 else ""
                if not re.fullmatch(r"[a-z]\w*", member) or member in ROOM:
                    continue
                checked += 1
                if ".no_effect" in entry or ".refused" in entry or macro in silent:
                    without_effect += 1
                elif not re.search(r"->%s\b(?!\s*=[^=])" % member, source):
                    unread.append("%s: %s of %s" % (os.path.relpath(path, ROOT), member, name))
    for each in unread:
        print("FAIL  nobody reads " + each)
    print("%d parameters of tables are declared, %d of them change nothing and say why" % (checked, without_effect))
    print("%d passed, %d failed" % (checked - len(unread), len(unread)))
    return 1 if unread or not checked else 0


if __name__ == "__main__":
    sys.exit(main())
