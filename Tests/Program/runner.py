"""Runs the tests that are named, or all, and closes with a line that says how many passed."""
import pathlib
import sys
import unittest


class Result(unittest.TextTestResult):
    def getDescription(self, test):
        return test.shortDescription() or str(test)


def main():
    loader = unittest.TestLoader()
    here = pathlib.Path(__file__).parent
    suite = loader.loadTestsFromNames(sys.argv[1:]) if sys.argv[1:] else loader.discover(str(here), "test_*.py")
    result = unittest.TextTestRunner(verbosity=2, resultclass=Result).run(suite)
    failed = len(result.failures) + len(result.errors)
    passed = result.testsRun - failed - len(result.skipped)
    print(f"{passed} passed, {failed} failed, {len(result.skipped)} skipped", flush=True)
    sys.exit(failed > 0 or result.testsRun == 0)


if __name__ == "__main__":
    main()
