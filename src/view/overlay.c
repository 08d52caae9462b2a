#include "view/overlay.h"

#include <math.h>
#include <mujoco/mujoco.h>
#include <stdint.h>
#include <stdio.h>

#include "base/text.h"
#include "task/mujoco_system.h"

enum {
  ROW = 18,
  LINES = 104,
  NAME = 150,
  BAR = 90,
  GAP = 4,
  NAMED = 22,
  LEAST_WIDTH = 400,
  LEAST_HEIGHT = 240,
  MOST_BARS = 24,
  PLOT = 240,
  PLOT_HEIGHT = 60
};

// A bar from the middle of its row, to the right where the value is positive; `scale` fills it.
static void draw_bar(const lb_scene* s, int left, int bottom, const char* name, double value, double scale,
                     const float colour[3]) {
  char label[NAMED + 24];
  int middle = left + NAME + GAP + BAR / 2;
  snprintf(label, sizeof label, "%.*s  %.3g", (int)NAMED, name, value);
  mjr_label((mjrRect){left, bottom, NAME, ROW - 1}, mjFONT_NORMAL, label, 0, 0, 0, 0.45F, 1, 1, 1, s->context);
  mjr_rectangle((mjrRect){left + NAME + GAP, bottom, BAR, ROW - 1}, 0, 0, 0, 0.35F);
  if (!isfinite(value) || !(scale > 0)) return;
  double share = fmax(-1, fmin(1, value / scale));
  int width = (int)lround(fabs(share) * BAR / 2);
  mjr_rectangle((mjrRect){share < 0 ? middle - width : middle, bottom + 2, width > 0 ? width : 1, ROW - 5}, colour[0],
                colour[1], colour[2], 0.9F);
}

// A bar for each term of the reward, on one scale, as many as there is room for.
static void draw_terms(const lb_scene* s, const lb_overlay_place* p, const lb_play_moment* m, int top) {
  static const float colour[3] = {0.25F, 0.75F, 0.35F};
  double scale = 0;
  for (int i = 0; i < m->nterms; ++i) {
    if (isfinite(m->terms[i])) scale = fmax(scale, fabs(m->terms[i]));
  }
  for (int i = 0; i < m->nterms && top - (i + 1) * ROW > p->bottom; ++i) {
    draw_bar(s, p->left + GAP, top - (i + 1) * ROW, m->names[i], m->terms[i], scale, colour);
  }
}

// A control fills its bar at the further of its limits.
static void draw_controls(const lb_scene* s, const lb_overlay_place* p, const lb_play_moment* m, int top) {
  static const float colour[3] = {0.95F, 0.6F, 0.2F};
  const lb_task_spec* spec = lb_mujoco_system_spec(s->system);
  int left = p->left + p->width - NAME - BAR - 2 * GAP;
  for (int i = 0; i < spec->nu && i < MOST_BARS && top - (i + 1) * ROW > p->bottom; ++i) {
    double scale = fmax(fabs(spec->u_low[i]), fabs(spec->u_high[i]));
    if (!isfinite(scale)) scale = 1;
    // Where limits are there only to be limits, bars within a hundredth of them would not be seen.
    if (scale >= 100) scale = 1;
    draw_bar(s, left, top - (i + 1) * ROW, spec->controls[i], m->u[i], scale, colour);
  }
}

void lb_overlay_draw(const lb_scene* s, const lb_overlay_place* p, const lb_play_moment* m, const char* title,
                     const char* more) {
  mjrRect place = {p->left, p->bottom, p->width, p->height};
  const char* what = s->system->cost ? "cost" : "return";
  lb_text names = {0}, values = {0};
  lb_text_add(&names, "%s\ntime\n%s", title, what);
  lb_text_add(&values, "episode %d\n%.2f s\n%.5g", m->episode, m->time, m->total);
  if (m->t > 0) {
    lb_text_add(&names, "\nreward");
    lb_text_add(&values, "\n%.4g", m->reward);
  }
  mjr_overlay(mjFONT_NORMAL, mjGRID_TOPLEFT, place, names.data, values.data, s->context);
  lb_text_free(&names);
  lb_text_free(&values);
  int top = p->bottom + p->height - LINES;
  if (p->width >= LEAST_WIDTH && p->height >= LEAST_HEIGHT) {
    draw_terms(s, p, m, top);
    draw_controls(s, p, m, p->bottom + p->height - GAP);
  }
  lb_text below = {0};
  if (m->over) {
    lb_text_add(&below, "%s: %s", m->diverged ? "diverged" : m->terminated ? "terminated" : "truncated", m->why);
  }
  if (more) lb_text_add(&below, "%s%s", m->over ? "\n" : "", more);
  if (below.length > 0) mjr_overlay(mjFONT_NORMAL, mjGRID_BOTTOMLEFT, place, below.data, NULL, s->context);
  lb_text_free(&below);
}

void lb_overlay_gap(const lb_scene* s, const lb_overlay_place* p, const double* gaps, int n, int anchor,
                    const char* model) {
  char label[80];
  int left = p->left + p->width - PLOT - GAP, bottom = p->bottom + GAP;
  double most = 0;
  for (int i = 0; i < n; ++i) {
    if (isfinite(gaps[i])) most = fmax(most, gaps[i]);
  }
  bool lost = n > 0 && !isfinite(gaps[n - 1]);
  snprintf(label, sizeof label, "%s, from step %d: off by %.3g", model, anchor, n > 0 ? gaps[n - 1] : 0);
  if (lost) snprintf(label, sizeof label, "%s, from step %d: no finite numbers", model, anchor);
  mjr_label((mjrRect){left, bottom + PLOT_HEIGHT, PLOT, ROW - 1}, mjFONT_NORMAL, label, 0, 0, 0, 0.45F, 1, 1, 1,
            s->context);
  mjr_rectangle((mjrRect){left, bottom, PLOT, PLOT_HEIGHT}, 0, 0, 0, 0.35F);
  for (int column = 0; column < PLOT && n > 0 && most > 0; ++column) {
    double gap = gaps[(int64_t)column * n / PLOT];
    int height = isfinite(gap) ? (int)lround(gap / most * (PLOT_HEIGHT - 2)) : PLOT_HEIGHT - 2;
    if (height > 0) mjr_rectangle((mjrRect){left + column, bottom + 1, 1, height}, 0.45F, 0.65F, 1.0F, 0.9F);
  }
}

void lb_overlay_history(const lb_scene* s, const lb_overlay_place* p, const double* shares, int n, int at) {
  (void)s;
  int width = p->width - 2 * GAP;
  mjr_rectangle((mjrRect){p->left + GAP, p->bottom + 5, width, 2}, 1, 1, 1, 0.6F);
  for (int i = 0; i <= n; ++i) {
    int x = p->left + GAP + (int)lround((i < n ? shares[i] : 1) * (width - 2)), size = i == at ? 5 : 2;
    mjr_rectangle((mjrRect){x - size / 2, p->bottom + 6 - size, 1 + size, 2 * size}, 1, i == at ? 0.6F : 1,
                  i == at ? 0.1F : 1, 0.9F);
  }
}

void lb_overlay_help(const lb_scene* s, const lb_overlay_place* p, const char* keys, const char* words) {
  mjrRect place = {p->left, p->bottom, p->width, p->height};
  // In the middle of a side MuJoCo puts the second column first.
  mjr_overlay(mjFONT_NORMAL, mjGRID_LEFT, place, words, keys, s->context);
}
