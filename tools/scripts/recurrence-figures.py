#!/usr/bin/env python3
"""Measure recurrences and convolutions against this machine, as one table.

  recurrence-figures.py [--bin=build/dev/bin] [--threads=1,2] [--repeat=5] [NAME...]

A NAME is a model of test/bench. Each form's best time of several calls stands beside
the ceilings that may bind it, measured in the same run: the peak of fused multiply-adds,
exponentials (the units are the same: these two shares add up), and moving the states,
weights and arguments of the call, each at the rate of a buffer of that size. Steps are of
one sequence, and of eight at once. The selective scan is compared with a plain C++ loop and the
convolution with FFTW, both compiled on the spot (a comparison is left out if its library
is not installed). Nothing here passes or fails: machines differ.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

BENCH = pathlib.Path(__file__).parents[2] / "test" / "bench"
SEQUENCES = {"ssd": 2048, "gla": 2048, "gated_delta_rule": 2048, "selective_scan": 2048,
             "lstm": 1000, "convolution": 16384}
STEP_BATCHES = [1, 8]
STEPS = ["ssd", "gla", "gated_delta_rule", "selective_scan", "lstm"]
PLAIN = {"selective_scan": ("a plain C++ loop", ["-O3", "-march=native"], []),
         "convolution": ("FFTW", ["-O3", "-march=native"], ["-lfftw3f"])}


class Machine:
    def __init__(self, options, work):
        self.options, self.work = options, work

    def compile(self, name):
        artifact = self.work / f"{name}.fb"
        if not artifact.exists():
            done = subprocess.run([self.options.bin / "ssmc", BENCH / f"{name}.mlir",
                                   "-o", artifact, "--target-cpu=native"],
                                  capture_output=True, text=True)
            if done.returncode:
                print(f"{name}: {done.stderr.strip()}")
                return None
        return artifact

    def bench(self, artifact, entry, threads, length=1, batch=1):
        repeat = self.options.repeat if length > 1 else 5000
        done = subprocess.run([self.options.bin / "ssmc-bench", artifact, f"--entry={entry}",
                               f"--length={length}", f"--batch={batch}", f"--threads={threads}",
                               f"--repeat={repeat}", "--json"],
                              check=True, capture_output=True, text=True)
        return json.loads(done.stdout)

    def plain(self, name):
        """Seconds of the comparison, or None where it does not compile."""
        _, flags, libraries = PLAIN[name]
        program = self.work / f"{name}_plain"
        done = subprocess.run(["c++", *flags, BENCH / f"{name}.cpp", "-o", program, *libraries],
                              capture_output=True)
        if done.returncode:
            return None
        return float(subprocess.run([program], capture_output=True, text=True).stdout)


def row(form, threads, figures, short=False):
    """One line: time, what was done, the share of each ceiling, and the binding one."""
    # Long calls of one thread are measured by the processor's time: other work does
    # not count. A short one among thousands has a moment to itself.
    seconds = figures["min_processor_seconds" if threads == 1 and not short
                      else "min_seconds"]
    slack = figures["median_seconds"] / seconds
    shares = {kind: slack * figures[f"{kind}_share"]
              for kind in ("arithmetic", "elementary", "memory")}
    share = slack * figures["share"]
    machine = figures["machine"]
    print(f"{form:30} {threads:7} {1e3 * seconds:9.3f} "
          f"{figures['flops_per_call'] / seconds / 1e9:8.1f} "
          f"{machine['fma_flops_per_second'] / 1e9:6.1f} {100 * shares['arithmetic']:4.0f}% "
          f"{figures['elementary_per_call'] / seconds / 1e9:8.2f} "
          f"{machine['exponentials_per_second'] / 1e9:6.2f} {100 * shares['elementary']:4.0f}% "
          f"{figures['bytes_per_call'] / seconds / 1e9:8.1f} {100 * shares['memory']:4.0f}%  "
          f"{100 * share:4.0f}% {figures['limiter']}", flush=True)


def measure(machine, names):
    print(f"{'form':30} {'threads':>7} {'ms':>9} {'GFLOP/s':>8} {'peak':>6} {'':5} "
          f"{'Gexp/s':>8} {'peak':>6} {'':5} {'GB/s':>8} {'':5}  limiter")
    for name in names:
        artifact = machine.compile(name)
        if not artifact:
            continue
        entry = "forward" if name == "convolution" else "prefill"
        for threads in machine.options.threads:
            figures = machine.bench(artifact, entry, threads, SEQUENCES[name])
            row(f"{name}, L = {SEQUENCES[name]}", threads, figures)
            if name in PLAIN and threads == 1:
                seconds = machine.plain(name)
                if seconds:
                    ratio = seconds / figures["min_processor_seconds"]
                    print(f"  {ratio:.2f} times as fast as {PLAIN[name][0]} "
                          f"({1e3 * seconds:.1f} ms)", flush=True)
        for batch in STEP_BATCHES if name in STEPS else []:
            for threads in machine.options.threads:
                figures = machine.bench(artifact, "step", threads, batch=batch)
                row(f"{name}, step, batch {batch}", threads, figures, short=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, default=pathlib.Path("build/dev/bin"))
    parser.add_argument("--threads", default="1,2",
                        type=lambda text: [int(part) for part in text.split(",")])
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in SEQUENCES]
    if unknown:
        sys.exit(f"expected names among {' '.join(SEQUENCES)}, got {' '.join(unknown)}")
    with tempfile.TemporaryDirectory() as work:
        measure(Machine(options, pathlib.Path(work)), options.names or SEQUENCES)


if __name__ == "__main__":
    main()
