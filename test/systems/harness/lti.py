"""Time-invariant systems (catalog A, 1): discretization, HiPPO, convolution."""
import numpy as np


def pair(p, name):
    """The complex weight that is stored as two real ones."""
    return p[f"{name}_re"] + 1j * p[f"{name}_im"]


def planar(name, array):
    return {f"{name}_re": array.real, f"{name}_im": array.imag}


def zoh(a, dt):
    """Decay and gain of x' = a x + u, elementwise, a != 0 (CORE-1)."""
    return np.exp(dt * a), np.expm1(dt * a) / a


def bilinear(a, dt):
    return (1 + dt * a / 2) / (1 - dt * a / 2), dt / (1 - dt * a / 2)


def dense_bilinear(A, B, dt):
    """Of a matrix A [N, N] and vector B [N]."""
    left = np.linalg.inv(np.eye(len(A)) - dt / 2 * A)
    return left @ (np.eye(len(A)) + dt / 2 * A), dt * left @ B


def diagonal_kernel(weight, decay, length):
    """K[h, l] = sum_n weight[h, n] decay[h, n]^l, complex."""
    powers = decay[..., None]**np.arange(length)
    return (weight[..., None] * powers).sum(-2)


def causal(kernel, u):
    """y[t] = sum_j K[j] u[t-j]; kernel [H, K], u [B, L, H] (CORE-5)."""
    y = np.zeros(u.shape)
    for j in range(min(kernel.shape[1], u.shape[1])):
        y[:, j:] += kernel[:, j] * u[:, :u.shape[1] - j]
    return y


def anticausal(kernel, u):
    """y[t] = sum_j K[j] u[t+j]."""
    return causal(kernel, u[:, ::-1])[:, ::-1]


def scan_diagonal(decay, driven, reverse=False):
    """x[t] = decay x[t-1] + driven[t], from zero; driven [B, L, ...]."""
    x = np.zeros(driven.shape[:1] + driven.shape[2:], complex)
    states = np.empty(driven.shape, complex)
    times = range(driven.shape[1])
    for t in reversed(times) if reverse else times:
        x = decay * x + driven[:, t]
        states[:, t] = x
    return states


def impulse(channels, length):
    """One row whose convolution with K is K."""
    u = np.zeros((1, length, channels))
    u[0, 0] = 1
    return u


def erf(x):
    """Abramowitz and Stegun 7.1.5 and 7.1.14: series near 0, continued fraction
    elsewhere; both exact to float64 in their range."""
    x = np.asarray(x, float)
    small = np.clip(x, -3, 3)
    term, series = small.copy(), small.copy()
    for n in range(1, 80):
        term = term * -small**2 / n
        series = series + term / (2 * n + 1)
    large = np.maximum(np.abs(x), 2.5)
    fraction = np.zeros_like(large)
    for k in range(60, 0, -1):
        fraction = (k / 2) / (large + fraction)
    tail = np.exp(-large**2) / (np.sqrt(np.pi) * (large + fraction))
    return np.where(np.abs(x) < 2.5, 2 / np.sqrt(np.pi) * series, np.sign(x) * (1 - tail))


def gelu(x):
    return 0.5 * x * (1 + erf(x / np.sqrt(2)))


def hippo(measure, N):
    """A [N, N], B [N] of x' = A x + B u, in the scale of the code (CORE-2)."""
    n = np.arange(N)
    root = np.sqrt(2 * n + 1.0)
    if measure == "legs":
        A = -np.tril(np.outer(root, root), -1) - np.diag(n + 1.0)
        return A, root
    if measure == "legt":
        sign = np.where(n[:, None] >= n, 1.0, (-1.0)**(n[:, None] - n))
        return -np.outer(root, root) * sign / 2, root / 2
    if measure == "fout":
        A, B = np.zeros((N, N)), np.zeros(N)
        for j in range(N // 2):
            A[2 * j, 2 * j + 1], A[2 * j + 1, 2 * j] = -np.pi * j, np.pi * j
        B[0::2] = 2**0.5
        B[0] = 1
        return A - np.outer(B, B), B
    raise ValueError(f"expected legs, legt or fout, got {measure}")


def rank_correction(measure, N):
    """P [R, N] with A + sum P P^T normal."""
    n = np.arange(N)
    if measure == "legs":
        return np.sqrt(n + 0.5)[None]
    if measure == "legt":
        P = np.sqrt((2 * n + 1) / 2.0)
        return np.stack([np.where(n % 2 == 1, P, 0), np.where(n % 2 == 0, P, 0)])
    if measure == "fout":
        return hippo("fout", N)[1][None]
    raise ValueError(f"expected legs, legt or fout, got {measure}")


def nplr(measure, N):
    """w, P [R, N/2], B, V [N, N/2]: one of each conjugate pair of
    A = V (diag(w) - P P*) V*, negative imaginary parts."""
    A, B = hippo(measure, N)
    P = rank_correction(measure, N)
    normal = A + P.T @ P
    imaginary, V = np.linalg.eigh(-1j * normal)
    half = N // 2
    V = V[:, :half]
    w = np.mean(np.diag(normal)) + 1j * imaginary[:half]
    if measure == "fout":  # the zero eigenvalue is double: any basis is as good
        V = V.copy()
        V[:, -1] = 0
        V[:2, -1] = [2**-0.5, 2**-0.5 * 1j]
    return w, P @ V.conj(), B @ V.conj(), V
