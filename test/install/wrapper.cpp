#include <cstdio>
#include <ssmc/ssmc.hpp>

int main(int argc, char **argv) {
  ssmc::Result<ssmc::Model> model =
      ssmc::Model::open(argc > 1 ? argv[1] : "/absent/model.fb");
  if (!model) {
    std::printf("%s\n", model.error().message());
    return 1;
  }
  std::printf("%s\n", model->name());
  return 0;
}
