#include "tools/ssmc-import/models/backbone.h"

using namespace mlir;

namespace ssmc::importer {

void readBackbone(Config &config, Backbone &b, bool tiedByDefault) {
  b.hidden = config.integer("hidden_size");
  b.taps = config.integer("conv_kernel", 4, /*least=*/2);
  b.layers = config.integer("num_hidden_layers");
  b.bias = config.flag("use_bias", false);
  b.convBias = config.flag("use_conv_bias", true);
  b.tied = config.flag("tie_word_embeddings", tiedByDefault);
  b.eps = config.positive("layer_norm_epsilon", 1e-5);
  config.choice("hidden_act", {"silu", "swish"}, "silu");
  if (!config.flag("residual_in_fp32", true))
    config.reporter().warning(
        config.path() + ": 'residual_in_fp32' is false: the residual stays "
                        "float32, which is more exact than asked");
}

/// The arguments of the layer whose tensor names begin with `at`.
static SmallVector<Value> layerArguments(const Backbone &b, ModelBuilder &m,
                                         const std::string &at, Value residual,
                                         MixerWeightsFunction weights) {
  std::string mixer = at + "mixer.";
  SmallVector<Value> a(FirstOfMixer);
  a[Residual] = residual;
  a[Norm] = m.weight(at + "norm.weight", {b.hidden});
  a[InProj] = m.weight(mixer + "in_proj.weight", {b.projected, b.hidden});
  if (b.bias)
    a[InProjBias] = m.weight(mixer + "in_proj.bias", {b.projected});
  a[Conv] = m.weight(mixer + "conv1d.weight", {b.convolved, 1, b.taps});
  if (b.convBias)
    a[ConvBias] = m.weight(mixer + "conv1d.bias", {b.convolved});
  a.append(weights(mixer));
  a.push_back(m.weight(mixer + "out_proj.weight", {b.hidden, b.inner}));
  a.push_back(b.bias ? m.weight(mixer + "out_proj.bias", {b.hidden}) : Value());
  return a;
}

void buildBackbone(const Backbone &b, ModelBuilder &m,
                   MixerWeightsFunction weights, MixFunction mix) {
  auto layer = [&](ArrayRef<Value> a) {
    Value input = m.rmsNorm(a[Residual], b.eps, a[Norm]);
    Value mixed = mix(m.linear(input, a[InProj], a[InProjBias]), a);
    ArrayRef<Value> outProj = a.take_back(2);
    return m.add(a[Residual], m.linear(mixed, outProj[0], outProj[1]));
  };
  // Original checkpoints say `embedding`, Hugging Face's `embeddings`.
  std::string tableName = m.hasWeight("backbone.embedding.weight")
                              ? "backbone.embedding.weight"
                              : "backbone.embeddings.weight";
  Value ids = m.beginForward();
  Value table = m.weight(tableName, {b.vocabulary, b.hidden});
  Value x = m.embedding(ids, table);
  for (int64_t i = 0; i < b.layers && !m.failed(); ++i) {
    std::string at = "backbone.layers." + std::to_string(i) + ".";
    x = m.call("layer", layerArguments(b, m, at, x, weights), layer);
  }
  x = m.rmsNorm(x, b.eps, m.weight("backbone.norm_f.weight", {b.hidden}));
  Value head =
      b.tied ? table : m.weight("lm_head.weight", {b.vocabulary, b.hidden});
  m.endForward(m.linear(x, head));
}

} // namespace ssmc::importer
