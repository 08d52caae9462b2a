// A block of k multilayer perceptrons of equal shape: the members of an ensemble, the two critics of SAC, or one
// policy. All weights of all members stand in one run of numbers, so that an optimiser, a copy or a checkpoint is one
// pass over it; a gradient has the same layout.
//
//     h_0 = x,   h_l = f(W_l h_{l-1} + b_l) for l = 1..hidden,   y = W h_hidden + b
//
// With layer_norm a hidden layer is normalised over its units before the activation (nn/layer_norm.h),
//
//     h_l = f(g_l norm(W_l h_{l-1} + b_l) + s_l),
//
// with gains g and shifts s that are learned as weights are.
//
// Batches stand by columns (nn/real.h). The work of one member over one batch lives in a tape: forward fills it,
// backward reads it. A tape serves any member of any net of its shape, one after the other.
#ifndef LB_NN_NET_H_
#define LB_NN_NET_H_

#include <stdbool.h>

#include "base/arena.h"
#include "nn/real.h"

typedef enum lb_activation { LB_RELU, LB_TANH, LB_SILU } lb_activation;

enum { LB_ACTIVATIONS = 3, LB_NET_MOST_HIDDEN = 8 };

typedef struct lb_net_shape {
  int members;          // k >= 1
  int inputs, outputs;  // >= 1
  int hidden;           // hidden layers, 1..LB_NET_MOST_HIDDEN
  int width;            // units in each of them
  lb_activation activation;
  bool layer_norm;  // of every hidden layer
} lb_net_shape;

typedef struct lb_net {
  lb_net_shape shape;
  long stride;     // numbers of one member
  long count;      // numbers of all members, padding included
  lb_real* theta;  // (members, stride)
} lb_net;

// Where a layer of a member stands in theta or in a gradient.
typedef struct lb_layer {
  int in, out;
  int ld;        // length of a row of the weights: in, padded with zeros that stay zeros
  long weights;  // offset of W (out, ld)
  long biases;   // offset of b (out)
  long gains;    // offset of g (out), of a hidden layer with layer_norm; else 0
  long shifts;   // offset of s (out), the same
} lb_layer;

// A net with all weights 0, in the arena.
lb_net* lb_net_new(const lb_net_shape* shape, lb_arena* arena);

// Layer 0..hidden of member 0..members-1.
lb_layer lb_net_layer(const lb_net* net, int member, int layer);

// Zeros with the layout of theta, for gradients of all members; in the arena.
lb_real* lb_net_gradient_new(const lb_net* net, lb_arena* arena);

bool lb_net_same_shape(const lb_net_shape* a, const lb_net_shape* b);

typedef struct lb_tape lb_tape;

// Room for batches of up to `capacity` samples, in the arena. A tape that does not learn keeps no more than it needs
// to go forward.
lb_tape* lb_tape_new(const lb_net_shape* shape, int capacity, bool learns, lb_arena* arena);

// The outputs (outputs, lb_columns(n)) of one member at x (inputs, lb_columns(n)); they belong to the tape until its
// next forward pass. x must stay as it is until the last backward pass.
lb_real* lb_net_forward(const lb_net* net, int member, lb_tape* tape, const lb_real* x, int n);

// After a forward pass of the same member on a tape that learns: from the derivatives of a scalar with respect to the
// outputs, dy (outputs, lb_columns(n)), its derivatives
//   with respect to the member's weights, written into gradient (stride, laid out as the member is; NULL: not wanted),
//   with respect to the inputs first..first+count-1, written into dx (count, lb_columns(n); NULL: not wanted).
void lb_net_backward(const lb_net* net, int member, lb_tape* tape, lb_real* gradient, lb_real* dx, const lb_real* dy,
                     int first, int count);

// After a forward pass of a member on a tape that learns, for outputs that are to be learned and yet not to shape what
// they stand on: from the derivatives of a scalar with respect to the outputs first..first+count-1, dy (count,
// lb_columns(n)), those with respect to their own rows of the last layer, written into gradient (stride); nothing else
// of it changes.
void lb_net_backward_last(const lb_net* net, lb_tape* tape, lb_real* gradient, const lb_real* dy, int first, int count);

// After a forward pass on a tape that learns: keeps the samples columns[0..n) (ascending) and drops the others, for
// backward passes to the inputs alone. Derivatives then have n columns, in that order.
void lb_tape_select(lb_tape* tape, const int* columns, int n);

// After a forward pass on a tape that learns: J (rows, inputs, lb_columns(n)), the derivatives of the first `rows`
// outputs with respect to the inputs, for every sample.
void lb_net_jacobian(const lb_net* net, int member, lb_tape* tape, lb_real* J, int rows);

#endif  // LB_NN_NET_H_
