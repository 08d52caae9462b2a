// Forward and backward passes: see net.h.
//
// With samples side by side, forward is W X, the way back to the inputs is W^T dY, and both read the weights as they
// lie; only the gradient of the weights, dY X^T, needs its second factor turned, which costs a fiftieth of the product.
// Each block of rows goes through bias and activation as soon as it is computed, while it is in the first cache.
#include "nn/net.h"

#include <assert.h>
#include <string.h>

#include "nn/activation.h"
#include "nn/gemm.h"
#include "nn/layer_norm.h"

struct lb_tape {
  lb_net_shape shape;
  int capacity, n;
  bool learns;
  const lb_real* x;                      // of the last forward pass; NULL: its samples are no longer all there
  lb_real* h[LB_NET_MOST_HIDDEN];        // (width, columns): activations
  lb_real* slope[LB_NET_MOST_HIDDEN];    // their derivatives, for SiLU
  lb_real* normal[LB_NET_MOST_HIDDEN];   // (width, columns): normalised, with layer_norm
  lb_real* inverse[LB_NET_MOST_HIDDEN];  // (columns): by what; see layer_norm.h
  lb_real* sums;                         // (2, columns)
  lb_real* y;                            // (outputs, columns)
  lb_real* d[2];                         // (width, columns): what runs backward
  lb_real* turned;                       // (columns, in): a layer's input, transposed
  lb_real* seed;                         // (outputs, columns): one output's derivative, for Jacobians
};

lb_layer lb_net_layer(const lb_net* net, int member, int layer) {
  const lb_net_shape* s = &net->shape;
  assert(member >= 0 && member < s->members && layer >= 0 && layer <= s->hidden);
  lb_layer result = {.in = s->inputs, .out = s->hidden > 0 ? s->width : s->outputs};
  long offset = member * net->stride;
  for (int l = 0;; l++) {
    result.in = l == 0 ? s->inputs : s->width;
    result.out = l == s->hidden ? s->outputs : s->width;
    result.ld = lb_columns(result.in);
    result.weights = offset;
    result.biases = offset + (long)result.out * result.ld;
    offset = result.biases + lb_columns(result.out);
    if (s->layer_norm) {
      result.gains = l == s->hidden ? 0 : offset;
      result.shifts = l == s->hidden ? 0 : offset + lb_columns(result.out);
      offset += 2 * lb_columns(result.out);
    }
    if (l == layer) return result;
  }
}

lb_net* lb_net_new(const lb_net_shape* shape, lb_arena* arena) {
  assert(shape->members >= 1 && shape->inputs >= 1 && shape->outputs >= 1 && shape->width >= 1);
  assert(shape->hidden >= 1 && shape->hidden <= LB_NET_MOST_HIDDEN);
  lb_net* net = LB_TAKE(arena, lb_net, 1);
  net->shape = *shape;
  lb_layer last = lb_net_layer(net, 0, shape->hidden);
  net->stride = last.biases + lb_columns(last.out);
  net->count = shape->members * net->stride;
  net->theta = LB_TAKE(arena, lb_real, net->count);
  return net;
}

lb_real* lb_net_gradient_new(const lb_net* net, lb_arena* arena) {
  return LB_TAKE(arena, lb_real, net->count);
}

// Whether weights of one fit the other.
bool lb_net_same_shape(const lb_net_shape* a, const lb_net_shape* b) {
  return a->members == b->members && a->inputs == b->inputs && a->outputs == b->outputs && a->hidden == b->hidden &&
         a->width == b->width && a->activation == b->activation && a->layer_norm == b->layer_norm;
}

lb_tape* lb_tape_new(const lb_net_shape* shape, int capacity, bool learns, lb_arena* arena) {
  lb_tape* t = LB_TAKE(arena, lb_tape, 1);
  long columns = lb_columns(capacity), wide = (long)shape->width * columns;
  t->shape = *shape;
  t->capacity = capacity;
  t->learns = learns;
  for (int l = 0; l < shape->hidden; l++) {
    // Forward alone needs the last layer and this one.
    t->h[l] = learns || l < 2 ? LB_TAKE(arena, lb_real, wide) : t->h[l - 2];
    if (learns && shape->activation == LB_SILU) t->slope[l] = LB_TAKE(arena, lb_real, wide);
    if (learns && shape->layer_norm) t->normal[l] = LB_TAKE(arena, lb_real, wide);
    if (shape->layer_norm) t->inverse[l] = LB_TAKE(arena, lb_real, columns);
  }
  if (shape->layer_norm) t->sums = LB_TAKE(arena, lb_real, 2 * columns);
  t->y = LB_TAKE(arena, lb_real, shape->outputs * columns);
  if (learns) {
    int most = shape->width > shape->inputs ? shape->width : shape->inputs;
    t->d[0] = LB_TAKE(arena, lb_real, wide);
    t->d[1] = LB_TAKE(arena, lb_real, wide);
    t->turned = LB_TAKE(arena, lb_real, columns * lb_columns(most));
    t->seed = LB_TAKE(arena, lb_real, shape->outputs * columns);
  }
  return t;
}

// The way of hidden layer l from its product and bias, which must be there whole, to its activation.
static void normalise(const lb_net* net, const lb_tape* tape, const lb_layer* layer, int l) {
  int ld = lb_columns(tape->n);
  lb_layer_norm_forward(tape->h[l], tape->normal[l], tape->inverse[l], tape->sums, net->theta + layer->gains,
                        layer->out, ld);
  lb_activation_forward(net->shape.activation, tape->h[l], tape->slope[l], net->theta + layer->shifts, layer->out, ld);
}

lb_real* lb_net_forward(const lb_net* net, int member, lb_tape* tape, const lb_real* x, int n) {
  assert(n >= 1 && n <= tape->capacity);
  assert(net->shape.width == tape->shape.width && net->shape.hidden == tape->shape.hidden);
  assert(net->shape.layer_norm == tape->shape.layer_norm);
  int hidden = net->shape.hidden, ld = lb_columns(n);
  tape->x = x;
  tape->n = n;
  for (int l = 0; l <= hidden; l++) {
    lb_layer layer = lb_net_layer(net, member, l);
    const lb_real *W = net->theta + layer.weights, *bias = net->theta + layer.biases, *in = l ? tape->h[l - 1] : x;
    lb_real* out = l == hidden ? tape->y : tape->h[l];
    for (int b = 0; b < lb_gemm_blocks(layer.out); b++) {
      int i = lb_gemm_block(layer.out, b), rows = lb_gemm_block(layer.out, b + 1) - i;
      long at = (long)i * ld;
      lb_gemm_nn(out + at, W + (long)i * layer.ld, in, rows, n, layer.in, layer.ld, ld, ld);
      if (l == hidden || net->shape.layer_norm) {
        lb_activation_bias(out + at, bias + i, rows, ld);
      } else {
        lb_real* slope = tape->slope[l] ? tape->slope[l] + at : NULL;
        lb_activation_forward(net->shape.activation, out + at, slope, bias + i, rows, ld);
      }
    }
    if (l < hidden && net->shape.layer_norm) normalise(net, tape, &layer, l);
  }
  return tape->y;
}

// dX = W^T dY for layer l, times the activation's slope; sums of the rows are the gradient of the biases below (with
// layer_norm: of the shifts).
static void backward_through(const lb_tape* tape, lb_real* dx, lb_real* sums, const lb_real* dy, const lb_real* W,
                             const lb_layer* layer, int l) {
  int n = tape->n, ld = lb_columns(n);
  for (int b = 0; b < lb_gemm_blocks(layer->in); b++) {
    int i = lb_gemm_block(layer->in, b), rows = lb_gemm_block(layer->in, b + 1) - i;
    long at = (long)i * ld;
    const lb_real* slope = tape->slope[l - 1] ? tape->slope[l - 1] + at : NULL;
    lb_gemm_tn(dx + at, W + i, dy, rows, n, layer->out, layer->ld, ld, ld);
    lb_activation_backward(tape->shape.activation, dx + at, sums ? sums + i : NULL, tape->h[l - 1] + at, slope, rows,
                           ld, n);
  }
}

void lb_net_backward(const lb_net* net, int member, lb_tape* tape, lb_real* gradient, lb_real* dx, const lb_real* dy,
                     int first, int count) {
  assert(tape->learns && (tape->x || !gradient) && (!dx || (first >= 0 && first + count <= net->shape.inputs)));
  int hidden = net->shape.hidden, n = tape->n, ld = lb_columns(n);
  lb_layer layer = lb_net_layer(net, 0, hidden);
  if (gradient) lb_activation_sums(gradient + layer.biases, dy, layer.out, ld, n);
  const lb_real* theta = net->theta + member * net->stride;
  for (int l = hidden; l >= 0; l--) {
    layer = lb_net_layer(net, 0, l);
    if (gradient) {
      lb_gemm_transpose(tape->turned, l ? tape->h[l - 1] : tape->x, layer.in, n, ld);
      lb_gemm_nn(gradient + layer.weights, dy, tape->turned, layer.out, layer.ld, n, ld, layer.ld, layer.ld);
    }
    if (l > 0) {
      lb_layer last = lb_net_layer(net, 0, l - 1);
      bool norm = net->shape.layer_norm;
      lb_real *below = tape->d[l % 2], *sums = gradient ? gradient + (norm ? last.shifts : last.biases) : NULL;
      backward_through(tape, below, sums, dy, theta + layer.weights, &layer, l);
      if (norm) {
        lb_layer_norm_backward(below, gradient ? gradient + last.gains : NULL, gradient ? gradient + last.biases : NULL,
                               tape->sums, tape->normal[l - 1], tape->inverse[l - 1], theta + last.gains, last.out, ld,
                               n);
      }
      dy = below;
    } else if (dx) {
      lb_gemm_tn(dx, theta + layer.weights + first, dy, count, n, layer.out, layer.ld, ld, ld);
    }
  }
}

void lb_net_backward_last(const lb_net* net, lb_tape* tape, lb_real* gradient, const lb_real* dy, int first,
                          int count) {
  assert(tape->learns && tape->x && first >= 0 && count >= 1 && first + count <= net->shape.outputs);
  int hidden = net->shape.hidden, n = tape->n, ld = lb_columns(n);
  lb_layer last = lb_net_layer(net, 0, hidden);
  lb_gemm_transpose(tape->turned, tape->h[hidden - 1], last.in, n, ld);
  lb_gemm_nn(gradient + last.weights + (long)first * last.ld, dy, tape->turned, count, last.ld, n, ld, last.ld,
             last.ld);
  lb_activation_sums(gradient + last.biases + first, dy, count, ld, n);
}

void lb_tape_select(lb_tape* tape, const int* columns, int n) {
  int from = lb_columns(tape->n), to = lb_columns(n);
  assert(tape->learns && n >= 1 && n <= tape->n);
  for (int l = 0; l < tape->shape.hidden; l++) {
    const struct {
      lb_real* rows;
      int n;
    } all[] = {{tape->h[l], tape->shape.width},
               {tape->slope[l], tape->shape.width},
               {tape->normal[l], tape->shape.width},
               {tape->inverse[l], 1}};
    for (int b = 0; b < 4; b++) {
      // Each number moves to a place at or before its own, so nothing is overwritten that is still to be read.
      for (int i = 0; i < all[b].n && all[b].rows; i++) {
        const lb_real* row = all[b].rows + (long)i * from;
        lb_real* kept = all[b].rows + (long)i * to;
        for (int j = 0; j < n; j++) kept[j] = row[columns[j]];
      }
    }
  }
  tape->n = n;
  tape->x = NULL;
}

void lb_net_jacobian(const lb_net* net, int member, lb_tape* tape, lb_real* J, int rows) {
  int inputs = net->shape.inputs, outputs = net->shape.outputs, ld = lb_columns(tape->n);
  assert(rows <= outputs);
  memset(tape->seed, 0, (size_t)outputs * (size_t)ld * sizeof *tape->seed);
  for (int o = 0; o < rows; o++) {
    lb_real* row = tape->seed + (long)o * ld;
    for (int j = 0; j < ld; j++) row[j] = 1;
    lb_net_backward(net, member, tape, NULL, J + (long)o * inputs * ld, tape->seed, 0, inputs);
    memset(row, 0, (size_t)ld * sizeof *row);
  }
}
