// How the transitions of a fit are shared out: what is held out, and what each member sees. See neural.h.
#include "model/neural_split.h"

#include <assert.h>
#include <math.h>
#include <string.h>

// FNV-1a over the bytes of a row, with a last mixing (Murmur3's) so that all bits count.
static uint64_t hash(const float* row, int width) {
  unsigned char bytes[sizeof(float)];
  uint64_t h = 0xcbf29ce484222325u;
  for (int i = 0; i < width; i++) {
    memcpy(bytes, row + i, sizeof bytes);
    for (size_t b = 0; b < sizeof bytes; b++) h = (h ^ bytes[b]) * 0x100000001b3u;
  }
  h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdu;
  h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53u;
  return h ^ (h >> 33);
}

bool lb_neural_is_held(const float* row, int width, double share) {
  return (double)(hash(row, width) >> 11) * 0x1p-53 < share;
}

// The rows of a part on either side; each has one at least where there are two. A large holdout is thinned at random.
static void divide_part(lb_neural_source* p, const lb_neural_config* c, const lb_transitions* data, int first, int n,
                        lb_rng* rng, lb_arena* scratch) {
  int width = lb_transitions_width(c->nobs, c->nact);
  p->train = LB_TAKE(scratch, int, n);
  p->held = LB_TAKE(scratch, int, n);
  for (int i = first; i < first + n; i++) {
    int row = data->rows ? data->rows[i] : i;
    if (lb_neural_is_held(data->data + (long)row * width, width, c->holdout)) {
      p->held[p->nheld++] = row;
    } else {
      p->train[p->ntrain++] = row;
    }
  }
  if (n > 1 && p->nheld == 0) p->held[p->nheld++] = p->train[--p->ntrain];
  if (p->ntrain == 0) p->train[p->ntrain++] = n > 1 ? p->held[--p->nheld] : p->held[0];
  if (p->nheld <= LB_NEURAL_MOST_HELD) return;
  lb_rng_shuffle(rng, p->held, p->nheld);
  p->nheld = LB_NEURAL_MOST_HELD;
}

// What the members see of a part: all of its training rows, or as many drawn with replacement.
static void deal(lb_neural_source* p, const lb_neural_config* c, lb_rng* rng, lb_arena* scratch) {
  p->own = LB_TAKE(scratch, int, (long)c->members * p->ntrain);
  for (int m = 0; m < c->members; m++) {
    int* own = p->own + (long)m * p->ntrain;
    for (int i = 0; i < p->ntrain; i++)
      own[i] = p->train[c->bootstrap ? (int)lb_rng_below(rng, (uint32_t)p->ntrain) : i];
  }
  p->at = p->ntrain;
}

lb_neural_split lb_neural_split_new(const lb_neural_config* c, const lb_transitions* data, int first, double share,
                                    lb_rng* rng, lb_arena* scratch) {
  lb_neural_split s = {.data = data, .members = c->members};
  assert(first >= 0 && first <= data->n && share >= 0 && share <= 1);
  int from[] = {0, first}, n[] = {first, data->n - first};
  double shares[] = {share, 1 - share};
  for (int k = 0; k < 2; k++) {
    if (n[k] == 0 || (n[1 - k] > 0 && !(shares[k] > 0))) continue;
    lb_neural_source* p = &s.sources[s.nsources++];
    *p = (lb_neural_source){.share = n[1 - k] > 0 ? shares[k] : 1};
    divide_part(p, c, data, from[k], n[k], rng, scratch);
    deal(p, c, rng, scratch);
    s.train += p->ntrain;
    s.held += p->nheld;
  }
  assert(s.nsources >= 1);
  s.batch = LB_TAKE(scratch, int, c->members * c->batch);
  return s;
}

// Every member's next row of a part: they go through their own rows in their own orders, anew when these are over.
static void draw_row(const lb_neural_split* s, lb_neural_source* p, int* to, int stride, lb_rng* rng) {
  if (p->at == p->ntrain) {
    for (int m = 0; m < s->members; m++) lb_rng_shuffle(rng, p->own + (long)m * p->ntrain, p->ntrain);
    p->at = 0;
  }
  for (int m = 0; m < s->members; m++) to[(long)m * stride] = p->own[(long)m * p->ntrain + p->at];
  p->at += 1;
}

void lb_neural_split_draw(lb_neural_split* s, int n, lb_rng* rng) {
  for (int j = 0; j < n; j++) {
    bool second = s->nsources > 1 && lb_rng_uniform(rng) >= s->sources[0].share;
    draw_row(s, &s->sources[second], s->batch + j, n, rng);
  }
}
