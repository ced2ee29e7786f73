import importlib
import pathlib
import sys

import harness

for module in sorted(pathlib.Path(__file__).parent.glob("check_*.py")):
    importlib.import_module(module.stem)

harness.main(sys.argv[1:])
