#ifndef SSMC_RUNTIME_TESTING_RULES_H
#define SSMC_RUNTIME_TESTING_RULES_H
#include "runtime/src/testing/artifact.h"
#include <functional>
#include <gtest/gtest.h>

namespace ssmc::testing {

/// A rule of the verifier, and an artifact that breaks it alone.
struct Rule {
  const char *name;
  std::function<void(TestArtifact &)> breakIt;
  ssmc_status status;
  const char *message; // a part of it
};

inline void PrintTo(const Rule &rule, std::ostream *out) { *out << rule.name; }

/// Opens what breaks a rule; decoder_test.cpp says what must come of it. Each
/// file of rules instantiates it with its own.
class Verifier : public ::testing::TestWithParam<Rule> {};

inline std::string ruleName(const ::testing::TestParamInfo<Rule> &info) {
  return info.param.name;
}

/// A rule about a number in the header.
inline Rule header(const char *name, void (*edit)(ArtifactHeader &),
                   ssmc_status status, const char *message) {
  return {name, [=](TestArtifact &a) { a.editHeader = edit; }, status, message};
}
/// A rule about a table that the layout does not touch.
inline Rule corrupt(const char *name,
                    std::function<void(TestArtifact &)> breakIt,
                    const char *message) {
  return {name, std::move(breakIt), SSMC_CORRUPT, message};
}
/// A rule about offsets, falsified after the layout.
inline Rule layout(const char *name, void (*edit)(fb::ProgramT &),
                   const char *message) {
  return {name, [=](TestArtifact &a) { a.afterLayout = edit; }, SSMC_CORRUPT,
          message};
}

} // namespace ssmc::testing
#endif
