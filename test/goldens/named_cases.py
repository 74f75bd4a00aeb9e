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
    yield from derived()
