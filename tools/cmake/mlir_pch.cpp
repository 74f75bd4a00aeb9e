// Holds the precompiled header; see SsmcMLIR.cmake.
