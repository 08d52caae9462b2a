// Hands files, and all files of folders, to a target: in a build without libFuzzer the committed corpus is a test.
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "place.h"

static void replay(const char* path) {
  char* bytes;
  size_t n;
  fuzz_need(lb_file_read(path, &bytes, &n));
  uint8_t* exact = malloc(n + !n);  // a block of just this size, so that reading past it is seen
  if (!exact) abort();
  memcpy(exact, bytes, n);
  free(bytes);
  LLVMFuzzerTestOneInput(exact, n);
  free(exact);
}

static int replay_folder(const char* folder) {
  char** names;
  int n;
  fuzz_need(lb_folder_list(folder, &names, &n));
  for (int i = 0; i < n; i++) {
    char path[1000];
    lb_path_join(path, sizeof path, folder, names[i]);
    replay(path);
  }
  lb_names_free(names, n);
  return n;
}

int main(int argc, char** argv) {
  int n = 0;
  for (int i = 1; i < argc; i++) {
    bool folder = lb_folder_exists(argv[i]);
    if (!folder) replay(argv[i]);
    n += folder ? replay_folder(argv[i]) : 1;
  }
  printf("%d inputs\n", n);
  return n > 0 ? 0 : 1;
}
