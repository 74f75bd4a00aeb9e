#include "runtime/src/device/device.h"

const char *ssmc_device_name(const ssmc_device *device) {
  return device->interface->name;
}

int32_t ssmc_device_threads(const ssmc_device *device) {
  return device->interface->threads(device);
}

void ssmc_device_destroy(ssmc_device *device) {
  if (device)
    device->interface->destroy(device);
}
