"""Inputs of matrix-state ops, and vectors as the systems here take them."""
import numpy as np

from harness import Golden


def qkv(rng, B, L, H, K, V, unit_keys=False):
    """Queries, scaled, keys and values [B, L, H, K or V]."""
    q, k, v = (rng.normal(0, 1, (B, L, H, size)) for size in (K, K, V))
    if unit_keys:
        k /= np.linalg.norm(k, axis=-1, keepdims=True)
    return {"q": q * K**-0.5, "k": k, "v": v}


def heads_second(array):
    """[B, H, T, ...] to [B, T, H, ...] and back."""
    return array.swapaxes(1, 2)


def matrix_state(load, file, arguments, parameters=None, heads_first=False, scale=True,
                 value_first=True, extra=None, reset=False, tolerance=1e-10):
    """The vector `file` with the module's `arguments`, each under the vector's
    name for it. The query is scaled by K^{-1/2} here where the vector's code
    does so inside. States are [B, H, K, V] in vectors; `value_first` says that
    the module has [B, H, V, K]. `extra` names the module's other states:
    (in the vector before, in the vector after). `reset` says that the module
    has such an argument.

    Where the vector starts from zero, it is given twice: once without states,
    so that the reference and the compiled form are checked, and once from
    explicit zeros, which checks the final state."""
    d = load(file)
    move = heads_second if heads_first else np.asarray
    inputs = {name: move(d[field]) for name, field in arguments.items()}
    query = next(iter(inputs))
    sizes = {"H": inputs["v"].shape[2], "K": inputs[query].shape[3], "V": inputs["v"].shape[3]}
    if reset:
        inputs["reset"] = np.zeros(inputs["v"].shape[:2])
    if scale:
        inputs[query] = inputs[query] * sizes["K"]**-0.5
    outputs = [move(d["out_o"])]
    parameters = parameters(d, **sizes) if parameters else {}
    if "initial_state" not in d:
        yield Golden(file, sizes, inputs, parameters, outputs)
    if "out_final_state" not in d:
        return

    def placed(state):
        return state.swapaxes(2, 3) if value_first else state

    final = d["out_final_state"]
    initial = {"op0.recurrent": placed(d.get("initial_state", np.zeros_like(final)))}
    final = {"op0.recurrent": placed(final)}
    for name, (before, after) in (extra or {}).items():
        shape = initial["op0.recurrent"].shape[:2] + (sizes["K"],)
        initial[name] = d[before].reshape(shape) if before in d else np.zeros(shape)
        final[name] = d[after].reshape(shape)
    yield Golden(file, sizes, inputs, parameters, outputs, initial, final, tolerance)


def mlstm_arrays(d):
    """Gates are called i and f, f_ where the function's argument was named so,
    or igate and fgate."""
    names = {"q": "q", "k": "k", "v": "v", "i": "i" if "i" in d else "igate",
             "f": next(name for name in ("f", "f_", "fgate") if name in d)}
    inputs = {name: heads_second(d[field]) for name, field in names.items()}
    sizes = {"H": inputs["v"].shape[2], "K": inputs["q"].shape[3], "V": inputs["v"].shape[3]}
    inputs["q"] = inputs["q"] * sizes["K"]**-0.5
    return sizes, inputs, [heads_second(d["out_h"])]


def mlstm_parallel(load, file):
    """From no state at all, that is m = -inf where the step form has 0, which
    moves the result at the level of eps."""
    sizes, inputs, outputs = mlstm_arrays(load(file))
    yield Golden(file, sizes, inputs, {}, outputs, tolerance=2e-6)


def mlstm(load, file):
    d = load(file)
    sizes, inputs, outputs = mlstm_arrays(d)
    final = {name: d[f"out_{name}"] for name in "cnm"}
    initial = {name: d.get(f"{name}_initial", np.zeros_like(final[name])) for name in "cnm"}
    if "c_initial" not in d:
        yield Golden(file, sizes, inputs, {}, outputs)
    yield Golden(file, sizes, inputs, {}, outputs, mlstm_states(initial, 1.0),
                 mlstm_states(final, 1.0))


def mlstm_states(states, factor):
    """Value first, in the module's units, which are `factor` times these."""
    heads, keys = states["c"].shape[:2], states["c"].shape[:3]
    return {"op1.recurrent": states["c"].swapaxes(2, 3) * factor,
            "op2.normalizer": states["n"].reshape(keys) * factor,
            "op0.stabilizer": states["m"].reshape(heads)}


def mlstm_xlstm(load, file, factor):
    d = load(file)
    sizes, inputs, outputs = mlstm_arrays(d)
    yield Golden(file, sizes, inputs, {}, outputs,
                 mlstm_states({name: d[f"{name}_state"] for name in "cnm"}, factor),
                 mlstm_states({name: d[f"out_{name}"] for name in "cnm"}, factor))
