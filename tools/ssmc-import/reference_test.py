#!/usr/bin/env python3
"""Import every reference model of a supported type, read the module back, and
interpret it in float64 against the logits that another implementation gave.

usage: reference_test.py SSMC_IMPORT SSMC_OPT SSMC_RUN SHARED_DIRECTORY
Exits 77, which ctest counts as skipped, without reference models.
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile

IMPORT, OPT, RUN = sys.argv[1:4]
SHARED = pathlib.Path(sys.argv[4])


def call(*command):
    """The exit status, and what was written."""
    done = subprocess.run(command, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def supported():
    line = next(l for l in call(IMPORT, "--help")[1].splitlines()
                if "Supported model_type" in l)
    return {t.strip() for t in line.split(":")[1].split(",")}


def fault(model, directory):
    """What is wrong with the import of `model`, or None."""
    module = directory / "m.mlir"
    status, text = call(IMPORT, model, "-o", module)
    # Every tensor has its place: none is missing, none is left over.
    if status or "uses none of" in text:
        return text
    status, text = call(OPT, module, "--verify-roundtrip", "-o", "/dev/null")
    if status:
        return text
    with zipfile.ZipFile(model / "golden.npz") as golden:
        golden.extractall(directory, ["input_ids.npy", "logits.npy"])
    status, text = call(RUN, module, "--reference=f64",
                        f"--input=@{directory}/input_ids.npy",
                        f"--expect=@{directory}/logits.npy", "--nrmse=1e-5")
    print(f"{model.name}: {text.strip()}")
    return text if status else None


def main():
    models = sorted(p.parent for folder in ("goldens/hf", "models")
                    for p in (SHARED / folder).glob("*/config.json"))
    if not models:
        print("no reference models beside the repository")
        return 77
    types, imported, refused, faults = supported(), 0, 0, []
    for model in models:
        config = json.loads((model / "config.json").read_text("utf-8"))
        if config["model_type"] in types:
            with tempfile.TemporaryDirectory() as directory:
                wrong = fault(model, pathlib.Path(directory))
            imported += 1
        else:
            status, text = call(IMPORT, model)
            wrong = None if status == 1 and "'model_type'" in text else text
            refused += 1
        if wrong is not None:
            faults.append(f"{model}: {wrong}")
    print(f"{imported} imported, {refused} refused by type, "
          f"{len(faults)} failed", *faults, sep="\n")
    return 1 if faults or not imported else 0


sys.exit(main())
