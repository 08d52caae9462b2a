// The arrays that tests/golden/make_torch.py wrote. Include after cmocka.h.
#ifndef LB_TESTS_NN_TORCH_LAYERS_H_
#define LB_TESTS_NN_TORCH_LAYERS_H_

#include <stdio.h>

#include "io/npz.h"
#include "nn/net.h"

static inline lb_npz* torch_open(const char* file) {
  char path[1000];
  lb_npz* npz;
  snprintf(path, sizeof path, "%s/tests/golden/%s", LB_SOURCE_DIR, file);
  lb_status status = lb_npz_load(&npz, path);
  if (status.code != LB_OK) fail_msg("%s", status.text);
  return npz;
}

// An array of any rank, named by a format with one word in it.
__attribute__((format(printf, 3, 0))) static inline double* torch_array(const lb_npz* npz, lb_arena* arena,
                                                                        const char* format, const char* word) {
  char name[200];
  double* data;
  snprintf(name, sizeof name, format, word);
  const lb_array* array = lb_npz_find(npz, name);
  if (!array) {
    fail_msg("no array '%s'", name);
    return NULL;
  }
  int64_t any[LB_MAX_RANK] = {-1, -1, -1, -1, -1};
  lb_status status = lb_npz_doubles(npz, name, array->rank, any, arena, &data, NULL);
  if (status.code != LB_OK) fail_msg("%s", status.text);
  return data;
}

// Fills all layers of a net from "<prefix>_w0", "<prefix>_b0", ...
__attribute__((format(printf, 4, 0))) static inline void torch_layers(lb_net* net, const lb_npz* npz, lb_arena* arena,
                                                                      const char* prefix_format, const char* word) {
  char prefix[100], name[120];
  snprintf(prefix, sizeof prefix, prefix_format, word);
  for (int l = 0; l <= net->shape.hidden; l++) {
    snprintf(name, sizeof name, "%s_w%d", prefix, l);
    const double* w = torch_array(npz, arena, "%s", name);
    snprintf(name, sizeof name, "%s_b%d", prefix, l);
    const double* b = torch_array(npz, arena, "%s", name);
    for (int m = 0; m < net->shape.members; m++) {
      lb_layer layer = lb_net_layer(net, m, l);
      for (int i = 0; i < layer.out; i++) {
        net->theta[layer.biases + i] = (lb_real)b[m * layer.out + i];
        for (int j = 0; j < layer.in; j++) {
          net->theta[layer.weights + (long)i * layer.ld + j] = (lb_real)w[((long)m * layer.out + i) * layer.in + j];
        }
      }
    }
  }
}

#endif  // LB_TESTS_NN_TORCH_LAYERS_H_
