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
    the parameters and, where it says {init:<name>} or, in an
    `ssm.recurrence`, {start:<name>}, the initial states, or {inits} for all of
    them in one clause."""
    name: str
    inputs: dict  # [batch, time, ...]
    parameters: dict
    states: dict  # expected final state, [batch, ...]
    body: str
    expected: np.ndarray  # [batch, time, ...]
    initial: dict = dataclasses.field(default_factory=dict)
    # Of the worst of the results: max|error| / max|expected|.
    float64_bound: float = 1e-13
    float32_bound: float = 1e-6
    causal: bool = True  # else there is @forward only

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
            start = f"init(%{initial[name]})" if name in initial else ""
            text = text.replace("{start:%s}" % name, start)
        everyone = (f"init({', '.join(f'%{initial[n]}' for n in self.states)} : "
                    f"{', '.join(self.type_of(n) for n in self.states)})" if initial else "")
        text = text.replace("{inits}", everyone)
        for name in [*self.inputs, *self.parameters, *self.states, "y"]:
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


# Recurrences without a name of their own, from their equations.

GATED_DELTA_RULE = """
      %y, %S = ssm.recurrence sequence(l) step(k, v)
          ins(%q[b, l, h, k], %k[b, l, h, k], %v[b, l, h, v], %g[b, l, h], %beta[b, l, h]
              : {type:q}, {type:k}, {type:v}, {type:g}, {type:beta})
          outs([b, l, h, v] : {type:y})
          states("recurrent" [b, h, k, v] {start:S} : {type:S}) {
      ^step(%q_t: tensor<5xf32>, %k_t: tensor<5xf32>, %v_t: tensor<7xf32>, %g_t: f32,
            %beta_t: f32, %s: tensor<5x7xf32>):
        %decay = math.exp %g_t : f32
        %kept = ssm.contract ",kv->kv" %decay, %s
            : (f32, tensor<5x7xf32>) -> tensor<5x7xf32>
        %known = ssm.contract "k,kv->v" %k_t, %kept
            : (tensor<5xf32>, tensor<5x7xf32>) -> tensor<7xf32>
        %new = arith.subf %v_t, %known : tensor<7xf32>
        %part = ssm.contract ",v->v" %beta_t, %new : (f32, tensor<7xf32>) -> tensor<7xf32>
        %write = ssm.contract "k,v->kv" %k_t, %part
            : (tensor<5xf32>, tensor<7xf32>) -> tensor<5x7xf32>
        %next = arith.addf %kept, %write : tensor<5x7xf32>
        %o = ssm.contract "k,kv->v" %q_t, %next
            : (tensor<5xf32>, tensor<5x7xf32>) -> tensor<7xf32>
        ssm.yield %o, %next : tensor<7xf32>, tensor<5x7xf32>
      }"""

# The columns of a matrix state are independent here: v is a parallel axis.
GATED_LINEAR_ATTENTION = """
      %y, %S = ssm.recurrence sequence(l) step(k)
          ins(%q[b, l, h, k], %k[b, l, h, k], %v[b, l, h, v], %gk[b, l, h, k]
              : {type:q}, {type:k}, {type:v}, {type:gk})
          outs([b, l, h, v] : {type:y})
          states("recurrent" [b, h, v, k] {start:S} : {type:S}) {
      ^step(%q_t: tensor<5xf32>, %k_t: tensor<5xf32>, %v_t: f32, %g_t: tensor<5xf32>,
            %s: tensor<5xf32>):
        %decay = math.exp %g_t : tensor<5xf32>
        %kept = arith.mulf %decay, %s : tensor<5xf32>
        %write = ssm.contract ",k->k" %v_t, %k_t : (f32, tensor<5xf32>) -> tensor<5xf32>
        %next = arith.addf %kept, %write : tensor<5xf32>
        %o = ssm.contract "k,k->" %q_t, %next : (tensor<5xf32>, tensor<5xf32>) -> f32
        ssm.yield %o, %next : f32, tensor<5xf32>
      }"""

RWKV7 = """
      %y, %S = ssm.recurrence sequence(l) step(k)
          ins(%q[b, l, h, k], %w[b, l, h, k], %k[b, l, h, k], %v[b, l, h, v],
              %a[b, l, h, k], %b[b, l, h, k]
              : {type:q}, {type:w}, {type:k}, {type:v}, {type:a}, {type:b})
          outs([b, l, h, v] : {type:y})
          states("recurrent" [b, h, v, k] {start:S} : {type:S}) {
      ^step(%q_t: tensor<5xf32>, %w_t: tensor<5xf32>, %k_t: tensor<5xf32>, %v_t: f32,
            %a_t: tensor<5xf32>, %b_t: tensor<5xf32>, %s: tensor<5xf32>):
        %rate = math.exp %w_t : tensor<5xf32>
        %log = arith.negf %rate : tensor<5xf32>
        %decay = math.exp %log : tensor<5xf32>
        %kept = arith.mulf %decay, %s : tensor<5xf32>
        %read = ssm.contract "k,k->" %a_t, %s : (tensor<5xf32>, tensor<5xf32>) -> f32
        %moved = ssm.contract ",k->k" %read, %b_t : (f32, tensor<5xf32>) -> tensor<5xf32>
        %write = ssm.contract ",k->k" %v_t, %k_t : (f32, tensor<5xf32>) -> tensor<5xf32>
        %sum = arith.addf %kept, %moved : tensor<5xf32>
        %next = arith.addf %sum, %write : tensor<5xf32>
        %o = ssm.contract "k,k->" %q_t, %next : (tensor<5xf32>, tensor<5xf32>) -> f32
        ssm.yield %o, %next : f32, tensor<5xf32>
      }"""

# Sums of exponentials, kept relative to the largest exponent so far.
RWKV4 = """
      %y, %num, %den, %max = ssm.recurrence sequence(l) step()
          ins(%key[b, l, d], %value[b, l, d], %time_decay[d], %time_first[d]
              : {type:key}, {type:value}, {type:time_decay}, {type:time_first})
          outs([b, l, d] : {type:y})
          states("numerator" [b, d] {start:num}, "denominator" [b, d] {start:den},
                 "exponent" [b, d] {start:max} : {type:num}, {type:den}, {type:max}) {
      ^step(%k: f32, %v: f32, %log_rate: f32, %u: f32, %n: f32, %d: f32, %m: f32):
        %now = arith.addf %k, %u : f32
        %m_out = arith.maximumf %m, %now : f32
        %x0 = arith.subf %m, %m_out : f32
        %x1 = arith.subf %now, %m_out : f32
        %e0 = math.exp %x0 : f32
        %e1 = math.exp %x1 : f32
        %n0 = arith.mulf %e0, %n : f32
        %n1 = math.fma %e1, %v, %n0 : f32
        %d1 = math.fma %e0, %d, %e1 : f32
        %o = arith.divf %n1, %d1 : f32
        %rate = math.exp %log_rate : f32
        %m_kept = arith.subf %m, %rate : f32
        %m_next = arith.maximumf %m_kept, %k : f32
        %x2 = arith.subf %m_kept, %m_next : f32
        %x3 = arith.subf %k, %m_next : f32
        %e2 = math.exp %x2 : f32
        %e3 = math.exp %x3 : f32
        %n2 = arith.mulf %e2, %n : f32
        %n_next = math.fma %e3, %v, %n2 : f32
        %d_next = math.fma %e2, %d, %e3 : f32
        ssm.yield %o, %n_next, %d_next, %m_next : f32, f32, f32, f32
      }"""


def hand_written():
    d = load("gated_delta_rule_rec_init")
    inputs = {name: d[name] for name in ("q", "k", "v", "g", "beta")}
    inputs["q"] = d["q"] * d["q"].shape[-1] ** -0.5
    yield Case("gated_delta_rule", inputs, {}, {"S": d["out_final_state"]}, GATED_DELTA_RULE,
               d["out_o"], {"S": d["initial_state"]})

    def value_first(state):
        return state.swapaxes(-1, -2)

    d = load("gla_rec_init")
    inputs = {name: d[name] for name in ("q", "k", "v", "gk")}
    inputs["q"] = d["q"] * d["q"].shape[-1] ** -0.5
    yield Case("gated_linear_attention", inputs, {}, {"S": value_first(d["out_final_state"])},
               GATED_LINEAR_ATTENTION, d["out_o"], {"S": value_first(d["initial_state"])})

    d = load("rwkv7_core_md_init")  # [batch, heads, time, ...]
    inputs = {name: d[name].swapaxes(1, 2) for name in ("q", "w", "k", "v", "a", "b")}
    yield Case("rwkv7", inputs, {}, {"S": d["out_final_state"]}, RWKV7,
               d["out_o"].swapaxes(1, 2), {"S": d["initial_state"]})

    d = load("rwkv4_wkv_hf_init")
    yield Case("rwkv4", {name: d[name] for name in ("key", "value")},
               {name: d[name] for name in ("time_decay", "time_first")},
               {name: d[f"out_{name}_state"] for name in ("num", "den", "max")}, RWKV4,
               d["out_o"], {"num": d["num"], "den": d["den"], "max": d["mx"]})


def all_cases():
    for variant, softplus in [("var", True), ("var_nosoftplus", False), ("const", False),
                              ("varB_constC", False), ("mixed_constB_varC", True),
                              ("grouped3", True)]:
        yield selective_scan(variant, softplus)
    yield from convolutions()
    yield from convolution_updates()
    yield from packed_windows()
    yield mamba_mixer()
    yield from hand_written()
