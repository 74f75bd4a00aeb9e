"""The state-space dual (catalog B, 1.4 to 1.6) by its recurrence."""
import numpy as np


def ssd(x, dt, A, B, C, D=None, initial=None, transition=np.exp, read_before=False):
    """y [B, L, H, P] and the last state [B, H, P, N]; dt as used, B and C
    [B, L, G, N]. With `read_before` step t gives what step t - 1 read."""
    heads = x.shape[2]
    B, C = (np.repeat(m, heads // m.shape[2], axis=2) for m in (B, C))
    S = np.zeros((*x.shape[:1], *x.shape[2:], B.shape[-1])) if initial is None else initial
    y = np.zeros(x.shape)
    for t in range(x.shape[1]):
        decay = transition(dt[:, t] * A)[..., None, None]
        S = decay * S + (dt[:, t, :, None] * x[:, t])[..., None] * B[:, t, :, None]
        read = (S * C[:, t, :, None]).sum(-1)
        if not read_before:
            y[:, t] = read
        elif t + 1 < x.shape[1]:
            y[:, t + 1] = read
    if D is not None:
        y += (D[:, None] if D.ndim == 1 else D) * x
    return y, S
