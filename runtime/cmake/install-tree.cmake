# cmake -P: builds the runtime from SOURCE for size in BUILD and installs it to
# PREFIX, for the tests of what users get, whatever flags this build has.
cmake_minimum_required(VERSION 3.25)
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output
                  ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${ARGN}\nreturned ${result}:\n${output}")
  endif()
endfunction()

file(REMOVE_RECURSE ${PREFIX})
run(${CMAKE_COMMAND} -G Ninja -S ${SOURCE} -B ${BUILD} ${TOOLCHAIN}
    -DCMAKE_BUILD_TYPE=MinSizeRel -DCMAKE_INSTALL_PREFIX=${PREFIX} -DSSMC_BUILD_COMPILER=OFF
    -DSSMC_BUILD_TOOLS=OFF -DSSMC_BUILD_TESTS=OFF)
run(${CMAKE_COMMAND} --build ${BUILD} --target ssmc_runtime)
run(${CMAKE_COMMAND} --install ${BUILD} --component runtime)
