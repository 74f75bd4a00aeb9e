"""Runs the programs of a build on modules, checkpoints and arrays."""
import pathlib
import re
import resource
import subprocess
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

from checkpoint import write_checkpoint  # noqa: E402


class ToolError(Exception):
    pass


class Tools:
    """`folder` holds the programs, `work` one module and its checkpoint."""

    def __init__(self, folder, work):
        self.folder, self.work = folder, work
        self.module, self.artifact = work / "model.mlir", work / "model.fb"
        self.derived = work / "derived.mlir"

    def run(self, name, *arguments):
        command = [str(self.folder / name), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            # A crash prints its stack; the first frames tell enough.
            message = "\n".join(done.stderr.splitlines()[:12])
            raise ToolError(f"{' '.join(command)}\nexit status {done.returncode}\n{message}")
        return done.stdout

    def write_module(self, text, parameters):
        self.module.write_text(text)
        write_checkpoint(self.work, parameters)

    def compile(self, *flags):
        """The processor's seconds that it took."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.run("ssmc", self.module, "-o", self.artifact, "--target-cpu=native", *flags)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime

    def analyze(self):
        """What the compiler finds: the class of each state's transition, and the
        algorithms that some recurrence of the module may run by."""
        text = self.run("ssmc-opt", self.module, "--ssmc-normalize", "--ssm-analyze-recurrence")

        def strings(attribute):
            lists = re.findall(rf"{attribute} = \[(.*?)\]", text)
            return list(dict.fromkeys(s for l in lists for s in re.findall(r'"(.*?)"', l)))

        # Without what is contracted, and without the line of a nonlinear op.
        classes = [re.sub(r" at \S+:\d+$", "", found.split(";")[0])
                   for found in strings("ssm.structure")]
        return list(dict.fromkeys(classes)), strings("ssm.algorithms")

    def derive_chunks(self, algorithm):
        """The module with the chunk regions of an algorithm. Nothing is folded:
        what has constants or parameters alone would be in float32."""
        self.run("ssmc-opt", self.module, "--inline=default-pipeline=", "--symbol-dce",
                 "--ssmc-expand-recurrences",
                 f"--ssmc-derive-chunks=algorithm={algorithm} chunk=8", "-o", self.derived)
        return self.derived

    def derive(self):
        """Writes the module with @prefill; the states it takes after the
        inputs and gives after the outputs, in order."""
        self.run("ssmc", self.module, "--to=derive", "-o", self.derived)
        signature = re.search(r"func\.func @prefill\((.*?)\) ->", self.derived.read_text())
        return re.findall(r"plan\.state = @([\w.$\"]+)", signature[1]) if signature else []

    def compile_prefill(self):
        """The derived @prefill as a model whose states are arguments and results
        like any other."""
        prefill = re.search(r"  func\.func @prefill\(.*?\n  }\n", self.derived.read_text(),
                            re.S)[0]
        prefill = prefill.replace("@prefill", "@forward")
        prefill = re.sub(r" \{plan\.state = @[^}]*\}", "", prefill)
        prefill = re.sub(r" attributes \{ssm\.entry\}", "", prefill, count=1)
        self.module.write_text('module attributes {ssm.checkpoint = "."} {\n'
                               f"{prefill}}}\n")
        self.compile("--entry=forward")

    def call(self, program, inputs, results, *flags):
        for i, array in enumerate(inputs):
            np.save(self.work / f"in{i}.npy", np.ascontiguousarray(array))
        outputs = [self.work / f"out{i}.npy" for i in range(results)]
        self.run("ssmc-run", program, *flags,
                 *[f"--input=@{self.work}/in{i}.npy" for i in range(len(inputs))],
                 *[f"--output=@{path}" for path in outputs])
        return [np.load(path) for path in outputs]

    def interpret(self, module, entry, inputs, results):
        return self.call(module, inputs, results, "--reference=f64", f"--entry={entry}")

    def execute(self, inputs, results, *flags):
        narrow = [array.astype(np.float32) if array.dtype == np.float64 else array
                  for array in inputs]
        return self.call(self.artifact, narrow, results, "--threads=1", *flags)
