// First weights: see init.h.
#include "nn/init.h"

#include <math.h>
#include <string.h>

// A normal draw within two standard deviations, times 1 / (2 sqrt(in)) (as PETS initialises its layers: Chua et al.
// 2018).
static double truncated_normal(lb_rng* rng, const lb_layer* layer) {
  double z = lb_rng_normal(rng);
  while (fabs(z) > 2) z = lb_rng_normal(rng);
  return z / (2 * sqrt(layer->in));
}

static double xavier_uniform(lb_rng* rng, const lb_layer* layer) {
  return (2 * lb_rng_uniform(rng) - 1) * sqrt(6.0 / (layer->in + layer->out));
}

// Draws all weights in the order members, layers, rows; biases 0, gains of layer normalisation 1.
static void fill(lb_net* net, lb_rng* rng, double (*draw)(lb_rng*, const lb_layer*)) {
  memset(net->theta, 0, (size_t)net->count * sizeof *net->theta);
  for (int member = 0; member < net->shape.members; member++) {
    for (int l = 0; l <= net->shape.hidden; l++) {
      lb_layer layer = lb_net_layer(net, member, l);
      for (int i = 0; i < layer.out; i++) {
        lb_real* row = net->theta + layer.weights + (long)i * layer.ld;
        for (int j = 0; j < layer.in; j++) row[j] = (lb_real)draw(rng, &layer);
      }
      for (int i = 0; i < layer.out && layer.gains > 0; i++) net->theta[layer.gains + i] = 1;
    }
  }
}

void lb_init_truncated_normal(lb_net* net, lb_rng* rng) {
  fill(net, rng, truncated_normal);
}

void lb_init_xavier_uniform(lb_net* net, lb_rng* rng) {
  fill(net, rng, xavier_uniform);
}
