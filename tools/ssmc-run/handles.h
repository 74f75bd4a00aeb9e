#ifndef SSMC_TOOLS_SSMC_RUN_HANDLES_H
#define SSMC_TOOLS_SSMC_RUN_HANDLES_H
#include "ssmc/ssmc.h"
#include <memory>

namespace ssmc::run {
template <auto destroy> struct Destroyer {
  template <typename T> void operator()(T *handle) const { destroy(handle); }
};
using Model = std::unique_ptr<ssmc_model, Destroyer<ssmc_model_destroy>>;
using Device = std::unique_ptr<ssmc_device, Destroyer<ssmc_device_destroy>>;
using Session = std::unique_ptr<ssmc_session, Destroyer<ssmc_session_destroy>>;
using State = std::unique_ptr<ssmc_state, Destroyer<ssmc_state_destroy>>;

/// Passes an owner where the C API wants an `out_` parameter:
/// `ssmc_model_open(path, &options, out(model), &error)`. The owner has the
/// handle from the end of the statement on.
template <typename Owner> class OutParameter {
public:
  explicit OutParameter(Owner &owner) : owner(owner) {}
  ~OutParameter() { owner.reset(handle); }
  operator typename Owner::pointer *() { return &handle; }

private:
  Owner &owner;
  typename Owner::pointer handle = nullptr;
};
template <typename Owner> OutParameter<Owner> out(Owner &owner) {
  return OutParameter<Owner>(owner);
}
} // namespace ssmc::run
#endif
