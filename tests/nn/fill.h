// Numbers for the tests of this room: arenas, normals, and a reference net in plain loops and double precision that
// shares no code with src/nn.
#ifndef LB_TESTS_NN_FILL_H_
#define LB_TESTS_NN_FILL_H_

#include <math.h>

#include "base/rng.h"
#include "nn/net.h"

static inline void fill_normals(lb_rng* rng, lb_real* a, long n, double scale) {
  for (long i = 0; i < n; i++) a[i] = (lb_real)(scale * lb_rng_normal(rng));
}

// Every weight, bias, gain and shift of the net a normal draw; the padding stays 0.
static inline void fill_net(lb_rng* rng, lb_net* net, double scale) {
  for (int m = 0; m < net->shape.members; m++) {
    for (int l = 0; l <= net->shape.hidden; l++) {
      lb_layer layer = lb_net_layer(net, m, l);
      for (int i = 0; i < layer.out; i++) fill_normals(rng, net->theta + layer.weights + i * layer.ld, layer.in, scale);
      fill_normals(rng, net->theta + layer.biases, layer.out, scale);
      if (layer.gains == 0) continue;
      fill_normals(rng, net->theta + layer.gains, layer.out, 1);
      fill_normals(rng, net->theta + layer.shifts, layer.out, 0.3);
    }
  }
}

// True for an entry of theta that is a weight, a bias, a gain or a shift, false for padding.
static inline bool is_parameter(const lb_net* net, long at) {
  for (int m = 0; m < net->shape.members; m++) {
    for (int l = 0; l <= net->shape.hidden; l++) {
      lb_layer layer = lb_net_layer(net, m, l);
      long w = at - layer.weights, b = at - layer.biases;
      if (w >= 0 && w < (long)layer.out * layer.ld) return w % layer.ld < layer.in;
      if (b >= 0 && b < lb_columns(layer.out)) return b < layer.out;
      long g = at - layer.gains, s = at - layer.shifts;
      if (layer.gains > 0 && g >= 0 && g < lb_columns(layer.out)) return g < layer.out;
      if (layer.gains > 0 && s >= 0 && s < lb_columns(layer.out)) return s < layer.out;
    }
  }
  return false;
}

static inline double plain_activation(lb_activation f, double z) {
  return f == LB_RELU ? fmax(z, 0) : f == LB_TANH ? tanh(z) : z / (1 + exp(-z));
}

// z (n) by its mean and its standard deviation, then gain and shift.
static inline void plain_layer_norm(double* z, const lb_real* gain, const lb_real* shift, int n) {
  double mean = 0, var = 0;
  for (int i = 0; i < n; i++) mean += z[i] / n;
  for (int i = 0; i < n; i++) var += (z[i] - mean) * (z[i] - mean) / n;
  for (int i = 0; i < n; i++) z[i] = (double)gain[i] * (z[i] - mean) / sqrt(var + 1e-5) + (double)shift[i];
}

// Output o of one member at sample j of x (inputs, ld). piece: a fingerprint of the linear piece of every ReLU passed
// is added to it, so that equal fingerprints mean no kink between two evaluations; NULL: not wanted.
static inline double plain_output_on(const lb_net* net, int member, const lb_real* x, int ld, int j, int o,
                                     uint64_t* piece) {
  double h[2][512] = {{0}};
  for (int i = 0; i < net->shape.inputs; i++) h[0][i] = (double)x[(long)i * ld + j];
  for (int l = 0; l <= net->shape.hidden; l++) {
    lb_layer layer = lb_net_layer(net, member, l);
    for (int i = 0; i < layer.out; i++) {
      double z = (double)net->theta[layer.biases + i];
      for (int p = 0; p < layer.in; p++) z += (double)net->theta[layer.weights + (long)i * layer.ld + p] * h[l % 2][p];
      h[(l + 1) % 2][i] = z;
    }
    if (layer.gains > 0)
      plain_layer_norm(h[(l + 1) % 2], net->theta + layer.gains, net->theta + layer.shifts, layer.out);
    for (int i = 0; i < layer.out && l < net->shape.hidden; i++) {
      double z = h[(l + 1) % 2][i];
      if (piece) *piece = (*piece ^ (uint64_t)(z > 0)) * 0x100000001b3u + 1;
      h[(l + 1) % 2][i] = plain_activation(net->shape.activation, z);
    }
  }
  return h[(net->shape.hidden + 1) % 2][o];
}

static inline double plain_output(const lb_net* net, int member, const lb_real* x, int ld, int j, int o) {
  return plain_output_on(net, member, x, ld, j, o, NULL);
}

#endif  // LB_TESTS_NN_FILL_H_
