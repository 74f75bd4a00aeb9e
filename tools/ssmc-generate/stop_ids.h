#ifndef SSMC_TOOLS_SSMC_GENERATE_STOP_IDS_H
#define SSMC_TOOLS_SSMC_GENERATE_STOP_IDS_H
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ssmc::generate {

/// Reads 'eos_token_id', an id, a list of ids or null, from the text of a
/// generation_config.json or config.json. `found` tells whether the field is
/// there. False, with the reason in `error`, if it is anything else.
bool readStopIds(std::string_view json, bool &found, std::vector<int64_t> &ids,
                 std::string &error);

} // namespace ssmc::generate

#endif
