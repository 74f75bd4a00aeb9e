"""Every form of one system against its reference."""
import numpy as np

from harness import compare
from harness.tools import ToolError

BATCH = 3
LENGTHS = [0, 1, 2, 7, 64, 65, 130]
# Of an algorithm that is not the default: its steps are the default's, and short
# sequences differ by whether they fill a chunk.
CHOSEN_LENGTHS = [1, 65, 130]
SPLITS = [[50, 1, 79], [1, 64, 65]]
STEPS = 20
PACKED_LENGTHS = [1, 6, 64, 9]
# Of processor time, at any sizes and by any algorithm. A file compiles in one
# second on an idle machine; tests run beside others, which slow a core down.
COMPILE_SECONDS = 1.5


class Case:
    """A system at one set of sizes, with the results of its reference."""

    def __init__(self, system, sizes, lengths):
        self.system, self.sizes = system, sizes
        rng = np.random.default_rng(20_11)
        reference = system.reference
        self.parameters = as_float32(system.parameters(rng, sizes))
        self.longest = max(lengths)
        self.inputs = as_float32(reference.inputs(rng, BATCH, self.longest, **sizes))
        self.expected = self.forward(self.inputs)

    def forward(self, inputs):
        return self.system.reference.forward(inputs, self.parameters, **self.sizes)

    def at(self, length):
        """Inputs and results of that length; a causal system's are a prefix."""
        if length == self.longest:
            return list(self.inputs.values()), self.expected
        untimed = self.system.option("UNTIMED", ())
        inputs = {name: array if name in untimed else array[:, :length]
                  for name, array in self.inputs.items()}
        if self.system.causal:
            return list(inputs.values()), [y[:, :length] for y in self.expected]
        return list(inputs.values()), self.forward(inputs)


def as_float32(arrays):
    """Rounded to what the model stores and gets, held in float64."""
    return {name: np.asarray(array, np.float32).astype(np.float64)
            if np.issubdtype(np.asarray(array).dtype, np.floating) else np.asarray(array)
            for name, array in arrays.items()}


def middle(lengths):
    """The longest that is little work."""
    return max(n for n in lengths if n <= 65 or n == min(lengths))


class Runner:
    def __init__(self, system, tools, record, load):
        self.system, self.tools, self.record, self.load = system, tools, record, load
        self.bound = system.option("TOLERANCE", compare.FLOAT32_BOUND)

    def run(self):
        for number, sizes in enumerate(self.system.all_sizes()):
            self.run_sizes(sizes, choose=number < 2)
        if self.load:
            for golden in self.system.option("goldens", lambda load: [])(self.load):
                self.attempt(f"golden {golden.file}", golden.sizes,
                             lambda: self.run_golden(golden))
            for name, got, expected, bound in self.system.option("checks", lambda load: [])(
                    self.load):
                self.record.check(name, [got], [expected], bound, "float64", {})

    def attempt(self, form, sizes, action):
        try:
            return action()
        except (ToolError, ValueError) as error:
            self.record.fail(form, str(error), sizes)

    def run_sizes(self, sizes, choose):
        """With `choose`, by every algorithm that applies, else by the default."""
        lengths = self.system.lengths(sizes, LENGTHS)
        case = Case(self.system, sizes, lengths)
        self.tools.write_module(self.system.render(sizes), case.parameters)
        self.attempt("interpreter", sizes, lambda: self.interpret(case, lengths))
        structure, algorithms = self.attempt("analysis", sizes, self.tools.analyze) or ([], [])
        if sizes is self.system.sizes:
            self.record.structure = structure
        for algorithm in [None, *(algorithms if choose else [])]:
            name = algorithm or "default"
            before = len(self.record.failures)
            if algorithm and algorithm != "sequential":
                self.attempt(f"interpreter, {algorithm}", sizes,
                             lambda: self.interpret_chunks(algorithm, case, lengths))
            chosen = CHOSEN_LENGTHS if algorithm and lengths is LENGTHS else lengths
            if self.attempt(f"compile {name}", sizes, lambda: self.compile(algorithm, sizes)):
                self.attempt(name, sizes,
                             lambda: self.execute(name, case, chosen, not algorithm))
            self.record.note_algorithm(name, len(self.record.failures) == before)

    def compile(self, algorithm, sizes):
        flags = [f"--ssm-algorithm={algorithm}"] if algorithm else []
        if not self.system.causal:
            flags.append("--entry=forward")
        seconds = self.tools.compile(*flags)
        if seconds >= COMPILE_SECONDS:  # the machine may have been busy
            seconds = min(seconds, self.tools.compile(*flags))
        if sizes is self.system.sizes and not algorithm:
            self.record.seconds = seconds
        if seconds >= COMPILE_SECONDS:
            self.record.fail("compile", f"took {seconds:.2f} s, bound {COMPILE_SECONDS} s", sizes)
        return True

    def interpret(self, case, lengths):
        for length in {min(lengths), middle(lengths)}:
            inputs, expected = case.at(length)
            got = self.tools.interpret(self.tools.module, "forward", inputs, len(expected))
            self.record.check("interpreter", got, expected, compare.FLOAT64_BOUND, "float64",
                              {**case.sizes, "length": length})

    def interpret_chunks(self, algorithm, case, lengths):
        """The derived regions, with scans combined in a tree."""
        length = middle(lengths)
        inputs, expected = case.at(length)
        got = self.tools.interpret(self.tools.derive_chunks(algorithm), "forward", inputs,
                                   len(expected))
        # Newton's method stops where float32 does.
        bound = self.bound if algorithm == "newton" else compare.FLOAT64_BOUND
        self.record.check(f"interpreter, {algorithm}", got, expected, bound, "float64",
                          {**case.sizes, "length": length})

    def execute(self, name, case, lengths, steps):
        for length in lengths:
            self.execute_form(f"{name}, forward", case, length, BATCH, "--entry=forward")
        self.execute_form(f"{name}, one row", case, middle(lengths), 1,
                          "--entry=forward")
        if not self.system.causal:
            return
        if steps:
            self.execute_steps(name, case, min(STEPS, max(lengths)))
        longest = max(lengths)
        for splits in SPLITS if longest == sum(SPLITS[0]) else [[longest // 2, -(-longest // 2)]]:
            text = ",".join(map(str, splits))
            self.execute_form(f"{name}, prefill in {text}", case, longest, BATCH,
                              f"--splits={text}")
        if self.system.option("PACKED", {}):
            self.execute_packed(name, case)

    def execute_steps(self, name, case, steps):
        self.execute_form(f"{name}, steps", case, steps, BATCH,
                          f"--splits={','.join(['1'] * steps)}", "--step-ones")

    def execute_form(self, form, case, length, batch, *flags):
        inputs, expected = case.at(length)
        got = self.tools.execute([array[:batch] for array in inputs], len(expected), *flags)
        self.record.check(form, got, [y[:batch] for y in expected], self.bound, "float32",
                          {**case.sizes, "batch": batch, "length": length})

    def execute_packed(self, name, case):
        """Sequences of all rows packed into one against each alone."""
        lengths = PACKED_LENGTHS
        packing = self.system.option("PACKED", {})
        rng = np.random.default_rng(20_12)
        inputs = as_float32(self.system.reference.inputs(rng, 1, sum(lengths), **case.sizes))
        for argument, pack in packing.items():
            inputs[argument] = pack(lengths)[None]
        ends = np.cumsum(lengths)
        alone = []
        for begin, length in zip(ends - lengths, lengths):
            piece = {key: array[:, begin:begin + length] for key, array in inputs.items()}
            for argument, pack in packing.items():
                piece[argument] = pack([length])[None]
            alone.append(case.forward(piece))
        expected = [np.concatenate(parts, axis=1) for parts in zip(*alone)]
        split = lengths[0] + lengths[1] // 2
        for form, flags in [("packed", ["--entry=forward"]),
                            ("packed and split", [f"--splits={split},{sum(lengths) - split}"])]:
            got = self.tools.execute(list(inputs.values()), len(expected), *flags)
            self.record.check(f"{name}, {form}", got, expected, self.bound, "float32",
                              {**case.sizes, "lengths": lengths})

    def run_golden(self, golden):
        """The reference and the interpreter in float64, then what is compiled."""
        form = f"golden {golden.file}"
        inputs, outputs = list(golden.inputs.values()), golden.outputs
        self.tools.write_module(self.system.render(golden.sizes), golden.parameters)
        if golden.initial or golden.final:
            return self.run_golden_states(form, golden, inputs, outputs)
        got = self.forward(golden, golden.parameters)
        self.record.check(f"{form}, reference", got, outputs, golden.tolerance, "float64",
                          golden.sizes)
        # What float32 does to the parameters is no error of the interpreter.
        rounded = self.forward(golden, as_float32(golden.parameters))
        expected = [None if y is None else ours for y, ours in zip(outputs, rounded)]
        got = self.tools.interpret(self.tools.module, "forward", inputs, len(expected))
        self.record.check(f"{form}, interpreter", got, expected, golden.tolerance, "float64",
                          golden.sizes)
        self.compile(None, golden.sizes)
        got = self.tools.execute(inputs, len(outputs), "--entry=forward")
        self.record.check(f"{form}, compiled", got, outputs, max(self.bound, golden.tolerance),
                          "float32", golden.sizes)

    def run_golden_states(self, form, golden, inputs, outputs):
        """With the states as arguments and results."""
        states = self.tools.derive()
        initial = golden.initial or {name: np.zeros_like(x) for name, x in golden.final.items()}
        if set(initial) != set(states) or not set(golden.final) <= set(states):
            raise ValueError(f"expected states {states}, got initial {list(initial)} and final "
                             f"{list(golden.final)}")
        arguments = [*inputs, *[initial[name] for name in states]]
        expected = [*outputs, *[golden.final.get(name) for name in states]]
        stored = golden.parameters.values()
        exact = all(np.array_equal(x, np.asarray(x, np.float32)) for x in stored)
        bound = golden.tolerance if exact else max(golden.tolerance, compare.FLOAT32_BOUND)
        got = self.tools.interpret(self.tools.derived, "prefill", arguments, len(expected))
        self.record.check(f"{form}, interpreter", got, expected, bound, "float64", golden.sizes)
        self.tools.compile_prefill()
        got = self.tools.execute(arguments, len(expected), "--entry=forward")
        self.record.check(f"{form}, compiled", got, expected, max(self.bound, golden.tolerance),
                          "float32", golden.sizes)

    def forward(self, golden, parameters):
        return self.system.reference.forward(golden.inputs, parameters, **golden.sizes)
