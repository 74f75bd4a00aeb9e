"""A system: its module, which can be rendered for other sizes, and reference."""
import importlib
import pathlib
import re

FOLDER = pathlib.Path(__file__).parent.parent
ALIAS = re.compile(r"^(!\w+ = tensor<)(.*)(x\w+>)\s*//\s*(.+?)\s*$")
LIST = re.compile(r"\[[\d, ]+\]")
SYMBOLS = re.compile(r"\[([^\]]*)\]")


class System:
    def __init__(self, name):
        self.name = name
        self.text = (FOLDER / f"{name}.mlir").read_text()
        self.reference = importlib.import_module(name)
        self.sizes = self.reference.SIZES
        if self.render(self.sizes) != self.text:
            raise ValueError(f"{name}.mlir: expected the types of SIZES = {self.sizes}, "
                             f"got\n{self._first_difference()}")

    def _first_difference(self):
        pairs = zip(self.text.splitlines(), self.render(self.sizes).splitlines())
        return next(f"  {got}\nfor\n  {wanted}" for got, wanted in pairs if got != wanted)

    def render(self, sizes):
        """The module with `sizes` in its type aliases, whose comments name each
        extent: `!x = tensor<?x?x8xf32>  // b l D`, also `2*D` or `D+1`. So do
        those of lists: `ssm.split %xz [8, 8] : !xz  // [D, D]`, for the
        last lists of the line."""
        return "\n".join(self._render_line(line, sizes) for line in self.text.split("\n"))

    def _render_line(self, line, sizes):
        names = {name: value for name, value in sizes.items() if isinstance(value, int)}

        def evaluate(symbol):
            return str(eval(symbol, {"__builtins__": {}}, names))

        code, mark, comment = line.partition("//")
        symbols = SYMBOLS.findall(comment) if code.strip() else []
        places = [match.span() for match in LIST.finditer(code)]
        if len(symbols) > len(places):
            raise ValueError(f"{self.name}.mlir: expected at least {len(symbols)} lists in '{line}'")
        for (begin, end), extents in reversed([*zip(places[-len(symbols):], symbols)]):
            values = ", ".join(map(evaluate, extents.split(",")))
            code = f"{code[:begin]}[{values}]{code[end:]}"
        if symbols:
            return code + mark + comment
        if not (match := ALIAS.match(line)):
            return line
        symbols = match[4].split()
        if len(symbols) != match[2].count("x") + 1:
            raise ValueError(f"{self.name}.mlir: expected one symbol per extent in '{line}'")
        extents = ["?" if old == "?" else evaluate(symbol)
                   for old, symbol in zip(match[2].split("x"), symbols)]
        return line.replace(match[2] + match[3], "x".join(extents) + match[3], 1)

    def option(self, name, default):
        return getattr(self.reference, name, default)

    def parameters(self, rng, sizes):
        return self.option("parameters", lambda rng, **sizes: {})(rng, **sizes)

    @property
    def causal(self):
        return self.option("CAUSAL", True)

    def all_sizes(self):
        return [self.sizes, *self.option("AWKWARD", [])]

    def lengths(self, sizes, default):
        if "L" in sizes:
            return [sizes["L"]]
        return self.option("LENGTHS", default)

    @property
    def is_named(self):
        """Whether named ops say it all: no body is written out, no projections
        stand around them, and no order of scanning is made."""
        return not any(op in self.text for op in
                       ("ssm.yield", "ssm.linear ", "ssm.low_rank ", "ssm.traverse "))

    def lines(self):
        """Lines of IR: neither blank nor only a comment."""
        stripped = [line.strip() for line in self.text.splitlines()]
        return sum(bool(line) and not line.startswith("//") for line in stripped)


def names():
    return sorted(path.stem for path in FOLDER.glob("*.mlir")
                  if path.with_suffix(".py").exists())
