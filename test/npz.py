"""Extract arrays of an .npz file: npz.py FILE.npz NAME=OUT.npy..."""
import sys

import numpy

arrays = numpy.load(sys.argv[1])
for argument in sys.argv[2:]:
    name, path = argument.split("=")
    numpy.save(path, arrays[name])
