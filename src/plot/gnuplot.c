// Figures drawn by gnuplot: see gnuplot.h.
#include "plot/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cores.h"
#include "io/file.h"
#include "plot/frame.h"
#include "plot/legend.h"
#include "plot/series.h"

// ---------------------------------------------------------------------------------------------------------------------
// Bars

static const char* const part_colors[4] = {"#c9ced4", "#3f4a55", "#8b96a1", "#e3e6e9"};

// The commands of one such picture.
static void add_bars(lb_text* script, const lb_panel* p, const lb_frame* f) {
  lb_frame_begin(script, f);
  lb_frame_label(script, f, 14, f->top - 44, "left", LB_FRAME_FONT + 1, lb_frame_ink, p->title);
  lb_frame_label(script, f, 0.5 * (f->left + f->right), f->bottom + 42, "center", LB_FRAME_FONT, lb_frame_ink,
                 p->x_label);
  lb_ticks ticks = lb_ticks_of_x(p, 5);
  lb_frame_axis(script, "x", p->x_low, p->x_high, false, &ticks);
  lb_text_add(script, "unset logscale y\nset yrange [%g:-0.5]\nset grid xtics noytics\nset ytics scale 0 (",
              p->bars - 0.5);
  for (int b = 0; b < p->bars; b++) lb_text_add(script, "%s'' %d", b ? ", " : "", b);
  lb_text_add(script, ")\n");
  double step = (f->bottom - f->top) / p->bars;
  double x = f->left;
  for (int k = 0; k < p->parts; k++) {
    double sx = x / f->width, sy = 1 - (f->top - 16) / f->height, w = 12 / f->width, h = 6 / f->height;
    lb_text_add(script, "set object rect from screen %.6f,%.6f to screen %.6f,%.6f fs solid noborder fc rgb '%s'\n", sx,
                sy - h, sx + w, sy + h, part_colors[k]);
    lb_frame_label(script, f, x + 18, f->top - 16, "left", 12, lb_frame_ink, p->part_labels[k]);
    x += 34 + lb_frame_text_width(p->part_labels[k], 12);
  }
  for (int b = 0; b < p->bars; b++) {
    double from = 0;
    for (int k = 0; k < p->parts; k++) {
      double value = p->values[b * p->parts + k];
      if (!(value > 0)) continue;
      lb_text_add(script, "set object rect from first %.10g,%g to first %.10g,%g fs solid noborder fc rgb '%s'\n", from,
                  b - 0.32, from + value, b + 0.32, part_colors[k]);
      from += value;
    }
    double y = f->top + (b + 0.5) * step;
    lb_frame_label(script, f, f->left - 10, y, "right", 12, lb_frame_ink, p->bar_labels[b]);
    lb_frame_label(script, f, f->left + from / (p->x_high - p->x_low) * (f->right - f->left) + 6, y, "left",
                   LB_FRAME_SMALL, lb_frame_soft, p->bar_notes[b]);
  }
  lb_text_add(script, "plot NaN\n");
}

// A picture of stacked horizontal bars.
static void draw_bars(lb_text* script, const char* name, const lb_panel* p) {
  double longest = 0;
  for (int b = 0; b < p->bars; b++) longest = fmax(longest, lb_frame_text_width(p->bar_labels[b], 12));
  lb_frame f = {.width = 640, .height = 136 + 26.0 * p->bars, .left = 30 + longest, .right = 620, .top = 72};
  f.bottom = f.height - 60;
  for (int png = 0; png < 2; png++) {
    lb_frame_output(script, name, &f, png);
    add_bars(script, p, &f);
  }
  lb_text_add(script, "unset output\n");
}

// ---------------------------------------------------------------------------------------------------------------------
// Curves

// Title, labels, ranges and horizontal lines of a panel.
static void add_panel(lb_text* script, const lb_panel* p, const lb_frame* f, const char* letter) {
  lb_frame_begin(script, f);
  double x = f->left - 42;
  if (letter) {
    lb_text_add(script, "set label '{/:Bold %s}' at screen %.6f,%.6f left font ',14' tc rgb '%s'\n", letter,
                x / f->width, 1 - (f->top - 26) / f->height, lb_frame_ink);
    x += 18;
  }
  lb_frame_label(script, f, x, f->top - 26, "left", LB_FRAME_FONT + 1, lb_frame_ink, p->title);
  if (p->note && p->note[0]) {
    char note[200];
    lb_frame_shorten(note, sizeof(note), p->note, (letter ? f->right : f->width - 8) - x);
    lb_frame_label(script, f, x, f->top - 10, "left", LB_FRAME_SMALL, lb_frame_soft, note);
  }
  lb_frame_label(script, f, 0.5 * (f->left + f->right), f->bottom + 42, "center", LB_FRAME_FONT, lb_frame_ink,
                 p->x_label);
  lb_ticks x_ticks = lb_ticks_of_x(p, f->right - f->left > 330 ? 6 : 4);
  lb_ticks y_ticks = lb_ticks_choose(p->y_low, p->y_high, p->log_y, 5);
  lb_frame_axis(script, "x", p->x_low, p->x_high, p->log_x, &x_ticks);
  lb_frame_axis(script, "y", p->y_low, p->y_high, p->log_y, &y_ticks);
  for (int i = 0; i < p->n; i++) {
    if (p->series[i].kind == LB_SERIES_FLAT) lb_series_flat(script, p, &p->series[i]);
  }
}

void lb_gnuplot_single(lb_text* script, lb_arena* arena, const char* name, const lb_panel* panel) {
  if (panel->bars > 0) {
    draw_bars(script, name, panel);
    return;
  }
  lb_legend_entry* e;
  int n = lb_legend_list(arena, panel, &e);
  double legend = 0, tall = 0;
  for (int i = 0; i < n; i++) {
    double width = fmax(lb_frame_text_width(e[i].first, 12), e[i].second ? lb_frame_text_width(e[i].second, 12) : 0);
    legend = fmax(legend, width + LB_LEGEND_SAMPLE + 34);
    tall += e[i].height;
  }
  lb_frame f = {.width = 640, .height = fmax(394, tall + 60), .left = 64, .top = 56};
  f.right = f.width - legend;
  f.bottom = f.height - 60;
  lb_series_data(script, panel, 0);
  for (int png = 0; png < 2; png++) {
    lb_frame_output(script, name, &f, png);
    add_panel(script, panel, &f, NULL);
    lb_legend_right(script, arena, panel, &f);
    lb_series_plot(script, panel, 0);
  }
  lb_text_add(script, "unset output\n");
}

void lb_gnuplot_overview(lb_text* script, lb_arena* arena, const char* name, const lb_panel* panels, int n) {
  enum { COLUMNS = 4, CELL_WIDTH = 320, CELL_HEIGHT = 288 };
  int columns = n < COLUMNS ? n : COLUMNS, lines = (n + columns - 1) / columns;
  lb_frame f = {.width = columns * CELL_WIDTH};
  lb_legend_entry* e;
  int entries = lb_legend_unite(arena, panels, n, &e);
  double legend_top = lines * CELL_HEIGHT + 18;
  f.height = legend_top + lb_legend_below(NULL, &f, e, entries, legend_top) + 4;
  for (int i = 0; i < n; i++) lb_series_data(script, &panels[i], i);
  for (int png = 0; png < 2; png++) {
    lb_frame_output(script, name, &f, png);
    lb_text_add(script, "set multiplot\n");
    for (int i = 0; i < n; i++) {
      int column = i % columns, line = i / columns;
      double left = column * CELL_WIDTH, top = line * CELL_HEIGHT;
      char letter[2] = {(char)('a' + i), '\0'};
      f.left = left + 64;
      f.right = left + CELL_WIDTH - 18;
      f.top = top + 56;
      f.bottom = top + CELL_HEIGHT - 60;
      add_panel(script, &panels[i], &f, letter);
      if (i == n - 1) lb_legend_below(script, &f, e, entries, legend_top);
      lb_series_plot(script, &panels[i], i);
    }
    lb_text_add(script, "unset multiplot\n");
  }
  lb_text_add(script, "unset output\n");
}

// ---------------------------------------------------------------------------------------------------------------------
// gnuplot itself

enum { MOST_PARTS = 16 };

// One process of gnuplot, with every n-th figure of the script.
typedef struct part {
  char script[32], log[32];  // in the folder
  pid_t process;             // 0: none was started
  int exit_status;
} part;

// Runs the program on the part's script; what it says goes to the part's log.
static lb_status start(part* p, bool* found, const char* program, const char* folder) {
  char log[4096];
  lb_path_join(log, sizeof(log), folder, p->log);
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t usual;  // signals that this process ignores and another program should not
  sigemptyset(&usual);
  sigaddset(&usual, SIGPIPE);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, log, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  posix_spawn_file_actions_adddup2(&actions, 2, 1);
  posix_spawn_file_actions_addchdir_np(&actions, folder);
  char* arguments[] = {(char*)program, (char*)"-d", p->script, NULL};
  int failure = posix_spawnp(&p->process, program, &actions, &attributes, arguments, environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (failure) p->process = 0;
  *found = *found || failure == 0;
  if (failure == ENOENT || failure == EACCES) return lb_ok();
  return failure ? lb_fail(LB_IO, "cannot run %s: %s", program, strerror(failure)) : lb_ok();
}

// Waits for the part's process, whose words are in the message if it failed.
static lb_status finish(part* p, const char* program, const char* folder) {
  if (p->process == 0) return lb_ok();
  while (waitpid(p->process, &p->exit_status, 0) < 0) {
    if (errno != EINTR) return lb_fail(LB_IO, "lost %s: %s", program, strerror(errno));
  }
  if (p->exit_status == 0) return lb_ok();
  char script[4096], log[4096], *words = NULL;
  size_t n = 0;
  lb_path_join(script, sizeof(script), folder, "plots.gp");
  lb_path_join(log, sizeof(log), folder, p->log);
  if (lb_file_read(log, &words, &n).code != LB_OK) words = NULL;
  lb_status status =
      lb_fail(LB_IO, "%s: %s could not draw it: %.300s", script, program, words && n ? words : "it said nothing");
  free(words);
  return status;
}

static const char figure_end[] = "unset output\n";  // closes every figure of a script, at the start of a line

// Where the figure that begins at `text` ends.
static const char* end_of_figure(const char* text, const char* end) {
  for (const char* line = text; line < end; line = strchr(line, '\n') + 1) {
    if (!strncmp(line, figure_end, sizeof(figure_end) - 1)) return line + sizeof(figure_end) - 1;
  }
  return end;
}

// Deals the figures out to n parts and starts them.
static lb_status start_all(part* parts, int n, bool* found, const char* program, const char* folder,
                           const lb_text* script) {
  lb_text share[MOST_PARTS] = {{0}};
  const char* end = script->data + script->length;
  int figures = 0;
  for (const char* figure = script->data; figure < end; ++figures) {
    const char* next = end_of_figure(figure, end);
    lb_text_add_bytes(&share[figures % n], figure, (size_t)(next - figure));
    figure = next;
  }
  lb_status status = lb_ok();
  for (int i = 0; i < n; ++i) {
    char path[4096];
    snprintf(parts[i].script, sizeof(parts[i].script), "plots-part-%d.gp", i);
    snprintf(parts[i].log, sizeof(parts[i].log), "gnuplot-%d.log", i);
    lb_path_join(path, sizeof(path), folder, parts[i].script);
    if (status.code == LB_OK && share[i].length > 0) {
      status = lb_file_replace(path, share[i].data, share[i].length);
      if (status.code == LB_OK) status = start(&parts[i], found, program, folder);
    }
    lb_text_free(&share[i]);
  }
  return status;
}

lb_status lb_gnuplot_run(bool* found, const char* program, const char* folder, const lb_text* script) {
  char path[4096];
  part parts[MOST_PARTS] = {0};
  int cores = lb_cores(), n = cores < MOST_PARTS ? cores : MOST_PARTS;
  *found = false;
  lb_path_join(path, sizeof(path), folder, "plots.gp");
  LB_TRY(lb_file_replace(path, script->data, script->length));
  lb_status status = start_all(parts, n, found, program, folder, script);
  for (int i = 0; i < n; ++i) {
    lb_status ended = finish(&parts[i], program, folder);
    if (status.code == LB_OK) status = ended;
    lb_path_join(path, sizeof(path), folder, parts[i].script);
    unlink(path);
    lb_path_join(path, sizeof(path), folder, parts[i].log);
    unlink(path);
  }
  return status;
}
