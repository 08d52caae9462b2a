#include "theory/drawing.h"

#include <limits.h>
#include <math.h>

enum { STEP = 92, LEFT = 60, RADIUS = 21, HEIGHT = 310, LINE = 140, BELOW = 265 };
static const char* const colours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7"};

typedef struct spot {
  double x, y;
} spot;

static bool has_place(const lb_mdp* m, int s) {
  return m->place && m->place[s] != INT_MIN;
}

// min over the states that have a place.
static int lowest_place(const lb_mdp* m) {
  int low = INT_MAX;
  for (int s = 0; s < m->ns; ++s) {
    if (has_place(m, s) && m->place[s] < low) low = m->place[s];
  }
  return low;
}

// Where a state stands: by its place, or below, by its number among those that have none.
static spot spot_of(const lb_mdp* m, int s, double top) {
  if (has_place(m, s)) return (spot){LEFT + STEP * (double)(m->place[s] - lowest_place(m)), top + LINE};
  int before = 0;
  for (int k = 0; k < s; ++k) before += !has_place(m, k);
  return (spot){LEFT + STEP * (3.5 + 2 * before), top + BELOW};
}

// An arc from one state to another, the higher the further, with its head; a loop where they are one.
static void draw_edge(lb_text* svg, spot from, spot to, int action, double p, bool seen) {
  double dx = to.x - from.x, dy = to.y - from.y, length = sqrt(dx * dx + dy * dy);
  const char* colour = colours[action % 4];
  const char* dash = seen ? "" : " stroke-dasharray='5 4'";
  double width = 0.8 + 2.2 * p;
  if (length < 1) {
    lb_text_add(svg,
                "<path d='M%.1f %.1f c-26 -44 26 -44 %.1f 0' fill='none' stroke='%s' stroke-width='%.1f'%s "
                "marker-end='url(#head%d)'/>\n",
                from.x - 8, from.y - RADIUS + 2, 14.0, colour, width, dash, action % 4);
    return;
  }
  bool down = fabs(dy) > 1, back = dx < 0;
  double rise = down ? 0 : back ? 0.55 * dx : action == 0 ? 0 : 0.42 * dx;
  double mx = (from.x + to.x) / 2 + (down ? 0.12 * dx : 0), my = (from.y + to.y) / 2 - rise;
  double ax = mx - from.x, ay = my - from.y, a = sqrt(ax * ax + ay * ay);
  double bx = mx - to.x, by = my - to.y, b = sqrt(bx * bx + by * by);
  lb_text_add(svg,
              "<path d='M%.1f %.1f Q%.1f %.1f %.1f %.1f' fill='none' stroke='%s' stroke-width='%.1f'%s "
              "marker-end='url(#head%d)'/>\n",
              from.x + ax / a * RADIUS, from.y + ay / a * RADIUS, mx, my, to.x + bx / b * (RADIUS + 5),
              to.y + by / b * (RADIUS + 5), colour, width, dash, action % 4);
}

// The rest of a text that has been begun: names come from the files of users.
static void add_name(lb_text* svg, const char* name) {
  lb_text_add_xml(svg, name);
  lb_text_add(svg, "</text>\n");
}

// A circle with its name; what arriving there earns is below.
static void draw_state(lb_text* svg, const lb_mdp* m, int s, spot at) {
  char name[LB_MDP_NAME];
  const char* fill = !m->end[s] ? "#ffffff" : m->arrival[s] > 0 ? "#d9f0d3" : "#f4d3cf";
  lb_text_add(svg, "<circle cx='%.1f' cy='%.1f' r='%d' fill='%s' stroke='#1c1f23' stroke-width='%s'/>\n", at.x, at.y,
              RADIUS, fill, m->end[s] ? "2.4" : "1.2");
  lb_text_add(svg, "<text x='%.1f' y='%.1f' font-size='11' text-anchor='middle' fill='#1c1f23'>", at.x, at.y + 4);
  add_name(svg, lb_mdp_state_name(m, s, name));
  if (m->arrival[s] != 0) {
    lb_text_add(svg, "<text x='%.1f' y='%.1f' font-size='11' text-anchor='middle' fill='#5b626b'>%+g</text>\n", at.x,
                at.y + RADIUS + 13, m->arrival[s]);
  }
}

// Title, legend of the actions, edges and states; edges of rows that were not seen are dashed.
static void draw_world(lb_text* svg, const lb_mdp* m, const char* title, const bool* seen, double top) {
  char name[LB_MDP_NAME];
  lb_text_add(svg, "<text x='14' y='%.1f' font-size='14' font-weight='bold' fill='#1c1f23'>", top + 22);
  add_name(svg, title);
  double x = 16;
  for (int a = 0; a < m->na; ++a, x += 90) {
    lb_text_add(svg, "<path d='M%.1f %.1f h26' stroke='%s' stroke-width='3'/>\n", x, top + 40, colours[a % 4]);
    lb_text_add(svg, "<text x='%.1f' y='%.1f' font-size='12' fill='#1c1f23'>", x + 32, top + 44);
    add_name(svg, lb_mdp_action_name(m, a, name));
  }
  for (int sa = 0; sa < m->ns * m->na; ++sa) {
    for (int i = m->row[sa]; i < m->row[sa + 1]; ++i) {
      draw_edge(svg, spot_of(m, sa / m->na, top), spot_of(m, m->next[i], top), sa % m->na, m->p[i], !seen || seen[sa]);
    }
  }
  for (int s = 0; s < m->ns; ++s) draw_state(svg, m, s, spot_of(m, s, top));
}

void lb_drawing_write(lb_text* svg, const lb_mdp* real, const char* title, const lb_mdp* model, const char* model_title,
                      const bool* seen) {
  double width = 0;
  for (int s = 0; s < real->ns; ++s) width = fmax(width, spot_of(real, s, 0).x + 60);
  lb_text_add(svg,
              "<svg xmlns='http://www.w3.org/2000/svg' width='%.0f' height='%d' viewBox='0 0 %.0f %d' "
              "font-family='sans-serif'>\n<defs>\n",
              width, 2 * HEIGHT, width, 2 * HEIGHT);
  for (int i = 0; i < 4; ++i) {
    lb_text_add(svg,
                "<marker id='head%d' viewBox='0 0 8 8' refX='6' refY='4' markerWidth='9' markerHeight='9' "
                "markerUnits='userSpaceOnUse' orient='auto'><path d='M0 0 L8 4 L0 8 z' fill='%s'/></marker>\n",
                i, colours[i]);
  }
  lb_text_add(svg, "</defs>\n<rect width='100%%' height='100%%' fill='#ffffff'/>\n");
  draw_world(svg, real, title, NULL, 0);
  draw_world(svg, model, model_title, seen, HEIGHT);
  lb_text_add(svg, "</svg>\n");
}
