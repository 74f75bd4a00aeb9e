/// Writes the valid test artifact to the file named on the command line.
#include "runtime/src/testing/artifact.h"

int main(int argc, char **argv) {
  if (argc != 2)
    return 2;
  ssmc::testing::writeFile(argv[1], ssmc::testing::TestArtifact().build());
  return 0;
}
