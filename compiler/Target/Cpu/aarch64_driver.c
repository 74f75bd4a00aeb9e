// Runs the kernel `scale` of code_image_test.cpp out of an image file, under
// qemu on other machines: `driver image-file entry-offset`.
#include "ssmc/abi.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

int main(int argc, char **argv) {
  int fd = argc == 3 ? open(argv[1], O_RDONLY) : -1;
  struct stat info;
  if (fd < 0 || fstat(fd, &info) != 0)
    return 2;
  char *base = (char *)mmap(NULL, (size_t)info.st_size, PROT_READ | PROT_EXEC,
                            MAP_PRIVATE, fd, 0);
  if (base == MAP_FAILED)
    return 2;
  float x[16], y[16];
  for (int i = 0; i < 16; ++i) {
    x[i] = (float)i;
    y[i] = 100;
  }
  void *buffers[] = {x, y};
  int64_t strides[] = {16, 16};
  ssmc_kernel_args args = {buffers, strides, 1, 16};
  _Alignas(64) float scratch[16];
  ssmc_kernel_fn scale = (ssmc_kernel_fn)(void *)(base + atol(argv[2]));
  scale(&args, scratch, 0, 16);
  for (int i = 0; i < 16; ++i)
    if (y[i] != 100 + x[i] * (float)(i % 8 + 1)) {
      printf("element %d: got %f\n", i, y[i]);
      return 1;
    }
  return 0;
}
