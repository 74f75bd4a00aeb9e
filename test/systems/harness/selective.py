"""The selective scan and its surroundings (catalog B, 1.1 to 1.3)."""
import numpy as np

from harness import silu, softplus


def per_channel(x, channels):
    """B or C as [batch or 1, time or 1, channels, N]: constant [D, N], or
    [B, L, N], or [B, L, G, N] where consecutive channels share a group."""
    if x.ndim == 2:
        return x[None, None]
    if x.ndim == 3:
        return np.repeat(x[:, :, None], channels, axis=2)
    return np.repeat(x, channels // x.shape[2], axis=2)


def selective_scan(u, delta, A, B, C, D=None, z=None, bias=None, use_softplus=True,
                   transition=np.exp, keep=None):
    """y [B, L, D]; u, delta, z [B, L, D]. With complex A the states are half of
    conjugate pairs. `transition` maps dt A to the decay; where `keep` [B, L] is
    zero the state before that step is dropped."""
    dt = delta if bias is None else delta + bias
    dt = softplus(dt) if use_softplus else dt
    B, C = per_channel(B, u.shape[2]), per_channel(C, u.shape[2])
    h = np.zeros((u.shape[0], *A.shape), np.result_type(A, B, C))
    y = np.empty(u.shape)
    for t in range(u.shape[1]):
        decay = transition(dt[:, t, :, None] * A)
        if keep is not None:
            decay = decay * (keep[:, t] != 0)[:, None, None]
        b, c = B[:, min(t, B.shape[1] - 1)], C[:, min(t, C.shape[1] - 1)]
        h = decay * h + (dt[:, t] * u[:, t])[..., None] * b
        read = (h * c).sum(-1)
        y[:, t] = 2 * read.real if np.iscomplexobj(h) else read
    if D is not None:
        y = y + D * u
    return y if z is None else y * silu(z)


def short_conv(x, weight, bias=0.0, keep=None):
    """Causal and depthwise; weight [D, W], oldest tap first. A tap of `keep`
    [B, L, W], or of all if None, that is zero contributes nothing."""
    width = weight.shape[-1]
    padded = np.concatenate([np.zeros((x.shape[0], width - 1, x.shape[2])), x], axis=1)
    y = np.zeros(x.shape) + bias
    for k in range(width):
        tap = weight[:, k] * padded[:, k:k + x.shape[1]]
        y += tap if keep is None else tap * keep[:, :, k, None]
    return y


def time_second(array):
    """[batch, ..., time] to [batch, time, ...]."""
    return np.moveaxis(array, -1, 1)


def mamba_parameters(rng, M, D, N, R, width=4):
    """Of a block, by the names of checkpoints."""
    dt = np.exp(rng.uniform(np.log(1e-3), np.log(0.1), D))
    return {"in_proj.weight": rng.normal(0, M**-0.5, (2 * D, M)),
            "in_proj.bias": rng.normal(0, 0.1, 2 * D),
            "conv1d.weight": rng.normal(0, 0.5, (D, 1, width)),
            "conv1d.bias": rng.normal(0, 0.1, D),
            "x_proj.weight": rng.normal(0, D**-0.5, (R + 2 * N, D)),
            "dt_proj.weight": rng.uniform(-1, 1, (D, R)) * R**-0.5,
            "dt_proj.bias": dt + np.log(-np.expm1(-dt)),
            "A_log": np.tile(np.log(np.arange(1, N + 1)), (D, 1)),
            "D": rng.normal(1, 0.1, D),
            "out_proj.weight": rng.normal(0, D**-0.5, (M, D)),
            "out_proj.bias": rng.normal(0, 0.1, M)}


def mamba_inner(x, z, p, R, N, prefix="", A=None, **options):
    """From the two halves of in_proj to before out_proj."""
    p = {name[len(prefix):]: value for name, value in p.items() if name.startswith(prefix)}
    u = silu(short_conv(x, p["conv1d.weight"][:, 0], p["conv1d.bias"]))
    low, B, C = np.split(u @ p["x_proj.weight"].T, [R, R + N], axis=-1)
    return selective_scan(u, low @ p["dt_proj.weight"].T, -np.exp(p["A_log"]) if A is None else A,
                          B, C, p["D"], z, p["dt_proj.bias"], **options)


def mamba_block(x, p, R, N, **options):
    x, z = np.split(x @ p["in_proj.weight"].T + p["in_proj.bias"], 2, axis=-1)
    y = mamba_inner(x, z, p, R, N, **options)
    return y @ p["out_proj.weight"].T + p["out_proj.bias"]
