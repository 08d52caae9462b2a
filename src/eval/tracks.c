// Draws from recorded episodes: see tracks.h.
#include "eval/tracks.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { VISITS_AN_EPISODE = 20 };

static const float* row_at(const lb_tracks* k, int i) {
  return k->data + (ptrdiff_t)i * lb_transitions_width(k->nobs, k->nact);
}

// Whether row i continues the episode of row i - 1: that one did not terminate, and its next observation is this one's
// to the bit.
static bool goes_on(const lb_tracks* k, int i) {
  const float *before = row_at(k, i - 1), *now = row_at(k, i);
  if (before[lb_transitions_terminated(k->nobs, k->nact)] > 0) return false;
  return memcmp(before + lb_transitions_next(k->nobs, k->nact), now, (size_t)k->nobs * sizeof *now) == 0;
}

lb_tracks lb_tracks_find(const float* data, int n, int nobs, int nact, lb_arena* arena) {
  lb_tracks tracks = {.nobs = nobs, .nact = nact, .data = data};
  int* start = LB_TAKE(arena, int, n + 1);
  for (int i = 0; i < n; ++i) {
    if (i == 0 || !goes_on(&tracks, i)) start[tracks.episodes++] = i;
  }
  start[tracks.episodes] = n;
  tracks.start = start;
  return tracks;
}

static void to_doubles(double* to, const float* from, int n) {
  for (int i = 0; i < n; ++i) to[i] = (double)from[i];
}

// Number j of n that are spread evenly over `of`; where n = of, j.
static int64_t spread(int64_t of, int n, int j, lb_rng* rng) {
  int64_t at = (int64_t)(((double)j + lb_rng_uniform(rng)) * (double)of / n);
  return at < of ? at : of - 1;
}

// Places in an episode of this length where k steps fit.
static int places(const lb_tracks* k, int episode, int steps) {
  int length = k->start[episode + 1] - k->start[episode];
  return length >= steps ? length - steps + 1 : 0;
}

lb_segments lb_tracks_segments(const lb_tracks* tracks, int most, int k, lb_rng* rng, lb_arena* arena) {
  int nobs = tracks->nobs, nact = tracks->nact, next = lb_transitions_next(nobs, nact);
  int64_t all = 0, before = 0;
  for (int e = 0; e < tracks->episodes; ++e) all += places(tracks, e, k);
  int n = all < most ? (int)all : most;
  double* x = LB_TAKE(arena, double, ((size_t)n * (size_t)nobs));
  double* u = LB_TAKE(arena, double, ((size_t)n * (size_t)k * (size_t)nact));
  double* end = LB_TAKE(arena, double, ((size_t)n * (size_t)nobs));
  for (int j = 0, e = 0; j < n; ++j) {
    int64_t at = spread(all, n, j, rng);
    for (; at >= before + places(tracks, e, k); ++e) before += places(tracks, e, k);
    int first = tracks->start[e] + (int)(at - before);
    to_doubles(x + (ptrdiff_t)j * nobs, row_at(tracks, first), nobs);
    for (int i = 0; i < k; ++i) {
      to_doubles(u + ((ptrdiff_t)i * n + j) * nact, row_at(tracks, first + i) + nobs, nact);
    }
    to_doubles(end + (ptrdiff_t)j * nobs, row_at(tracks, first + k - 1) + next, nobs);
  }
  return (lb_segments){.n = n, .k = k, .x = x, .u = u, .end = end};
}

// Visits as they are filled.
typedef struct list {
  lb_visits v;
  int* episode;
  double *weight, *x, *u, *reward, *x_next;
  bool* terminated;
  int* time;   // of each visit
  int* track;  // of each episode, its number among the tracks'
} list;

// Room for `most` visits.
static list list_new(const lb_tracks* k, int most, lb_arena* arena) {
  size_t n = (size_t)most, nobs = (size_t)k->nobs;
  list l = {.episode = LB_TAKE(arena, int, n),
            .weight = LB_TAKE(arena, double, n),
            .x = LB_TAKE(arena, double, (n * nobs)),
            .u = LB_TAKE(arena, double, (n * (size_t)k->nact)),
            .reward = LB_TAKE(arena, double, n),
            .x_next = LB_TAKE(arena, double, (n * nobs)),
            .terminated = LB_TAKE(arena, bool, n),
            .time = LB_TAKE(arena, int, n),
            .track = LB_TAKE(arena, int, n)};
  l.v = (lb_visits){.episode = l.episode,
                    .weight = l.weight,
                    .x = l.x,
                    .u = l.u,
                    .reward = l.reward,
                    .x_next = l.x_next,
                    .terminated = l.terminated};
  return l;
}

// Appends the visit of step t of an episode, with its weight.
static void add(list* l, const lb_tracks* k, int episode, int t, double weight) {
  int nobs = k->nobs, nact = k->nact, i = l->v.n++;
  const float* r = row_at(k, k->start[l->track[episode]] + t);
  l->time[i] = t;
  l->episode[i] = episode;
  l->weight[i] = weight;
  to_doubles(l->x + (ptrdiff_t)i * nobs, r, nobs);
  to_doubles(l->u + (ptrdiff_t)i * nact, r + nobs, nact);
  l->reward[i] = (double)r[lb_transitions_reward(nobs, nact)];
  l->terminated[i] = r[lb_transitions_terminated(nobs, nact)] > 0;
  to_doubles(l->x_next + (ptrdiff_t)i * nobs, r + lb_transitions_next(nobs, nact), nobs);
}

// The time below which lies the share p of the weights discount^t, t < length.
static int quantile(double p, double discount, int length) {
  double t = discount < 1 ? log1p(-p * (1 - pow(discount, length))) / log(discount) : p * length;
  return t < length ? (int)t : length - 1;
}

// The steps of episode `from`, each with weight discount^t; of one longer than `most` that many steps by stratified
// draws with probability proportional to discount^t, weighted so that sums stay unbiased.
static void add_episode(list* l, const lb_tracks* k, int from, int number, int most, double discount, lb_rng* rng) {
  int length = k->start[from + 1] - k->start[from];
  l->track[number] = from;
  if (length <= most) {
    for (int t = 0; t < length; ++t) add(l, k, number, t, pow(discount, t));
    return;
  }
  double total = discount < 1 ? (1 - pow(discount, length)) / (1 - discount) : length;
  for (int j = 0; j < most; ++j) {
    double p = (j + lb_rng_uniform(rng)) / most;
    add(l, k, number, quantile(p, discount, length), total / most);
  }
}

// Visits of all episodes, in order, or of a random subset of them where `most` has no room for all.
static list draw_visits(const lb_tracks* tracks, int most, double discount, lb_rng* rng, lb_arena* arena) {
  assert(most >= VISITS_AN_EPISODE && discount >= 0 && discount <= 1);
  list l = list_new(tracks, most, arena);
  int limit = most / VISITS_AN_EPISODE, episodes = tracks->episodes < limit ? tracks->episodes : limit;
  for (int e = 0, number = 0; number < episodes; ++e) {
    // Each subset of this size alike (Knuth, TAOCP 2, 3.4.2, algorithm S).
    if ((tracks->episodes - e) * lb_rng_uniform(rng) >= episodes - number) continue;
    add_episode(&l, tracks, e, number++, most / episodes, discount, rng);
  }
  l.v.episodes = episodes;
  return l;
}

lb_visits lb_tracks_visits(const lb_tracks* tracks, int most, double discount, lb_rng* rng, lb_arena* arena) {
  return draw_visits(tracks, most, discount, rng, arena).v;
}

// What W is times V at time t.
static double factor(const lb_tracks_form* form, int t) {
  if (form->horizon == 0) return 1;
  return t < form->horizon ? (1 - form->discount) * (form->horizon - t) : 0;
}

// V at one observation of floats; x is room for it.
static double value_at(const lb_value* value, const float* obs, double* x) {
  double v;
  to_doubles(x, obs, value->nx);
  value->at(value->ctx, 1, 0, x, &v);
  return v;
}

// What an episode gained: its rewards, and what W says of the state where it was cut.
static double gain_of(const lb_tracks* k, int e, const lb_tracks_form* form, const lb_value* value, double* x) {
  int length = k->start[e + 1] - k->start[e], begin = k->start[e];
  double discount = lb_tracks_discount(form), sum = 0;
  for (int t = 0; t < length; ++t) {
    sum += pow(discount, t) * (double)row_at(k, begin + t)[lb_transitions_reward(k->nobs, k->nact)];
  }
  const float* last = row_at(k, begin + length - 1);
  bool cut = !(last[lb_transitions_terminated(k->nobs, k->nact)] > 0) && factor(form, length) != 0;
  if (cut) {
    double w = factor(form, length) * value_at(value, last + lb_transitions_next(k->nobs, k->nact), x);
    sum += pow(discount, length) * w;
  }
  return form->from_start ? sum - factor(form, 0) * value_at(value, row_at(k, begin), x) : sum;
}

lb_visits lb_tracks_visits_in(const lb_tracks* tracks, int most, const lb_tracks_form* form, const lb_value* value,
                              lb_rng* rng, lb_arena* arena) {
  list l = draw_visits(tracks, most, lb_tracks_discount(form), rng, arena);
  double *now = LB_TAKE(arena, double, l.v.n), *then = LB_TAKE(arena, double, l.v.n);
  double *gain = LB_TAKE(arena, double, l.v.episodes), *x = LB_TAKE(arena, double, tracks->nobs);
  for (int i = 0; i < l.v.n; ++i) {
    now[i] = factor(form, l.time[i]);
    then[i] = factor(form, l.time[i] + 1);
  }
  for (int e = 0; e < l.v.episodes; ++e) gain[e] = gain_of(tracks, l.track[e], form, value, x);
  l.v.now = now;
  l.v.then = then;
  l.v.gain = gain;
  return l.v;
}
