#!/usr/bin/env python3
"""Import every reference model of a supported type and read the module back.

usage: reference_test.py SSMC_IMPORT SSMC_OPT SHARED_DIRECTORY
Exits 77, which ctest counts as skipped, without reference models.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

IMPORT, OPT, SHARED = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])


def supported():
    text = subprocess.run([IMPORT, "--help"], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    line = next(l for l in text.splitlines() if "Supported model_type" in l)
    return {t.strip() for t in line.split(":")[1].split(",")}


def main():
    models = sorted(p.parent for folder in ("goldens/hf", "models")
                    for p in (SHARED / folder).glob("*/config.json"))
    if not models:
        print("no reference models beside the repository")
        return 77
    types, done, failed, refused = supported(), 0, 0, 0
    with tempfile.TemporaryDirectory() as directory:
        for model in models:
            config = json.loads((model / "config.json").read_text("utf-8"))
            known = config["model_type"] in types
            output = pathlib.Path(directory) / "m.mlir"
            run = subprocess.run([IMPORT, model, "-o", output], text=True,
                                 stderr=subprocess.PIPE, check=False)
            if not known:
                ok = run.returncode == 1 and "'model_type'" in run.stderr
                refused += ok
            else:
                tensors = str(output.read_text("utf-8")).count("ssm.weight")
                ok = run.returncode == 0 and tensors > 0 and subprocess.run(
                    [OPT, output, "--verify-roundtrip", "-o", "/dev/null"],
                    check=False).returncode == 0
                # Every tensor has its place: nothing is left over.
                ok = ok and "uses none of" not in run.stderr
                done += ok
            if not ok:
                failed += 1
                print(f"{model}: failed: {run.stderr}")
    print(f"{done} imported, {refused} refused by type, {failed} failed")
    return 1 if failed or not done else 0


sys.exit(main())
