"""Mamba block (catalog B, 1.3): in_proj to (x, z); x through a causal
convolution and silu; (dt, B, C) = x_proj x; selective scan gated by z; out_proj."""
from harness import Golden
from harness.selective import mamba_block, mamba_parameters

SIZES = {"M": 8, "D": 16, "N": 4, "R": 1}
AWKWARD = [{"M": 6, "D": 19, "N": 16, "R": 3}]


def parameters(rng, M, D, N, R):
    return mamba_parameters(rng, M, D, N, R)


def inputs(rng, B, L, M, **sizes):
    return {"input": rng.normal(0, 1, (B, L, M))}


def forward(inputs, parameters, M, D, N, R):
    return [mamba_block(inputs["input"], parameters, R, N)]


def goldens(load):
    d = load("hf_mamba_mixer")
    parameters = {key[2:]: value for key, value in d.items() if key.startswith("p.")}
    yield Golden("hf_mamba_mixer", {"M": 6, "D": 12, "N": 4, "R": 3}, {"input": d["mixer_in"]},
                 parameters, [d["mixer_out"]])
