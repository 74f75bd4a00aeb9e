#ifndef SSMC_SSMC_H
#define SSMC_SSMC_H
/// Everything an app needs: open a model, make a device, a session and a state,
/// call entries. See examples/embed for a complete program.
#include "ssmc/device.h"
#include "ssmc/model.h"
#include "ssmc/session.h"
#include "ssmc/state.h"
#include "ssmc/status.h"
#include "ssmc/tensor.h"
#endif
