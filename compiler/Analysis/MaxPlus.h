#ifndef SSMC_COMPILER_ANALYSIS_MAXPLUS_H
#define SSMC_COMPILER_ANALYSIS_MAXPLUS_H

namespace ssmc {

class RecurrenceStructure;

/// Whether the next value of a state is `max(state + a, b)`, element by
/// element, with `a` and `b` that do not depend on it: closed under `+`, `-`
/// and `max` with such values and under `select` by such a condition.
bool isMaxPlus(const RecurrenceStructure &structure, unsigned state);

} // namespace ssmc

#endif // SSMC_COMPILER_ANALYSIS_MAXPLUS_H
