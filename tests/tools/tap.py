"""Run a unittest file and print TAP: `tap.py FILE`, started in the project's folder."""
import importlib.util
import os
import sys
import unittest


class TapResult(unittest.TestResult):
    """Prints a line for each case as it ends, and why a case failed as a comment."""

    number = 0

    def report(self, test, good, note=""):
        self.number += 1
        what = test.shortDescription() or test.id().split(".")[-1].replace("_", " ")
        print(f"{'ok' if good else 'not ok'} {self.number} - {what.replace('#', '')}{note}", flush=True)

    def explain(self, err, test):
        for line in self._exc_info_to_string(err, test).splitlines():
            print("# " + line, flush=True)

    def addSuccess(self, test):
        self.report(test, True)

    def addSkip(self, test, reason):
        self.report(test, True, " # SKIP " + reason)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.report(test, False)
        self.explain(err, test)

    addError = addFailure

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.addFailure(subtest, err)


def main():
    path = os.path.abspath(sys.argv[1])
    sys.path.insert(0, os.path.abspath("tools"))
    sys.dont_write_bytecode = True
    spec = importlib.util.spec_from_file_location("cases", path)
    cases = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(cases)
    suite = unittest.defaultTestLoader.loadTestsFromModule(cases)
    result = TapResult()
    suite.run(result)
    print(f"1..{result.number}")
    return 0 if result.number and result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
