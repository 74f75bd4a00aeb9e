"""Fails unless two files are of one size, but for 2 %: constants have encodings of
different lengths."""
import os
import sys

first, second = map(os.path.getsize, sys.argv[1:])
print(f"{first} and {second} bytes")
sys.exit(abs(first - second) > 0.02 * first)
