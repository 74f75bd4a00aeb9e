"""The op vectors of the named recurrences."""
import dataclasses

import numpy as np

from cases import Case, convolutions, load, selective_scan


def time_third(array):
    """[batch, heads, time, ...] to [batch, time, heads, ...]."""
    return array.swapaxes(1, 2)


def value_first(state):
    """A matrix state [..., key, value], as most others keep it."""
    return state.swapaxes(-1, -2)


def clauses(**operands):
    """`name(%operand : type)` for each."""
    return " ".join(f"{name}(%{operand} : {{type:{operand}}})"
                    for name, operand in operands.items())


def call(op, operands, clause, results="%y, %S"):
    types = ", ".join(f"{{type:{name}}}" for name in operands)
    values = ", ".join(f"%{name}" for name in operands)
    return f"{results} = ssm.{op} {values} {clause} : {types}"


QKV = ("q", "k", "v")
SCALE = 5 ** -0.5  # of the vectors' five keys


def scaled(q):
    """For scale(0.5), which float32 holds exactly."""
    return q * (SCALE / 0.5)


def linear_attention(name, d, initial=None, states=None, parameters=None, decay="",
                     extra="scale(0.5)", results="%y, %S", gate=()):
    inputs = {key: d[key] for key in (*QKV, *gate)}
    if "scale" in extra:
        inputs["q"] = scaled(d["q"])
    body = call("linear_attention", QKV, f"{decay} {{inits}} {extra}", results)
    return Case(name, inputs, parameters or {}, states or {}, body, d["y"], initial or {})


def linear_attentions():
    d = load("linear_attn_rec_init")
    d["y"] = d["out_o"]
    states = {"S": value_first(d["out_final_state"])}
    initial = {"S": value_first(d["initial_state"])}
    yield linear_attention("linear_attn_rec_init", d, initial, states)

    d = load("linear_attn_rec_norm_init")
    d["y"] = d["out_o"]
    yield linear_attention(
        "linear_attn_rec_norm_init", d,
        {"S": value_first(d["initial_state"]), "z": d["z_init"][:, 0]},
        {"S": value_first(d["out_final_state"]), "z": d["out_final_z"][:, 0]},
        extra="scale(0.5) normalizer(sum) eps(1.0e-10)", results="%y, %S, %z")

    d = load("retention_parallel")
    d = {"y": time_third(d["out_o"]), **{name: time_third(d[name]) for name in QKV}}
    yield linear_attention("retention_parallel", d, decay=clauses(decay="gamma"),
                           parameters={"gamma": 1 - 2.0 ** (-5 - np.arange(3))})

    d = load("lightning_attn_fla_init")
    d["y"] = d["out_o"]
    yield linear_attention(
        "lightning_attn_fla_init", d, {"S": value_first(d["initial_state"])},
        {"S": value_first(d["out_final_state"])},
        decay="log " + clauses(decay="rate"),
        parameters={"rate": -8 / 3 * (1 - 2 / 6) * np.arange(3.0)})

    for name, gate in [("simple_gla_rec", "g"), ("gla_rec_init", "gk"),
                       ("gla_rec_strong_decay", "gk")]:
        d = load(name)
        d["y"] = d["out_o"]
        yield linear_attention(name, d, {"S": value_first(d["initial_state"])},
                               {"S": value_first(d["out_final_state"])}, gate=(gate,),
                               decay="log " + clauses(decay=gate))

    d = load("rwkv6_rec_scaled_init")
    initial = {"S": value_first(d["initial_state"])}
    states = {"S": value_first(d["out_final_state"])}
    u = d["u"]
    d = {"y": time_third(d["out_o"]),
         **{name: time_third(d[name]) for name in (*QKV, "w")}}
    yield linear_attention("rwkv6_rec_scaled_init", d, initial, states, {"u": u}, gate=("w",),
                           decay="log " + clauses(decay="w", bonus="u"))


# log sigmoid(f) = -softplus(-f)
FORGET = """
      %minus = arith.negf %f : {type:f}
      %soft = ssm.softplus %minus : {type:f}
      %forget = arith.negf %soft : {type:f}
      """
LOG_FORGET = "log decay(%forget : {type:f}) "


def mlstm_rec(name):
    d = load(name)
    inputs = {name: time_third(d[name]) for name in (*QKV, "i", "f")}
    inputs["q"] = scaled(inputs["q"])
    body = FORGET + call(
        "linear_attention", QKV,
        LOG_FORGET + clauses(input_gate="i") +
        " {inits} scale(0.5) normalizer(max) eps(1.0e-6)", "%y, %C, %n, %m")
    initial = {}
    if "c_initial" in d:
        initial = {"C": value_first(d["c_initial"]), "n": d["n_initial"],
                   "m": d["m_initial"][..., 0]}
    return Case(name, inputs, {},
                {"C": value_first(d["out_c"]), "n": d["out_n"], "m": d["out_m"][..., 0]}, body,
                time_third(d["out_h"]), initial,
                # A quotient whose divisor nearly cancels.
                float32_bound=4e-6)


def mlstm():
    yield mlstm_rec("mlstm_rec")
    yield mlstm_rec("mlstm_rec_init")

    # A sigmoid as input gate needs no stabilizer; here it is part of the key.
    d = load("mlstm_siging_parallel")
    inputs = {name: time_third(d[name]) for name in QKV}
    inputs["q"] = scaled(inputs["q"])
    inputs["i"], inputs["f"] = time_third(d["i"]), time_third(d["f_"])
    body = FORGET + """
      %gate = ssm.sigmoid %i : {type:i}
      %gates = ssm.broadcast %gate like %k [0, 1, 2] : {type:i}, {type:k}
      %gated = arith.mulf %gates, %k : {type:k}
      %y, %C, %n = ssm.linear_attention %q, %gated, %v """ + LOG_FORGET + """
          {inits} scale(0.5) normalizer(max) eps(1.0e-6) : {type:q}, {type:k}, {type:v}"""
    yield Case("mlstm_siging_parallel", inputs, {}, {}, body, time_third(d["out_h"]))


def ssd(name, flags):
    d = load(name)
    inputs = {key: d[key] for key in ("x", "dt", "B", "C", "z") if key in d}
    parameters = {key: d[key] for key in ("A", "D", "dt_bias") if key in d}
    clause = clauses(**{key: key for key in ("D", "z", "dt_bias") if key in d})
    body = call("ssd", ("x", "dt", "A", "B", "C"), f"{clause} {{inits}} {flags}")
    # Limits such as 0.05 are constants in float32.
    return Case(name, inputs, parameters, {}, body, d["out_scan"],
                float64_bound=2e-8 if "dt_min" in flags else 1e-13)


def ssds():
    yield ssd("ssd_g1", "softplus")
    yield ssd("ssd_g2_plain", "")
    yield ssd("ssd_g3_D2_z", "softplus")
    yield ssd("ssd_g3_dtlimit_L37", "softplus dt_min(0.05) dt_max(0.8)")

    # The same recurrence in the words of attention: C asks, B is the key.
    d = load("ssd_minimal_init")
    inputs = {"q": d["C"], "k": d["B"], "v": d["X"], "A": d["A"], "y": d["out_Y"]}
    yield linear_attention("ssd_minimal_init", inputs, {"S": d["initial_states"][:, 0]},
                           {"S": d["out_final_state"]}, gate=("A",), extra="",
                           decay="log " + clauses(decay="A"))


def delta_rule(name, inputs, d, clause, scale="scale(0.5)", transpose=value_first):
    if scale:
        inputs["q"] = scaled(inputs["q"])
    body = call("delta_rule", QKV, f"{clause} {{init:S}} {scale}")
    initial = {"S": transpose(d["initial_state"])} if "initial_state" in d else {}
    return Case(name, inputs, {}, {"S": transpose(d["out_final_state"])}, body, inputs.pop("y"),
                initial)


def delta_rules():
    for name in ("delta_rule_rec", "delta_rule_rec_init"):
        d = load(name)
        inputs = {key: time_third(d[key]) for key in (*QKV, "beta")}
        yield delta_rule(name, {**inputs, "y": time_third(d["out_o"])}, d,
                         clauses(beta="beta"))

    for name in ("gated_delta_rule_rec_init", "kda_rec_gva_init"):
        d = load(name)
        inputs = {key: d[key] for key in (*QKV, "beta", "g")}
        yield delta_rule(name, {**inputs, "y": d["out_o"]}, d,
                         clauses(beta="beta") + " log " + clauses(decay="g"))

    for name in ("delta_product_n3_init", "gated_delta_product_n3_init"):
        d = load(name)

        def micro(array):  # [batch, time * 3, ...]
            return array.reshape(array.shape[0], -1, 3, *array.shape[2:])

        inputs = {"q": d["q"], **{key: micro(d[key]) for key in ("k", "v", "beta")}}
        clause = clauses(beta="beta")
        if "g" in d:
            inputs["g"] = d["g"]
            clause += " log " + clauses(decay="g")
        yield delta_rule(name, {**inputs, "y": d["out_o"]}, d, clause, scale="")

    for name in ("dplr_rec_init", "iplr_rec_init"):
        d = load(name)
        inputs = {key: time_third(d[key]) for key in (*QKV, "alpha", "beta", "gk") if key in d}
        clause = "rank_one(%alpha, %beta : {type:alpha}, {type:beta}) "
        clause += "log decay(%gk : {type:gk})" if "gk" in d else ""
        yield delta_rule(name, {**inputs, "y": time_third(d["out_o"])}, d, clause)

    # What is erased and what is written have a gate each; the error is that of
    # the decayed state.
    d = load("gdn2_rec_init")
    inputs = {"q": d["q"], "k": d["k"], "v": d["w"] * d["v"], "g": d["g"],
              "a": -np.exp(d["g"]) * d["b"] * d["k"], "y": d["out_o"]}
    yield delta_rule("gdn2_rec_init", inputs, d,
                     "rank_one(%a, %k : {type:a}, {type:k}) log " + clauses(decay="g"))

    d = load("rwkv7_core_md_init")  # its decay is exp(-exp(w))
    inputs = {name: time_third(d[name]) for name in (*QKV, "a", "b")}
    inputs["g"], inputs["y"] = -np.exp(time_third(d["w"])), time_third(d["out_o"])
    yield delta_rule("rwkv7_core_md_init", inputs, d,
                     "rank_one(%a, %b : {type:a}, {type:b}) log " + clauses(decay="g"),
                     scale="", transpose=np.asarray)


def complex_pair(array):
    return array[..., 0], array[..., 1]


def rnn(name, cell, states):
    d = load(name)
    inputs = {"x": d["x"]}
    parameters = {"U": d["weight_hh_l0"], "W": d["weight_ih_l0"], "bi": d["bias_ih_l0"],
                  "bh": d["bias_hh_l0"]}
    clause = clauses(input_weight="W", input_bias="bi", hidden_bias="bh")
    results = ", ".join(["%y", *(f"%{key}" for key in states)])
    body = call(f"rnn {cell}", ("x", "U"), f"{clause} {{inits}}", results)
    return Case(name, inputs, parameters, {key: d[f"out_{key}_n"][0] for key in states}, body,
                d["out_o"], {key: d[f"{key}0"][0] for key in states})


def heads_first(array, heads, gates):
    """[..., gates x heads x units] to [..., heads, gates x units]."""
    parts = array.reshape(*array.shape[:-1], gates, heads, -1)
    return parts.swapaxes(-2, -3).reshape(*array.shape[:-1], heads, -1)


def slstm(name, cell, states):
    """Recurrence within each of three heads; the input is projected already."""
    d = load(name)
    inputs = {"x": heads_first(d["x"].swapaxes(0, 1), 3, 4)}
    parameters = {"U": d["R"], "bh": heads_first(d["b"], 3, 4)}

    def state(array):
        return dict(zip(states, heads_first(array, 3, 1)))

    results = ", ".join(["%y", *(f"%{key}" for key in states)])
    body = call(f"rnn {cell}", ("x", "U"), f"{clauses(hidden_bias='bh')} {{inits}}", results)
    outputs = d["out_states_all"][0, 1:].swapaxes(0, 1)
    return Case(name, inputs, parameters, state(d["out_last_states"]), body,
                heads_first(outputs, 3, 1), state(d["states"]))


def rnns():
    yield rnn("nn_rnn", "elman", ["h"])
    yield rnn("nn_gru", "gru", ["h"])
    yield rnn("nn_lstm", "lstm", ["h", "c"])
    yield slstm("slstm_init", "slstm", ["h", "c", "n", "m"])
    yield slstm("slstm_lstmvariant_init", "lstm", ["h", "c"])


def lti(name, u, y, parameters, clause, states=None, parts=1):
    names = ["h", "h_im"][:parts]
    results = ", ".join(["%y", *(f"%{key}" for key in names)])
    body = call("lti", ("u",), clause, results).replace("%u  ", "%u ")
    return Case(name, {"u": u}, parameters, states or {}, body, y)


def pair(name, *operands):
    """name(%re, %im : types)"""
    values = ", ".join(f"%{key}" for key in operands)
    types = ", ".join(f"{{type:{key}}}" for key in operands)
    return f"{name}({values} : {types})"


def ltis():
    d = load("s4d_minimal")  # the kernel: the response to an impulse
    u = np.zeros((1, 13, 3))
    u[:, 0] = 1
    C_re, C_im = complex_pair(d["p.kernel.C"])
    parameters = {"A_re": -np.exp(d["p.kernel.log_A_real"]), "A_im": d["p.kernel.A_imag"],
                  "C_re": C_re, "C_im": C_im, "dt": np.exp(d["p.kernel.log_dt"])}
    poles, read = pair("A", "A_re", "A_im"), pair("C", "C_re", "C_im")
    yield lti("s4d_minimal", u, d["K"].T[None], parameters,
              f"{poles} {read} method(zoh) {clauses(dt='dt')} {{inits}} conjugate", parts=2)

    d = load("s4_kernel_s4_legs")
    parameters = {"A_re": -np.exp(d["p.A_real"]), "A_im": -d["p.A_imag"],
                  "dt": np.exp(d["p.inv_dt"][:, 0])}
    for key in "PBC":
        parameters[f"{key}_re"], parameters[f"{key}_im"] = complex_pair(d[f"p.{key}"][0])
    state = d["state_dense"][..., :4]
    yield lti("s4_kernel_s4_legs", d["u"].swapaxes(1, 2), d["y_step_dense"][:, 0].swapaxes(1, 2),
              parameters,
              f"{poles} {pair('low_rank', 'P_re', 'P_im')} {pair('B', 'B_re', 'B_im')} {read} "
              f"method(bilinear) {clauses(dt='dt')} {{inits}} conjugate",
              {"h": state.real, "h_im": state.imag}, parts=2)

    d = load("spacetime_companion")  # two kernels for four channels
    a = d["p.a"] / np.abs(d["p.a"]).sum(-1, keepdims=True)
    parameters = {"A": np.repeat(a, 2, axis=0), "B": np.repeat(d["p.b"], 2, axis=0),
                  "C": np.repeat(d["p.c"], 2, axis=0), "D": d["p.skip"]}
    yield lti("spacetime_companion", d["u"], d["y"], parameters,
              f"{clauses(A='A', B='B', C='C', D='D')} {{inits}} companion")

    for method in ("zoh", "bilinear"):
        d = load(f"s5_{method}_conj")
        parameters = {"A_re": d["p.Lambda_re"], "A_im": d["p.Lambda_im"], "D": d["p.D"],
                      "dt": np.exp(d["p.log_step"][:, 0])}
        for key in "BC":
            parameters[f"{key}_re"], parameters[f"{key}_im"] = complex_pair(d[f"p.{key}"])
        yield lti(f"s5_{method}_conj", d["u"][None], d["y"][None], parameters,
                  f"{poles} {pair('B', 'B_re', 'B_im')} {read} {clauses(D='D')} "
                  f"method({method}) {clauses(dt='dt')} {{inits}} conjugate mimo", parts=2)

    d = load("lru")
    pole = np.exp(-np.exp(d["p.nu_log"]) + 1j * np.exp(d["p.theta_log"]))
    gamma = np.exp(d["p.gamma_log"])[:, None]
    parameters = {"A_re": pole.real, "A_im": pole.imag, "B_re": gamma * d["p.B_re"],
                  "B_im": gamma * d["p.B_im"], "C_re": d["p.C_re"], "C_im": d["p.C_im"],
                  "D": d["p.D"]}
    yield lti("lru", d["u"][None], d["y"][None], parameters,
              f"{poles} {pair('B', 'B_re', 'B_im')} {read} {clauses(D='D')} {{inits}} mimo",
              parts=2)


def complex_scans():
    """B and C that vary are stored interleaved along time, (re, im)."""
    for variant, softplus in [("const", "softplus"), ("var", "softplus"), ("grouped3", "softplus")]:
        d = load(f"selective_scan_complex_{variant}")
        inputs = {"u": np.moveaxis(d["u"], -1, 1), "delta": np.moveaxis(d["delta"], -1, 1)}
        parameters = {"A": d["A"].real, "A_im": d["A"].imag}
        for key in "BC":
            if np.iscomplexobj(d[key]):
                parameters[key], parameters[f"{key}_im"] = d[key].real, d[key].imag
            else:
                last = np.moveaxis(d[key], -1, 1)
                inputs[key], inputs[f"{key}_im"] = last[:, 0::2], last[:, 1::2]
        clause = pair("imag", "A_im", "B_im", "C_im") + " "
        for key, operand in [("D", "D"), ("z", "z"), ("dt_bias", "delta_bias")]:
            if operand not in d:
                continue
            if key == "z":
                inputs["z"] = np.moveaxis(d["z"], -1, 1)
            else:
                parameters[operand] = d[operand]
            clause += clauses(**{key: operand}) + " "
        body = (f"%y, %h, %h_im = ssm.selective_scan %u, %delta, %A, %B, %C {clause} {{inits}} "
                f"{softplus} : {{type:u}}, {{type:A}}, {{type:B}}, {{type:C}}")
        yield Case(f"selective_scan_complex_{variant}", inputs, parameters,
                   {"h": d["last_state"].real, "h_im": d["last_state"].imag}, body,
                   np.moveaxis(d["out"], -1, 1))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def from_equations():
    """What no vector covers, by the equations of the op."""
    rng = np.random.default_rng(1)

    def draw(*shape):  # exact in float32
        return rng.standard_normal(shape).astype(np.float32).astype(np.float64) / 2

    # lstm with peepholes
    x, U, p = draw(2, 7, 12), draw(12, 3), draw(3, 3)
    h, c, y = np.zeros((2, 3)), np.zeros((2, 3)), []
    for t in range(7):
        i, f, g, o = np.split(x[:, t] + h @ U.T, 4, axis=-1)
        i, f = sigmoid(i + p[0] * c), sigmoid(f + p[1] * c)
        c = f * c + i * np.tanh(g)
        h = sigmoid(o + p[2] * c) * np.tanh(c)
        y.append(h)
    yield Case("lstm with peepholes", {"x": x}, {"U": U, "p": p}, {"h": h, "c": c},
               call("rnn lstm", ("x", "U"), f"{clauses(peephole='p')} {{inits}}", "%y, %h, %c"),
               np.stack(y, axis=1))

    # elman with relu
    x, U = draw(2, 7, 3), draw(3, 3)
    h, y = np.zeros((2, 3)), []
    for t in range(7):
        h = np.maximum(x[:, t] + h @ U.T, 0)
        y.append(h)
    yield Case("elman with relu", {"x": x}, {"U": U}, {"h": h},
               call("rnn elman", ("x", "U"), "{init:h} relu", "%y, %h"), np.stack(y, axis=1))

    # first-order hold, complex, not in pairs
    u, dt = draw(2, 7, 3), np.array([0.5, 0.25, 1.0])
    a = -np.abs(draw(3, 2)) - 0.5 + 1j * draw(3, 2)
    B, C = draw(3, 2) + 1j * draw(3, 2), draw(3, 2) + 1j * draw(3, 2)
    z = dt[:, None] * a
    phi1, phi2 = np.expm1(z) / z, (np.expm1(z) - z) / z**2
    h, last, y = np.zeros((2, 3, 2), complex), np.zeros((2, 3)), []
    for t in range(7):
        h = (np.exp(z) * h + dt[:, None] * B * (phi2 * u[:, t, :, None]
                                                + (phi1 - phi2) * last[..., None]))
        last = u[:, t]
        y.append((C * h).sum(-1).real)
    parameters = {"dt": dt}
    for key, value in zip("ABC", (a, B, C)):
        parameters[f"{key}_re"], parameters[f"{key}_im"] = value.real, value.imag
    operands = " ".join(pair(key, f"{key}_re", f"{key}_im") for key in "ABC")
    yield Case("lti with first-order hold", {"u": u}, parameters,
               {"h": h.real, "g": h.imag, "last": last},
               call("lti", ("u",), f"{operands} method(foh) {clauses(dt='dt')} {{inits}}",
                    "%y, %h, %g, %last"), np.stack(y, axis=1))

    # one dense system for all channels, and one per channel
    u, A, B, C = draw(2, 7, 3), draw(4, 4), draw(4, 3), draw(5, 4)
    h, y = np.zeros((2, 4)), []
    for t in range(7):
        h = h @ A.T + u[:, t] @ B.T
        y.append(h @ C.T)
    dense = clauses(A="A", B="B", C="C")
    yield Case("lti dense mimo", {"u": u}, {"A": A, "B": B, "C": C}, {"h": h},
               call("lti", ("u",), f"{dense} {{init:h}} mimo", "%y, %h"), np.stack(y, axis=1))
    A, C = draw(3, 4, 4), draw(3, 4)
    h, y = np.zeros((2, 3, 4)), []
    for t in range(7):
        h = np.einsum("dnm,bdm->bdn", A, h) + u[:, t, :, None]
        y.append((C * h).sum(-1))
    yield Case("lti dense", {"u": u}, {"A": A, "C": C}, {"h": h},
               call("lti", ("u",), f"{clauses(A='A', C='C')} {{init:h}}", "%y, %h"),
               np.stack(y, axis=1))

    # hidden Markov models in log space, with transitions that cannot happen
    x, A, prior = draw(2, 7, 3), draw(3, 3), draw(3)
    A[0, 1] = A[2, 1] = -np.inf
    for semiring, add in (("max_plus", np.maximum.reduce), ("log_sum_exp", np.logaddexp.reduce)):
        y = [x[:, 0] + prior]
        for t in range(1, 7):
            y.append(x[:, t] + add(y[-1][:, :, None] + A, axis=1))
        body = call(f"semiring_scan {semiring}", ("A", "x"), "prior(%p : {type:p}) {inits}",
                    "%y, %h, %begun")
        yield Case(f"semiring scan {semiring}", {"x": x}, {"A": A, "p": prior},
                   {"h": y[-1], "begun": np.ones(2)}, body, np.stack(y, axis=1))

    # transitions of their own at every step
    x, A, prior = draw(2, 7, 3), draw(2, 7, 3, 3), draw(3)
    y = [x[:, 0] + prior]
    for t in range(1, 7):
        y.append(x[:, t] + np.logaddexp.reduce(y[-1][:, :, None] + A[:, t], axis=1))
    yield Case("semiring scan, a transition per step", {"A": A, "x": x}, {"p": prior},
               {"h": y[-1], "begun": np.ones(2)},
               call("semiring_scan log_sum_exp", ("A", "x"), "prior(%p : {type:p}) {inits}",
                    "%y, %h, %begun"), np.stack(y, axis=1))

    # products of matrices, beside a sum of what every step has
    m, c = draw(2, 7, 3, 2, 2), draw(4)
    y = [m[:, 0]]
    for t in range(1, 7):
        y.append(m[:, t] @ y[-1])
    region = """ {
      ^combine(%m0: tensor<2x2xf32>, %c0: tensor<4xf32>, %m1: tensor<2x2xf32>, %c1: tensor<4xf32>):
        %mm = ssm.contract "ij,jk->ik" %m1, %m0
            : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
        %cc = arith.addf %c0, %c1 : tensor<4xf32>
        ssm.yield %mm, %cc : tensor<2x2xf32>, tensor<4xf32>
      }"""
    yield Case("scan of a declared monoid", {"m": m}, {"c": c},
               {"M": y[-1], "C": np.broadcast_to(7 * c, (2, 3, 4)), "begun": np.ones((2, 3))},
               call("scan", ("m", "c"), "{inits}", "%y, %sums, %M, %C, %begun") + region,
               np.stack(y, axis=1))

    # groups of heads, and a decay per key that is constant
    q, k, v = draw(2, 7, 2, 3), draw(2, 7, 4, 3), draw(2, 7, 4, 5)
    decay = 1 / (1 + np.exp(draw(4, 3)))
    decay = decay.astype(np.float32).astype(np.float64)
    S, y = np.zeros((2, 4, 5, 3)), []
    for t in range(7):
        S = decay[:, None] * S + np.einsum("bhv,bhk->bhvk", v[:, t], k[:, t])
        y.append(np.einsum("bhk,bhvk->bhv", np.repeat(q[:, t], 2, axis=1), S))
    yield Case("linear attention with groups", {"q": q, "k": k, "v": v}, {"decay": decay},
               {"S": S}, call("linear_attention", QKV, f"{clauses(decay='decay')} {{inits}}"),
               np.stack(y, axis=1))


def packed(case):
    """The sequence of a vector twice in one, with a reset at the second start.
    The vector starts from zero."""
    batch, length = case.expected.shape[:2]
    twice = {name: np.concatenate([array, array], axis=1) for name, array in case.inputs.items()}
    twice["r"] = np.zeros((batch, 2 * length))
    twice["r"][:, length] = 1
    body = case.body
    for place in ("{inits}", *(f"{{init:{name}}}" for name in case.states)):
        body = body.replace(place, f"{place} reset(%r : {{type:r}})")
    return dataclasses.replace(case, name=f"{case.name} packed", inputs=twice, body=body,
                               expected=np.concatenate([case.expected] * 2, axis=1))


def backwards(case):
    """A vector from its end: the op turned round on the sequence turned round.
    The final state is then that of the start, which no vector has."""
    clauses_, types = case.body.rsplit(" : ", 1)
    for name in case.states:
        clauses_ = clauses_.replace(f"{{init:{name}}}", "")
    return dataclasses.replace(
        case, states={}, name=f"{case.name} backwards", body=f"{clauses_} reverse : {types}", causal=False,
        inputs={name: array[:, ::-1] for name, array in case.inputs.items()},
        expected=case.expected[:, ::-1])


def derived():
    """Of the vectors that start from zero."""
    for case in [selective_scan("var", softplus=True), *linear_attentions(), *mlstm(),
                 ssd("ssd_g1", "softplus"), *delta_rules()]:
        if not case.initial:
            yield packed(case)
            yield backwards(case)
    yield packed(next(case for case in convolutions() if not case.initial))


def all_cases():
    yield from linear_attentions()
    yield from mlstm()
    yield from ssds()
    yield from delta_rules()
    yield from rnns()
    yield from ltis()
    yield from complex_scans()
    yield from from_equations()
    yield from derived()
