"""GRU in two layers and both directions (catalog C, section 2, "RNN / LSTM / GRU",
bidirectional): layer 1 reads both directions of layer 0.
"""
from gru import step
from harness.rnn import Bidirectional

SIZES = {"D": 3, "H": 4}
AWKWARD = [{"D": 5, "H": 7}, {"D": 1, "H": 1}]
CAUSAL = False

layers = Bidirectional(step, gates=3, states=("h",))
UNTIMED = layers.initial
parameters, inputs, forward = layers.parameters, layers.inputs, layers.forward


def goldens(load):
    yield layers.golden(load, "nn_gru_bi2")
