# find_package(ssmc) gives the target ssmc::runtime.
include(CMakeFindDependencyMacro)
find_dependency(Threads)
include(${CMAKE_CURRENT_LIST_DIR}/ssmcTargets.cmake)
# Written in C++ but free of its runtime library: C projects link it with a C
# linker.
get_target_property(configurations ssmc::runtime IMPORTED_CONFIGURATIONS)
foreach(configuration IN LISTS configurations)
  set_target_properties(ssmc::runtime PROPERTIES
    IMPORTED_LINK_INTERFACE_LANGUAGES_${configuration} C)
endforeach()
