#!/usr/bin/env python3
"""Measure what the documents claim, and print it as one table.

  figures.py [--bin=build/dev/bin] [--threads=N]

Models are Mambas of splat weights: the arithmetic and the memory traffic of a real
checkpoint without its data. Each speed stands beside a ceiling that ssmc-bench
measured in the same run. Nothing here passes or fails: machines differ.
"""
import argparse
import json
import pathlib
import subprocess
import tempfile
import time

STATES, TAPS, VOCABULARY = 16, 4, 50280

LAYER = """
func.func private @layer({parameters}) -> tensor<?x?x{D}xf32> {{
  %n = ssm.rms_norm %x weight(%norm : tensor<{D}x{t}>) eps(1.0e-5) : tensor<?x?x{D}xf32>
  %xz = ssm.linear %n, %in : tensor<?x?x{D}xf32>, tensor<{E2}x{D}x{t}>
  %u, %z = ssm.split %xz [{E}, {E}] : tensor<?x?x{E2}xf32>
  %c, %window = ssm.short_conv %u, %taps bias(%conv_bias : tensor<{E}x{t}>)
      activation(silu) : tensor<?x?x{E}xf32>, tensor<{E}x{W}x{t}>
  %dbc = ssm.linear %c, %select : tensor<?x?x{E}xf32>, tensor<{S}x{E}x{t}>
  %low, %B, %C = ssm.split %dbc [{R}, {N}, {N}] : tensor<?x?x{S}xf32>
  %delta = ssm.linear %low, %dt : tensor<?x?x{R}xf32>, tensor<{E}x{R}x{t}>
  %y, %h = ssm.selective_scan %c, %delta, %A, %B, %C D(%skip : tensor<{E}x{t}>)
      z(%z : tensor<?x?x{E}xf32>) dt_bias(%dt_bias : tensor<{E}x{t}>) softplus
      : tensor<?x?x{E}xf32>, tensor<{E}x{N}xf32>, tensor<?x?x{N}xf32>, tensor<?x?x{N}xf32>
  %o = ssm.linear %y, %out : tensor<?x?x{E}xf32>, tensor<{D}x{E}x{t}>
  %r = arith.addf %x, %o : tensor<?x?x{D}xf32>
  return %r : tensor<?x?x{D}xf32>
}}
"""


def mamba(layers, width, dtype, length="?"):
    """A Mamba in `ssm`; a fixed length also fixes the batch at 1."""
    size = dict(D=width, E=2 * width, E2=4 * width, R=-(-width // 16), N=STATES, W=TAPS, t=dtype)
    size["S"] = size["R"] + 2 * STATES
    weights = {  # name: (extents, dtype, splat)
        "norm": ("{D}", dtype, 1.0), "in": ("{E2}x{D}", dtype, 0.01),
        "taps": ("{E}x{W}", dtype, 0.25), "conv_bias": ("{E}", dtype, 0.0),
        "select": ("{S}x{E}", dtype, 0.01), "dt": ("{E}x{R}", dtype, 0.01),
        "dt_bias": ("{E}", dtype, -4.0), "A": ("{E}x{N}", "f32", -1.0),
        "skip": ("{E}", dtype, 1.0), "out": ("{D}x{E}", dtype, 0.01)}
    types = {name: f"tensor<{extents.format(**size)}x{element}>"
             for name, (extents, element, _) in weights.items()}
    stream = f"tensor<?x?x{width}xf32>"
    parameters = ", ".join([f"%x: {stream}"] + [f"%{n}: {t}" for n, t in types.items()])
    table = f"tensor<{VOCABULARY}x{width}x{dtype}>"
    lines = [f'module attributes {{ssm.name = "mamba-{layers}x{width}-{dtype}"}} {{',
             LAYER.format(parameters=parameters, **size),
             f"func.func @forward(%ids: tensor<?x?xi64>) -> tensor<?x?x{VOCABULARY}xf32> {{",
             f'  %table = ssm.weight "table" splat(0.02) : {table}',
             f"  %x0 = ssm.embedding %ids, %table : tensor<?x?xi64>, {table}"]
    for i in range(layers):
        lines += [f'  %{n}{i} = ssm.weight "layers.{i}.{n}" splat({weights[n][2]}) : {t}'
                  for n, t in types.items()]
        operands = ", ".join([f"%x{i}"] + [f"%{n}{i}" for n in types])
        lines.append(f"  %x{i + 1} = call @layer({operands}) : "
                     f"({', '.join([stream, *types.values()])}) -> {stream}")
    lines += [f"  %y = ssm.rms_norm %x{layers} eps(1.0e-5) : {stream}",
              f"  %logits = ssm.linear %y, %table : {stream}, {table}",
              f"  return %logits : tensor<?x?x{VOCABULARY}xf32>", "}", "}"]
    text = "\n".join(lines)
    return text if length == "?" else text.replace("<?x?x", f"<1x{length}x")


class Bench:
    def __init__(self, options, work):
        self.bin, self.threads, self.work = options.bin, options.threads, work

    def compile(self, name, text, *arguments):
        """Writes and compiles a model; returns the artifact and the seconds."""
        source, artifact = self.work / f"{name}.mlir", self.work / f"{name}.fb"
        source.write_text(text)
        start = time.monotonic()
        subprocess.run([self.bin / "ssmc", source, "-o", artifact, *arguments],
                       check=True, stderr=subprocess.DEVNULL)
        return artifact, time.monotonic() - start

    def run(self, artifact, *arguments):
        done = subprocess.run([self.bin / "ssmc-bench", artifact, f"--threads={self.threads}",
                               "--json", *arguments],
                              check=True, capture_output=True, text=True)
        return json.loads(done.stdout)


def row(what, figure, beside=""):
    print(f"{what:44} {figure:>14}  {beside}", flush=True)


def measure(bench):
    for length in ["?", 16, 65536]:
        arguments = [] if length == "?" else ["--entry=forward"]
        text = mamba(64, 2560, "f32", length)
        seconds = min(bench.compile("deep", text, *arguments)[1] for _ in range(3))
        row(f"compile 64 layers of width 2560, L = {length}", f"{seconds:.2f} s",
            "all entries" if length == "?" else "forward")

    for dtype in ["f32", "bf16"]:
        artifact, _ = bench.compile(f"m130-{dtype}", mamba(24, 768, dtype))
        step = bench.run(artifact, "--entry=step")
        rate = step["bytes_per_call"] / step["median_seconds"]
        ceiling = step["machine"]["memory_bytes_per_second"]
        row(f"step, 130M {dtype}, batch 1", f"{step['tokens_per_second']:.1f} tokens/s",
            f"{rate / 1e9:.1f} GB/s, {100 * rate / ceiling:.0f} % of read bandwidth")

    artifact, _ = bench.compile("m130", mamba(24, 768, "f32"))
    prefill = bench.run(artifact, "--entry=prefill", "--length=2048")
    kernels = prefill["profile"]["kernels"]
    total = sum(k["seconds"] for k in kernels)
    products = [k for k in kernels if k["name"].startswith("linear")]
    rate = sum(k["flops"] for k in products) / sum(k["seconds"] for k in products)
    scan = sum(k["seconds"] for k in kernels if k["name"].startswith("recurrent"))
    row("prefill, 130M f32, batch 1, L = 2048", f"{prefill['tokens_per_second']:.0f} tokens/s",
        f"whole call {100 * prefill['flops_per_call'] / prefill['median_seconds'] / prefill['machine']['fma_flops_per_second']:.0f} % of the FMA peak")
    row("  its matrix products", f"{rate / 1e9:.0f} GFLOP/s",
        f"{100 * rate / prefill['machine']['fma_flops_per_second']:.0f} % of the FMA peak")
    row("  its scan", f"{100 * scan / total:.1f} %", "of the time")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, default=pathlib.Path("build/dev/bin"))
    parser.add_argument("--threads", type=int, default=2)
    with tempfile.TemporaryDirectory() as work:
        measure(Bench(parser.parse_args(), pathlib.Path(work)))


if __name__ == "__main__":
    main()
