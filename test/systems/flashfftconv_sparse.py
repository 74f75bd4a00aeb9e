"""FlashFFTConv, frequency-sparse (catalog A, 2.2 FlashFFTConv): irfft(rfft(u, N)
k^, N) without what exceeds the sequence, k^ = rfft(k, N) with bins >= 40 zero."""
import numpy as np

CAUSAL = False
BINS = 40
SIZES = {"H": 6, "K": 90, "N": 256}
AWKWARD = [{"H": 17, "K": 256, "N": 256}]


def parameters(rng, H, K, N):
    return {"kernel": rng.normal(0, K**-0.5, (H, K))}


def inputs(rng, B, L, H, K, N):
    return {"u": rng.normal(0, 1, (B, L, H))}


def forward(inputs, parameters, H, K, N):
    u = inputs["u"]
    spectrum = np.fft.rfft(parameters["kernel"].T, N, axis=0)
    spectrum[BINS:] = 0
    return [np.fft.irfft(np.fft.rfft(u, N, axis=1) * spectrum, N, axis=1)[:, :u.shape[1]]]
