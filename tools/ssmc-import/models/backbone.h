#ifndef SSMC_TOOLS_IMPORT_MODELS_BACKBONE_H
#define SSMC_TOOLS_IMPORT_MODELS_BACKBONE_H
#include "tools/ssmc-import/config.h"
#include "tools/ssmc-import/model_builder.h"

namespace ssmc::importer {

/// What language models of the Mamba family share: an embedding, layers
/// `x + out_proj(mix(in_proj(norm(x))))`, a norm, and a head.
struct Backbone {
  int64_t vocabulary, hidden, layers;
  int64_t taps;      // of the short convolution
  int64_t projected; // columns of in_proj's result
  int64_t convolved; // those of them that the convolution takes
  int64_t inner;     // columns of the mixer's result
  bool bias, convBias, tied;
  double eps;
};

/// Reads what the configurations of Hugging Face spell alike, all but the
/// columns.
void readBackbone(Config &config, Backbone &backbone, bool tiedByDefault);

/// What a layer's function is called with. After these come the weights that
/// only its mixer has, then those of out_proj.
enum LayerArgument {
  Residual,
  Norm,
  InProj,
  InProjBias,
  Conv,
  ConvBias,
  FirstOfMixer
};

/// The mixer's weights, whose names begin with `at`.
using MixerWeightsFunction =
    llvm::function_ref<llvm::SmallVector<mlir::Value>(const std::string &at)>;
/// The mixer between the two projections.
using MixFunction = llvm::function_ref<mlir::Value(
    mlir::Value projected, llvm::ArrayRef<mlir::Value> arguments)>;

/// Writes `@forward`.
void buildBackbone(const Backbone &backbone, ModelBuilder &model,
                   MixerWeightsFunction weights, MixFunction mix);

} // namespace ssmc::importer
#endif
