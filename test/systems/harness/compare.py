"""Bounds, and the record of what passed."""
import numpy as np

# max|error| / max|expected| of each result. In float64 two orders of summation
# differ by a few hundred ulp at these sizes; float32 carries 130 steps with
# decays near one, where rounding adds up to some ten ulp of the largest value.
FLOAT64_BOUND, FLOAT32_BOUND = 1e-10, 1e-5


def relative_error(got, expected):
    """The worst over results; a result expected as None does not count."""
    worst = 0.0
    if len(got) != len(expected):
        raise ValueError(f"expected {len(expected)} results, got {len(got)}")
    for ours, theirs in zip(got, expected):
        if theirs is None:
            continue
        if ours.shape != theirs.shape:
            raise ValueError(f"expected shape {theirs.shape}, got {ours.shape}")
        if theirs.size:
            error = np.abs(ours - theirs).max() / (np.abs(theirs).max() or 1.0)
            worst = max(worst, error) if error == error else np.inf
    return worst


class Record:
    """Of one system: what it passed, its largest errors, its failures."""

    def __init__(self, system):
        self.system = system
        self.structure, self.algorithms = [], {}  # algorithm: whether it passed
        self.largest = {"float64": 0.0, "float32": 0.0}
        self.checks, self.failures, self.seconds = 0, [], 0.0

    def check(self, form, got, expected, bound, precision, sizes):
        try:
            error = relative_error(got, expected)
        except ValueError as mistake:
            return self.fail(form, str(mistake), sizes)
        self.checks += 1
        self.largest[precision] = max(self.largest[precision], error)
        if error > bound:
            self.fail(form, f"error {error:.1e}, bound {bound:.0e}", sizes)

    def fail(self, form, reason, sizes):
        """`reason` may have lines of a tool's diagnostics after the first."""
        place = ", ".join(f"{name} {value}" for name, value in sizes.items())
        self.failures.append(form)
        print(f"FAIL {self.system.name}: {form}: {reason} ({place})", flush=True)

    def note_algorithm(self, name, passed):
        """Passed at every one of the sizes, or not."""
        self.algorithms[name] = self.algorithms.get(name, True) and passed

    def row(self):
        """Of the table in docs/systems.md."""
        passed = [name for name, good in self.algorithms.items() if good]
        structure = "; ".join(self.structure) or (
            "convolution" if "ssm.long_conv" in self.system.text else "no recurrence")
        return (f"| [{self.system.name}](../test/systems/{self.system.name}.mlir) "
                f"| {structure} | {', '.join(passed)} "
                f"| {self.largest['float32']:.0e} | {self.system.lines()} | {self.seconds:.1f} |")

    def summary(self):
        state = "FAIL" if self.failures else "ok  "
        return (f"{state} {self.system.name:24} {self.checks:4} checks, largest error "
                f"{self.largest['float64']:.0e} interpreted, {self.largest['float32']:.0e} "
                f"compiled, compiles in {self.seconds:.2f} s")
