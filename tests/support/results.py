"""Runs the functions test_… of a script in order and closes with `N passed, N failed`."""
import sys, time, traceback


def run_tests(namespace, *arguments):
    passed = failed = 0
    for name, function in list(namespace.items()):
        if not name.startswith("test_") or not callable(function):
            continue
        began = time.monotonic()
        try:
            function(*arguments)
            passed += 1
            print("ok    %s (%.1f s)" % (name, time.monotonic() - began), flush=True)
        except Exception:
            failed += 1
            print("FAIL  %s" % name, flush=True)
            traceback.print_exc(file=sys.stdout)
    return passed, failed


def close(passed, failed):
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(1 if failed or not passed else 0)
