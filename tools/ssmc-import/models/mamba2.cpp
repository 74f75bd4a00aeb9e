// Mamba-2 (SSD) language models: `mamba2`.
#include "dialects/Ssm/SsmNamedOps.h"
#include "tools/ssmc-import/models/backbone.h"
#include "tools/ssmc-import/models/models.h"

using namespace mlir;

namespace ssmc::importer {
namespace {

struct Mamba2Config : Backbone {
  int64_t heads, channels, groups, states;
  std::pair<double, double> stepLimit;

  int64_t mixing() const { return groups * states; } // of B, and of C
};

Mamba2Config readConfig(Config &config) {
  Mamba2Config c;
  c.vocabulary = config.integer("vocab_size");
  readBackbone(config, c, /*tiedByDefault=*/false);
  c.inner = config.integer("expand", 2) * c.hidden;
  c.heads = config.integer("num_heads", 128);
  c.channels = config.integer("head_dim", 64);
  c.groups = config.integer("n_groups", 8);
  c.states = config.integer("state_size", 128);
  c.convolved = c.inner + 2 * c.mixing();
  c.projected = c.inner + c.convolved + c.heads; // gate, mixed, steps
  c.stepLimit = config.limits("time_step_limit",
                              {0.0, std::numeric_limits<double>::infinity()});
  if (c.heads * c.channels != c.inner)
    config.mismatch("num_heads", "expand * hidden_size / head_dim, " +
                                     Twine(c.inner) + " / " +
                                     Twine(c.channels));
  if (c.heads % c.groups != 0)
    config.mismatch("n_groups", "a divisor of num_heads, " + Twine(c.heads));
  if (!config.flag("rms_norm", true))
    config.mismatch("rms_norm", "true");
  return c;
}

enum MixerArgument { DtBias = FirstOfMixer, A, D, GatedNorm };

SmallVector<Value> mixerWeights(const Mamba2Config &c, ModelBuilder &m,
                                const std::string &at) {
  return {
      m.decayWeight(at + "dt_bias", {c.heads}),
      m.negativeExp(at + "A_log", {c.heads}),
      m.decayWeight(at + "D", {c.heads}),
      m.weight(at + "norm.weight", {c.inner}),
  };
}

Value mix(const Mamba2Config &c, ModelBuilder &m, Value projected,
          ArrayRef<Value> a) {
  ResultRange parts = m.split(projected, {c.inner, c.convolved, c.heads});
  Value mixed = m.shortConvSilu(parts[1], a[Conv], a[ConvBias]);
  ResultRange xBC = m.split(mixed, {c.inner, c.mixing(), c.mixing()});
  auto perHead = [&](Value value) {
    return m.reshape(value, {c.heads, c.channels});
  };
  auto perGroup = [&](Value value) {
    return c.groups == 1 ? value : m.reshape(value, {c.groups, c.states});
  };
  // Steps are positive without a limit.
  FloatAttr least, most;
  if (c.stepLimit.first > 0)
    least = m.ops().getF64FloatAttr(c.stepLimit.first);
  if (std::isfinite(c.stepLimit.second))
    most = m.ops().getF64FloatAttr(c.stepLimit.second);
  // The gate comes before the norm, so it is part of the recurrence.
  auto ssd = ssm::SsdOp::create(
      m.ops(), perHead(xBC[0]), /*dt=*/parts[2], a[A], perGroup(xBC[1]),
      perGroup(xBC[2]), a[D], /*z=*/perHead(parts[0]), a[DtBias],
      /*init=*/Value(), /*reset=*/Value(), /*softplus=*/true, least, most);
  return m.rmsNorm(m.reshape(ssd.getY(), {c.inner}), c.eps, a[GatedNorm]);
}

} // namespace

void importMamba2(Config &config, ModelBuilder &m) {
  Mamba2Config c = readConfig(config);
  if (m.failed())
    return;
  buildBackbone(
      c, m, [&](const std::string &at) { return mixerWeights(c, m, at); },
      [&](Value projected, ArrayRef<Value> a) {
        return mix(c, m, projected, a);
      });
}

} // namespace ssmc::importer
