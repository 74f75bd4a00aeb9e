/* Every public header alone, twice, in strict C11; and a call of the library.
 */
#include <ssmc/abi.h>
#include <ssmc/device.h>
#include <ssmc/model.h>
#include <ssmc/session.h>
#include <ssmc/ssmc.h>
#include <ssmc/state.h>
#include <ssmc/status.h>
#include <ssmc/tensor.h>

#include <ssmc/abi.h>
#include <ssmc/ssmc.h>
#include <stdio.h>
#include <string.h>

_Static_assert(sizeof(ssmc_dtype) == 4 && sizeof(ssmc_status) == 4,
               "enums are 32 bits wide in the ABI");

int main(void) {
  ssmc_error error;
  ssmc_model *model;
  if (ssmc_abi_version() != SSMC_ABI_VERSION)
    return 1;
  if (ssmc_model_open("/absent/model.fb", NULL, &model, &error) !=
          SSMC_NOT_FOUND ||
      model || strcmp(ssmc_status_name(error.status), "not found"))
    return 2;
  puts(error.message);
  return 0;
}
