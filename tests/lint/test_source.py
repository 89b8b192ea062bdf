#!/usr/bin/python3
"""Rules of the source that the compiler does not know: who may include whom, headers that stand alone, names that are banned, message
keys in every language, files that say what they are, READMEs that stay short."""
import json, os, re, subprocess, sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from results import close, run_tests

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "fcgi-app"
SOURCES = sorted(p for p in APP.rglob("*.[ch]"))
# Which rooms a room may include; cloud's inner rule is test_features_are_layered.
MAY = {"base": {"base"}, "db": {"base", "db"}, "render": {"base", "render"}, "http": {"base", "http"}, "stream": {"base", "db", "http", "stream"},
       "supervise": {"base", "supervise"}, "jobs": {"base", "db", "jobs"}, "plugin_host": {"base", "db", "jobs", "plugin_host"},
       "api": {"base", "db", "http", "render", "jobs", "api"}, "ec2": {"base", "db", "http", "api", "jobs", "ec2"},
       "portal": {"base", "db", "http", "render", "api", "jobs", "portal"}}


def room(path):
    parts = path.relative_to(APP).parts
    return parts[0] if len(parts) > 1 else "main"


def includes(path):
    return re.findall(r'^\s*#\s*include\s+"([^"]+)"', path.read_text(), re.M)


def code_without_comments(text):
    return re.sub(r'/\*.*?\*/|//[^\n]*', "", text, flags=re.S)


def test_rooms_include_only_what_is_below_them():
    wrong = []
    for path in SOURCES:
        mine = room(path)
        if mine in ("cloud", "main"):
            continue
        for name in includes(path):
            other = name.split("/")[0]
            if name.startswith("../") or "/" not in name:
                allowed = mine == "plugin_host" and "plugins/sdk" in name or "/" not in name
            elif mine == "portal" and name == "app.h" or name == "app.h":
                allowed = mine in ("portal", "api", "stream")
            else:
                allowed = other in MAY.get(mine, set())
            if not allowed and not (mine in ("portal", "api", "stream") and name == "app.h"):
                wrong.append("%s includes %s" % (path.relative_to(ROOT), name))
    assert not wrong, "\n".join(wrong)


def test_features_are_layered():
    wrong = []
    for path in sorted((APP / "cloud").rglob("*.[ch]")):
        stem = path.stem
        for name in includes(path):
            if name.startswith("mysql") or "plugins/sdk" in name:
                wrong.append("%s includes %s" % (path.relative_to(ROOT), name))
            if name.startswith("plugin_host/") and not (stem.endswith(("_jobs", "_steps", "_calls")) or path.parent.name == "plugin"
                                                        or "_jobs" in stem or path.parent.name == "placement"):
                wrong.append("%s includes %s: only _jobs files call plugins" % (path.relative_to(ROOT), name))
            if stem.endswith("_store") and name.startswith(("http/", "portal/", "render/")):
                wrong.append("%s includes %s: a store knows only the database" % (path.relative_to(ROOT), name))
            match = re.match(r"cloud/(\w+)/(\w+)_store\.h$", name)
            if match and match.group(1) != path.parent.name:
                wrong.append("%s includes another feature's store %s" % (path.relative_to(ROOT), name))
    assert not wrong, "\n".join(wrong)


def test_only_db_knows_mysql():
    wrong = [str(p.relative_to(ROOT)) for p in SOURCES if room(p) != "db" and re.search(r"#\s*include\s*<(mysql|mariadb)", p.read_text())]
    assert not wrong, wrong


def test_banned_functions_are_not_called():
    banned = re.compile(r"(?<![\w.>])(strcpy|strcat|sprintf|vsprintf|strtok|gets|atoi|atol|atof|system|popen|alloca|longjmp|setjmp|strncpy|strncat)\s*\(")
    wrong = []
    for path in SOURCES + sorted((ROOT / "plugins").rglob("*.[ch]")):
        if path.name == "banned.h":
            continue
        for match in banned.finditer(code_without_comments(path.read_text())):
            wrong.append("%s calls %s" % (path.relative_to(ROOT), match.group(1)))
    assert not wrong, "\n".join(wrong)


def test_locks_are_those_that_the_analysis_knows():
    """base/thread.h has them; clang builds check what they guard."""
    raw = re.compile(r"\bpthread_(mutex|cond|rwlock|spin)_")
    wrong = [str(p.relative_to(ROOT)) for p in SOURCES if p.stem != "thread" and raw.search(code_without_comments(p.read_text()))]
    assert not wrong, wrong


def test_every_file_says_what_lives_there():
    wrong = [str(p.relative_to(ROOT)) for p in SOURCES + sorted((ROOT / "plugins").rglob("*.[ch]")) if not p.read_text().startswith("/*")]
    assert not wrong, wrong


def test_lines_have_at_most_120_columns():
    wrong = ["%s:%d" % (path.relative_to(ROOT), number)
             for path in SOURCES + sorted(p for folder in ("plugins", "tests") for p in (ROOT / folder).rglob("*.[ch]"))
             for number, line in enumerate(path.read_text().splitlines(), 1) if len(line) > 120]
    assert not wrong, "\n".join(wrong)


def test_headers_stand_alone():
    flags = subprocess.run(["pkg-config", "--cflags", "libmariadb", "json-c", "libsodium", "libpcre2-8"], stdout=subprocess.PIPE, text=True)
    wrong = []
    for path in [p for p in SOURCES if p.suffix == ".h"]:
        result = subprocess.run(["gcc", "-std=c17", "-D_GNU_SOURCE", "-fsyntax-only", "-I", str(APP), "-I", str(ROOT / "plugins/sdk"),
                                 *flags.stdout.split(), "-x", "c", "-include", str(path), "/dev/null"], stderr=subprocess.PIPE, text=True)
        if result.returncode:
            wrong.append("%s: %s" % (path.relative_to(ROOT), result.stderr.splitlines()[0] if result.stderr else "?"))
    assert not wrong, "\n".join(wrong)


def catalogue(language):
    merged = {}
    for path in sorted((ROOT / "templates/i18n" / language).glob("*.json")):
        merged.update(json.loads(path.read_text()))
    return merged


def forms(value):
    return list(value.values()) if isinstance(value, dict) else [value]


def arguments(value):
    return {name for form in forms(value) for name in re.findall(r"\{(\w+)(?::\w+)?\}", form)}


def test_languages_have_the_same_messages_with_the_same_arguments():
    english = catalogue("en")
    for folder in sorted((ROOT / "templates/i18n").iterdir()):
        other = catalogue(folder.name)
        assert set(english) == set(other), (folder.name, sorted(set(english) ^ set(other)))
        wrong = [key for key in english if arguments(english[key]) != arguments(other[key])]
        assert not wrong, (folder.name, wrong)


def test_messages_that_the_source_names_exist():
    english = catalogue("en")
    call = re.compile(r'(?:error_set|error_with)\s*\(\s*[^,]+,\s*ERROR_\w+,\s*"([^"]+)"|\.title_key\s*=\s*"([^"]+)"|'
                      r'(?:plan_step|plan_fact|explain_add|page_text)\s*\([^;]*?"([a-z_]+(?:\.[a-z_0-9]+)+)"', re.S)
    missing = set()
    for path in SOURCES:
        for match in call.finditer(code_without_comments(path.read_text())):
            key = next(group for group in match.groups() if group)
            if key not in english and not key.endswith("."):
                missing.add("%s (%s)" % (key, path.relative_to(ROOT)))
    assert not missing, "\n".join(sorted(missing))


def test_messages_that_page_templates_name_exist():
    english = catalogue("en")
    missing = set()
    for path in (ROOT / "templates").rglob("*.html"):
        for key in re.findall(r"\{\{_\s+([a-z_.0-9]+)", path.read_text()):
            if key not in english:
                missing.add("%s (%s)" % (key, path.relative_to(ROOT)))
    assert not missing, "\n".join(sorted(missing))


def test_readmes_are_short_and_everywhere():
    wrong = []
    for folder in [APP] + [p for p in APP.rglob("*") if p.is_dir() and any(p.glob("*.c")) ]:
        readme = folder / "README.md"
        if not readme.exists():
            wrong.append("%s has no README.md" % folder.relative_to(ROOT))
        elif len(readme.read_text().splitlines()) > 40:
            wrong.append("%s is longer than 40 lines" % readme.relative_to(ROOT))
    assert not wrong, "\n".join(wrong)


def test_unscoped_finders_stay_out_of_handlers():
    """…_any finders look nothing of the caller up: only jobs, stores, services and describe functions may use them."""
    wrong = []
    for path in sorted((APP / "cloud").rglob("*_pages.c")):
        for name in re.findall(r"\b\w+_any\s*\(", path.read_text()):
            if name.split("(")[0].strip() != "identity_find_domain_any":
                wrong.append("%s calls %s" % (path.relative_to(ROOT), name))
    assert not wrong, "\n".join(wrong)


if __name__ == "__main__":
    close(*run_tests(globals()))
