"""The op vectors of data/, each as a module of the `ssm` dialect.

A vector holds what another implementation computed in float64, time last
([batch, channels, time]); the dialect has time second.
"""
import dataclasses
import pathlib

import numpy as np

DATA = pathlib.Path(__file__).parent / "data"


@dataclasses.dataclass
class Case:
    """`body` computes %y and one %<name> per state from the inputs,
    the parameters and, where it says {init:<name>}, the initial states."""
    name: str
    inputs: dict  # [batch, time, ...]
    parameters: dict
    states: dict  # expected final state, [batch, ...]
    body: str
    expected: np.ndarray  # [batch, time, ...]
    initial: dict = dataclasses.field(default_factory=dict)

    def type_of(self, name):
        """Batch and time are left open."""
        if name in self.parameters:
            dims = list(self.parameters[name].shape)
        elif name in self.inputs:
            dims = ["?", "?", *self.inputs[name].shape[2:]]
        elif name in self.states:
            dims = ["?", *self.states[name].shape[1:]]
        else:
            dims = ["?", "?", *self.expected.shape[2:]]
        return f"tensor<{'x'.join(map(str, dims))}xf32>"

    def module(self, stored, with_init):
        """A module whose arguments are the inputs, the parameters unless they
        are `stored`, and `with_init` the states, and whose results are %y and
        the states."""
        initial = {name: f"{name}_0" for name in self.states} if with_init else {}
        arguments = [(n, self.type_of(n)) for n in self.inputs]
        if not stored:
            arguments += [(n, self.type_of(n)) for n in self.parameters]
        arguments += [(initial[n], self.type_of(n)) for n in initial]
        return self._text(arguments, stored, initial, ["y", *self.states])

    def model(self):
        """A module as a model has it: the parameters are stored, the states
        are not seen."""
        arguments = [(name, self.type_of(name)) for name in self.inputs]
        return self._text(arguments, True, {}, ["y"])

    def _text(self, arguments, stored, initial, results):
        text = self.body
        if stored:  # in the directory of the module
            text = "".join(f'%{name} = ssm.weight "{name}" : {self.type_of(name)}\n'
                           for name in self.parameters) + text
        for name in self.states:
            clause = f"init(%{initial[name]} : {self.type_of(name)})" if name in initial else ""
            text = text.replace("{init:%s}" % name, clause)
        for name in [*self.inputs, *self.parameters, *self.states]:
            text = text.replace("{type:%s}" % name, self.type_of(name))
        parameters = ", ".join(f"%{name}: {type_}" for name, type_ in arguments)
        types = ", ".join(map(self.type_of, results))
        values = ", ".join(f"%{name}" for name in results)
        attributes = 'attributes {ssm.checkpoint = "."}' if stored else ""
        return (f"module {attributes} {{\n"
                f"func.func @forward({parameters}) -> ({types}) {{\n{text}\n"
                f"return {values} : {types}\n}}\n}}\n")


def load(name):
    return dict(np.load(DATA / f"{name}.npz"))


def time_second(array):
    """[batch, ..., time] to [batch, time, ...]."""
    return np.moveaxis(array, -1, 1)


def selective_scan(variant, softplus):
    d = load(f"selective_scan_real_{variant}")
    inputs = {"u": time_second(d["u"]), "delta": time_second(d["delta"])}
    parameters = {"A": d["A"]}
    for name in "BC":
        if d[name].ndim == 2:
            parameters[name] = d[name]
        else:
            inputs[name] = time_second(d[name])
    clauses = ""
    if "D" in d:
        parameters["D"] = d["D"]
        clauses += "D(%D : {type:D}) "
    if "z" in d:
        inputs["z"] = time_second(d["z"])
        clauses += "z(%z : {type:z}) "
    if "delta_bias" in d:
        parameters["bias"] = d["delta_bias"]
        clauses += "dt_bias(%bias : {type:bias}) "
    body = f"""
      %y, %h = ssm.selective_scan %u, %delta, %A, %B, %C {clauses}
          {{init:h}} {"softplus" if softplus else ""}
          : {{type:u}}, {{type:A}}, {{type:B}}, {{type:C}}"""
    return Case(f"selective_scan_real_{variant}", inputs, parameters,
                {"h": d["last_state"]}, body, time_second(d["out"]))


CONV = """
      %y, %w = ssm.short_conv %x, %weight bias(%bias : {type:bias}) {init:w}
          activation(ACTIVATION) : {type:x}, {type:weight}"""
CONV_NO_BIAS = """
      %y, %w = ssm.short_conv %x, %weight {init:w} : {type:x}, {type:weight}"""


def convolutions():
    d = load("causal_conv1d")
    x = {"x": time_second(d["x"])}
    parameters = {"weight": d["weight"], "bias": d["bias"]}
    silu = CONV.replace("ACTIVATION", "silu")
    yield Case("causal_conv1d plain", x, parameters, {"w": d["final_silu"]},
               CONV.replace("ACTIVATION", "none"), time_second(d["out_plain"]))
    yield Case("causal_conv1d silu", x, parameters, {"w": d["final_silu"]}, silu,
               time_second(d["out_silu"]))
    yield Case("causal_conv1d initial state", x, parameters, {"w": d["final_init"]}, silu,
               time_second(d["out_init"]), {"w": d["initial_states"]})
    # Two time steps, fewer than the window holds; weight as checkpoints have it.
    yield Case("causal_conv1d short", {"x": x["x"][:, :2]},
               {"weight": d["weight"][:, None, :]}, {"w": d["final_short"]}, CONV_NO_BIAS,
               time_second(d["out_short"]))


def convolution_updates():
    """The vector's buffers hold the last 5 inputs, a window the last 3."""
    d = load("causal_conv1d_update")
    x = {"x": time_second(d["x"])}
    parameters = {"weight": d["weight"], "bias": d["bias"]}
    silu = CONV.replace("ACTIVATION", "silu")
    start = {"w": d["conv_state0"][:, :, -3:]}
    yield Case("causal_conv1d_update steps", x, parameters, {"w": d["stateA"][:, :, -3:]},
               silu, time_second(d["outA"]), start)
    yield Case("causal_conv1d_update tokens", x, parameters, {"w": d["stateB"][:, :, -3:]},
               CONV.replace("ACTIVATION", "none"), time_second(d["outB"]), start)

    def window(buffer, end):
        """The 3 inputs before position `end` of each row's circular buffer."""
        return np.stack([row[:, (n - 3 + np.arange(3)) % 5] for row, n in zip(buffer, end)])

    filled = d["cache_seqlens"]
    yield Case("causal_conv1d_update circular", x, parameters,
               {"w": window(d["stateC"], filled + 3)}, silu, time_second(d["outC"]),
               {"w": window(d["conv_state0"], filled)})


def packed_windows():
    """Sequences packed along time: each has a window of its own. The vector
    says nothing of outputs: those of a convolution that copies its input."""
    d = load("causal_conv1d_varlen_states")
    channels = d["x"].shape[1]
    weight = np.zeros((channels, 5))
    weight[:, -1] = 1
    for i, (begin, end) in enumerate(zip(d["cu_seqlens"], d["cu_seqlens"][1:])):
        x = d["x"][None, begin:end]
        yield Case(f"causal_conv1d_varlen_states {i}", {"x": x}, {"weight": weight},
                   {"w": d["states"][i:i + 1]}, CONV_NO_BIAS, x)


def mamba_mixer():
    d = load("hf_mamba_mixer")
    parameters = {key[2:].replace(".", "_"): value
                  for key, value in d.items() if key.startswith("p.")}
    body = """
      %xz = ssm.linear %input, %in_proj_weight
          bias(%in_proj_bias : {type:in_proj_bias}) : {type:input}, {type:in_proj_weight}
      %x, %z = ssm.split %xz [12, 12] : tensor<?x?x24xf32>
      %u, %w = ssm.short_conv %x, %conv1d_weight bias(%conv1d_bias : {type:conv1d_bias})
          {init:w} activation(silu) : tensor<?x?x12xf32>, {type:conv1d_weight}
      %p = ssm.linear %u, %x_proj_weight : tensor<?x?x12xf32>, {type:x_proj_weight}
      %dt, %B, %C = ssm.split %p [3, 4, 4] : tensor<?x?x11xf32>
      %delta = ssm.linear %dt, %dt_proj_weight : tensor<?x?x3xf32>, {type:dt_proj_weight}
      %exp = math.exp %A_log : {type:A_log}
      %A = arith.negf %exp : {type:A_log}
      %s, %h = ssm.selective_scan %u, %delta, %A, %B, %C D(%D : {type:D})
          z(%z : tensor<?x?x12xf32>) dt_bias(%dt_proj_bias : {type:dt_proj_bias})
          {init:h} softplus
          : tensor<?x?x12xf32>, {type:A_log}, tensor<?x?x4xf32>, tensor<?x?x4xf32>
      %y = ssm.linear %s, %out_proj_weight bias(%out_proj_bias : {type:out_proj_bias})
          : tensor<?x?x12xf32>, {type:out_proj_weight}"""
    return Case("hf_mamba_mixer", {"input": d["mixer_in"]}, parameters,
                # That implementation keeps one input more than the taps need.
                {"w": d["final_conv_states"][:, :, 1:], "h": d["final_recurrent_states"]},
                body, d["mixer_out"])


def all_cases():
    for variant, softplus in [("var", True), ("var_nosoftplus", False), ("const", False),
                              ("varB_constC", False), ("mixed_constB_varC", True),
                              ("grouped3", True)]:
        yield selective_scan(variant, softplus)
    yield from convolutions()
    yield from convolution_updates()
    yield from packed_windows()
    yield mamba_mixer()
