# cmake -P: builds the consumer in BUILD against PREFIX and runs it on MODEL.
cmake_minimum_required(VERSION 3.25)
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output
                  ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${ARGN}\nreturned ${result}:\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${BUILD})
run(${CMAKE_COMMAND} -G Ninja -S ${CMAKE_CURRENT_LIST_DIR} -B ${BUILD} ${TOOLCHAIN}
    -DCMAKE_PREFIX_PATH=${PREFIX} -DCMAKE_FIND_ROOT_PATH=${PREFIX} -DEXAMPLES=${EXAMPLES})
run(${CMAKE_COMMAND} --build ${BUILD})
run(${EMULATOR} ${BUILD}/headers)
run(${EMULATOR} ${BUILD}/wrapper ${MODEL})
# The test model sums table rows 8 * token + channel: channel 3 always wins.
run(${EMULATOR} ${BUILD}/embed ${MODEL} 4 1 2)
if(NOT output STREQUAL "3 3 3 3\n")
  message(FATAL_ERROR "expected '3 3 3 3' from embed, got '${output}'")
endif()
execute_process(COMMAND ${EMULATOR} ${BUILD}/embed ${MODEL} 4 99 RESULT_VARIABLE result
                ERROR_VARIABLE output)
if(result EQUAL 0 OR NOT output MATCHES "input 'ids' has token 99 at \\[0, 0\\]")
  message(FATAL_ERROR "expected an error about token 99 from embed, got '${output}'")
endif()
