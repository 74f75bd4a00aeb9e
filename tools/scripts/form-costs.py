#!/usr/bin/env python3
"""Compare what the compiler thinks forms of recurrences cost with what they take.

  form-costs.py [--bin=build/dev/bin] [--lengths=64,512,2048] [--repeat=7] [NAME...]

Compiles each system of a sweep by every algorithm that applies and times its prefill at
batch 1 in one thread: the least processor time of several calls. Estimates are those of
`--ssmc-derive-chunks`, in cycles per time step, and stand beside the cycles measured.
The choice is judged by the time of the algorithm that cost alone picks over that of the
fastest. Nothing here passes or fails: machines differ.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

ALGORITHMS = ["sequential", "chunked", "associative", "newton"]


def attention(extra_inputs, operation):
    """A system with queries and keys [H, K], values [H, V] and more inputs."""
    def text(H, K, V):
        types = {"qk": f"tensor<?x?x{H}x{K}xf32>", "v": f"tensor<?x?x{H}x{V}xf32>",
                 "gate": f"tensor<?x?x{H}xf32>", "head": f"tensor<{H}xf32>"}
        inputs = "".join(f", %{name}: {types[type]}" for name, type in extra_inputs.items())
        body = operation.format(H=H, **types)
        return (f"func.func @forward(%q: {types['qk']}, %k: {types['qk']}, %v: {types['v']}"
                f"{inputs}) -> {types['v']} {{\n{body}\n  return %o : {types['v']}\n}}\n")
    return text


def ssd(H, K, V):
    x, dt, bc = (f"tensor<?x?x{part}xf32>" for part in (f"{H}x{V}", H, f"1x{K}"))
    return f"""
func.func @forward(%x: {x}, %dt: {dt}, %B: {bc}, %C: {bc}) -> {x} {{
  %A = ssm.weight "A" splat(-1.0) : tensor<{H}xf32>
  %o, %S = ssm.ssd %x, %dt, %A, %B, %C softplus
      : {x}, {dt}, tensor<{H}xf32>, {bc}, {bc}
  return %o : {x}
}}
"""


def scan(D):
    x = f"tensor<?x?x{D}xf32>"
    return f"""
func.func @forward(%x: {x}, %g: {x}) -> {x} {{
  %decay = math.exp %g : {x}
  %h, %last = ssm.linear_scan %decay, %x : {x}, {x}
  return %h : {x}
}}
"""


def selective(D, N):
    u, bc = f"tensor<?x?x{D}xf32>", f"tensor<?x?x{N}xf32>"
    return f"""
func.func @forward(%u: {u}, %dt: {u}, %B: {bc}, %C: {bc}) -> {u} {{
  %A = ssm.weight "A" splat(-1.0) : tensor<{D}x{N}xf32>
  %y, %h = ssm.selective_scan %u, %dt, %A, %B, %C softplus : {u}, tensor<{D}x{N}xf32>, {bc}, {bc}
  return %y : {u}
}}
"""


def diagonal(D, N):
    """A diagonal complex system of N states for each of D channels."""
    u = f"tensor<?x?x{D}xf32>"
    small = f"tensor<{N}xf32>"
    return f"""
func.func @forward(%u: {u}) -> {u} {{
  %re = ssm.weight "re" splat(0.9) : {small}
  %im = ssm.weight "im" splat(0.1) : {small}
  %b = ssm.weight "b" splat(0.5) : tensor<{N}x{D}xf32>
  %c = ssm.weight "c" splat(0.5) : tensor<{D}x{N}xf32>
  %y, %h_re, %h_im = ssm.lti %u A(%re, %im : {small}, {small})
      B(%b, %b : tensor<{N}x{D}xf32>, tensor<{N}x{D}xf32>)
      C(%c, %c : tensor<{D}x{N}xf32>, tensor<{D}x{N}xf32>) mimo : {u}
  return %y : {u}
}}
"""


def paragru(D):
    x, h, d = f"tensor<?x?x{D}xf32>", f"tensor<?x{D}xf32>", f"tensor<{D}xf32>"
    return f"""
func.func @forward(%z: {x}, %r: {x}, %n: {x}) -> {x} {{
  %A = ssm.weight "A" splat(0.5) : {d}
  %y, %last = ssm.recurrence sequence(l) step()
      ins(%z[b, l, d], %r[b, l, d], %n[b, l, d], %A[d] : {x}, {x}, {x}, {d})
      outs([b, l, d] : {x}) states("h" [b, d] : {h}) {{
  ^step(%zx: f32, %rx: f32, %nx: f32, %a: f32, %old: f32):
    %z_raw = math.fma %a, %old, %zx : f32
    %r_raw = math.fma %a, %old, %rx : f32
    %z_t = ssm.sigmoid %z_raw : f32
    %r_t = ssm.sigmoid %r_raw : f32
    %open = arith.mulf %r_t, %old : f32
    %n_raw = math.fma %a, %open, %nx : f32
    %n_t = math.tanh %n_raw : f32
    %change = arith.subf %n_t, %old : f32
    %next = math.fma %z_t, %change, %old : f32
    ssm.yield %next, %next : f32, f32
  }}
  return %y : {x}
}}
"""


NAMES = "%q, %k, %v"
SYSTEMS = {
    "ssd": (ssd, [(24, 128, 64), (8, 64, 64), (2, 64, 64), (1, 32, 16)]),
    "gla": (attention({"g": "qk"}, f"  %o, %S = ssm.linear_attention {NAMES} log "
                      "decay(%g : {qk}) : {qk}, {qk}, {v}"),
            [(16, 64, 64), (4, 128, 128), (2, 64, 64), (1, 64, 16), (32, 16, 16), (1, 128, 32)]),
    "simple_gla": (attention({"g": "gate"}, f"  %o, %S = ssm.linear_attention {NAMES} log "
                             "decay(%g : {gate}) : {qk}, {qk}, {v}"),
                   [(16, 64, 64), (4, 128, 128), (1, 64, 64), (1, 128, 16), (32, 16, 16)]),
    "retnet": (attention({}, '  %gamma = ssm.weight "gamma" splat(0.9) : {head}\n'
                         f"  %o, %S = ssm.linear_attention {NAMES} "
                         "decay(%gamma : {head}) : {qk}, {qk}, {v}"),
               [(16, 64, 64), (4, 128, 128), (1, 64, 64), (1, 128, 16)]),
    "linear": (attention({}, f"  %o, %S = ssm.linear_attention {NAMES} : {{qk}}, {{qk}}, {{v}}"),
               [(16, 64, 64), (1, 128, 16)]),
    "deltanet": (attention({"beta": "gate"}, f"  %o, %S = ssm.delta_rule {NAMES} "
                           "beta(%beta : {gate}) : {qk}, {qk}, {v}"),
                 [(16, 64, 64), (4, 128, 128), (1, 64, 64), (1, 128, 16), (32, 16, 16)]),
    "gated_delta_rule": (attention({"g": "gate", "beta": "gate"},
                                   f"  %o, %S = ssm.delta_rule {NAMES} beta(%beta : {{gate}}) "
                                   "log decay(%g : {gate}) : {qk}, {qk}, {v}"),
                         [(16, 64, 64), (4, 128, 128), (1, 64, 64), (1, 64, 16)]),
    "kda": (attention({"g": "qk", "beta": "gate"},
                      f"  %o, %S = ssm.delta_rule {NAMES} beta(%beta : {{gate}}) "
                      "log decay(%g : {qk}) : {qk}, {qk}, {v}"),
            [(16, 64, 64), (1, 64, 16)]),
    "mlstm": (attention({"i": "gate", "f": "gate"},
                        f"  %o, %C, %n, %m = ssm.linear_attention {NAMES} log "
                        "decay(%f : {gate}) input_gate(%i : {gate}) normalizer(max) eps(1.0e-6) "
                        ": {qk}, {qk}, {v}"),
              [(4, 64, 64), (4, 128, 128), (1, 64, 32)]),
    "scan": (scan, [(1024,), (64,), (16,), (4,), (1,)]),
    "selective_scan": (selective, [(1536, 16), (64, 16), (8, 16)]),
    "diagonal": (diagonal, [(64, 64), (16, 16)]),
    "paragru": (paragru, [(512,), (16,), (2,)]),
}


class Sweep:
    def __init__(self, options, work):
        self.options, self.work = options, work
        self.ratios = []

    def compile(self, source, algorithm):
        """The artifact and the remarks, or None where the algorithm does not apply."""
        artifact = self.work / f"{algorithm}.fb"
        done = subprocess.run([self.options.bin / "ssmc", source, "-o", artifact,
                               "--target-cpu=native", f"--ssm-algorithm={algorithm}", "--remarks",
                               "--entry=prefill"], capture_output=True, text=True)
        if done.returncode == 0:
            return artifact, done.stderr
        if "to apply to some recurrence" not in done.stderr:
            sys.exit(f"{source}: {done.stderr.strip()}")
        return None

    def seconds(self, artifact, length):
        done = subprocess.run([self.options.bin / "ssmc-bench", artifact, "--entry=prefill",
                               f"--length={length}", "--threads=1", "--json",
                               f"--repeat={self.options.repeat}"],
                              check=True, capture_output=True, text=True)
        return json.loads(done.stdout)["min_processor_seconds"]

    def run(self, name, shape, text):
        source = self.work / "model.mlir"
        source.write_text(text)
        made = {algorithm: found for algorithm in ["auto"] + ALGORITHMS
                if (found := self.compile(source, algorithm))}
        estimates, algorithm = self.read(made["auto"][1])
        auto = made["auto"][0].read_bytes()
        # What was chosen is one of the others, unless recurrences differ in it.
        same = next((other for other in ALGORITHMS
                     if other in made and made[other][0].read_bytes() == auto), None)
        for length in self.options.lengths:
            times = {other: self.seconds(artifact, length)
                     for other, (artifact, _) in made.items() if other != "auto"}
            chosen = times[same] if same else self.seconds(made["auto"][0], length)
            ratio = chosen / min(chosen, *times.values())
            self.ratios.append((ratio, name, shape, length))
            cells = "".join(
                f"{estimates.get(other, 0):12.0f} {self.cycles(times[other], length):10.0f}"
                if other in times else f"{'':23}" for other in ALGORITHMS)
            print(f"{name:18} {'x'.join(map(str, shape)):11} {length:6}{cells}  {algorithm:11} "
                  f"{ratio:5.2f}", flush=True)

    def cycles(self, seconds, length):
        return seconds / length * 1e9 * self.options.ghz

    @staticmethod
    def read(remarks):
        """The estimates by algorithm, all recurrences together, and what was chosen."""
        estimates, chosen = {}, []
        for line in remarks.splitlines():
            if " remark: " not in line:
                continue
            found = re.search(r"remark: (?:kept )?(\w+)", line)
            chosen.append(found.group(1))
            others = re.findall(r"\b(chunked|associative|newton) ([0-9.e+]+)(?!\S)",
                                line.replace(",", " "))
            for name, cost in others:
                estimates[name] = estimates.get(name, 0) + float(cost)
            found = re.search(r"([0-9.e+]+) cycles a step", line)
            if found:
                estimates["sequential"] = estimates.get("sequential", 0) + float(found.group(1))
        return estimates, "+".join(dict.fromkeys(chosen))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, default=pathlib.Path("build/dev/bin"))
    parser.add_argument("--lengths", default="64,512,2048",
                        type=lambda text: [int(part) for part in text.split(",")])
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--ghz", type=float, default=3.2,
                        help="clock of this machine, to print cycles")
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in SYSTEMS]
    if unknown:
        sys.exit(f"expected names among {' '.join(SYSTEMS)}, got {' '.join(unknown)}")
    print(f"{'cycles a step: estimated, measured':36}" +
          "".join(f" {algorithm:>22}" for algorithm in ALGORITHMS) + "  choice      / best")
    with tempfile.TemporaryDirectory() as work:
        sweep = Sweep(options, pathlib.Path(work))
        for name in options.names or SYSTEMS:
            make, shapes = SYSTEMS[name]
            for shape in shapes:
                sweep.run(name, shape, make(*shape))
        near = sum(ratio <= 1.1 for ratio, *_ in sweep.ratios)
        worst = max(sweep.ratios)
        print(f"choice within 10 % of the fastest in {near} of {len(sweep.ratios)}, "
              f"worst {worst[0]:.2f} ({worst[1]} {worst[2]} at length {worst[3]})")


if __name__ == "__main__":
    main()
