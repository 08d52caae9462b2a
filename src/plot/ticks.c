// Where an axis gets its ticks: see ticks.h.
#include "plot/ticks.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

// Adds a tick, while there is room.
static void add(lb_ticks* ticks, double at, const char* label) {
  if (ticks->n == LB_TICKS_MAX) return;
  ticks->at[ticks->n] = at;
  snprintf(ticks->label[ticks->n++], sizeof(ticks->label[0]), "%s", label);
}

// 1, 2 or 5 times a power of ten, at least x.
static double iteration_step(double x) {
  double power = pow(10, floor(log10(x)));
  double lead = x / power;
  return power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
}

// Ticks at multiples of 1, 2 or 5 times a power of ten.
static void choose_linear(lb_ticks* ticks, double low, double high, int about) {
  double step = iteration_step((high - low) / about);
  double size = fmax(fabs(low), fabs(high));
  int decimals = (int)fmax(0, -floor(log10(step) + 1e-9));
  for (double k = ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) {
    char label[24];
    double at = k == 0 ? 0 : k * step;  // not -0
    if (k == 0) {
      snprintf(label, sizeof(label), "0");
    } else if (size >= 1e5 || size < 1e-3) {
      int power = (int)floor(log10(size));
      int digits = (int)fmax(0, floor(power - log10(step) + 1 - 1e-9));
      snprintf(label, sizeof(label), "%.*fe%d", digits > 6 ? 6 : digits, at / pow(10, power), power);
    } else {
      snprintf(label, sizeof(label), "%.*f", decimals, at);
    }
    add(ticks, at, label);
  }
}

// "0.02", "5e6", "10^{3}": lead times ten to a power.
static void log_label(char* out, size_t size, int lead, int power) {
  double value = lead * pow(10, power);
  bool plain = lead > 1 ? power >= -3 && power <= 4 : power >= -2 && power <= 3;
  if (plain) {
    snprintf(out, size, "%.10g", value);
  } else if (lead > 1) {
    snprintf(out, size, "%de%d", lead, power);
  } else {
    snprintf(out, size, "10^{%d}", power);
  }
}

// Ticks at powers of ten, of which some are left out where there are many, or 1, 2, 5 times those where there are few.
static void choose_log(lb_ticks* ticks, double low, double high, int about) {
  static const int leads[] = {1, 2, 5};
  int first = (int)floor(log10(low) + 1e-9), last = (int)ceil(log10(high) - 1e-9);
  bool between = last - first <= 2;
  int stride = (int)ceil((double)(last - first) / (about + 1));
  if (stride < 1) stride = 1;
  for (int power = first; power <= last; power++) {
    if (!between && power % stride != 0) continue;
    for (int i = 0; i < (between ? 3 : 1); i++) {
      char label[24];
      double at = leads[i] * pow(10, power);
      if (at < low * (1 - 1e-9) || at > high * (1 + 1e-9)) continue;
      log_label(label, sizeof(label), leads[i], power);
      add(ticks, at, label);
    }
  }
}

lb_ticks lb_ticks_choose(double low, double high, bool log, int about) {
  lb_ticks ticks = {0};
  if (log) {
    choose_log(&ticks, low, high, about);
  } else {
    choose_linear(&ticks, low, high, about);
  }
  return ticks;
}

// Turns the ticks' labels into 500, 50k, 1M.
static void label_counts(lb_ticks* ticks) {
  for (int i = 0; i < ticks->n; i++) {
    double x = ticks->at[i], unit = fabs(x) >= 1e6 ? 1e6 : fabs(x) >= 1e3 ? 1e3 : 1;
    snprintf(ticks->label[i], sizeof ticks->label[i], "%.10g%s", x / unit, unit > 1e5 ? "M" : unit > 1 ? "k" : "");
  }
}

lb_ticks lb_ticks_of_x(const lb_panel* p, int about) {
  lb_ticks ticks = {0};
  char label[24];
  for (int i = 0; i < p->n_x_ticks; i++) {
    snprintf(label, sizeof label, "%g", p->x_ticks[i]);
    add(&ticks, p->x_ticks[i], label);
  }
  if (p->n_x_ticks == 0) ticks = lb_ticks_choose(p->x_low, p->x_high, p->log_x, about);
  if (p->counts) label_counts(&ticks);
  return ticks;
}
