#include "tabular/solve.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "linalg/lstsq.h"

enum { LARGEST_SOLVED = 500 };

double lb_solve_backup(const lb_mdp* m, int sa, const double* V) {
  double sum = 0;
  for (int i = m->row[sa]; i < m->row[sa + 1]; ++i) sum += m->p[i] * V[m->next[i]];
  return m->reward[sa] + m->discount * sum;
}

static void count(lb_counts* counts, int64_t backups) {
  if (counts) counts->backups += backups;
}

// One sweep of a policy's backups, V_new from V; the same array: Gauss-Seidel. Returns the largest change.
static double sweep_policy(double* V_new, const lb_mdp* m, const double* pi, const double* V, int64_t* backups) {
  double change = 0;
  for (int s = 0; s < m->ns; ++s) {
    double sum = 0;
    if (!m->end[s]) {
      for (int a = 0; a < m->na; ++a) {
        double p = pi[s * m->na + a];
        if (p == 0) continue;
        sum += p * lb_solve_backup(m, s * m->na + a, V);
        *backups += 1;
      }
    }
    change = fmax(change, fabs(sum - V[s]));
    V_new[s] = sum;
  }
  return change;
}

// The same for the best actions.
static double sweep_best(double* V_new, const lb_mdp* m, double* pi, const double* V) {
  double change = 0;
  for (int s = 0; s < m->ns; ++s) {
    double best = m->end[s] ? 0 : -INFINITY;
    int action = 0;
    for (int a = 0; a < m->na && !m->end[s]; ++a) {
      double q = lb_solve_backup(m, s * m->na + a, V);
      if (q > best) best = q, action = a;
    }
    if (pi) {
      memset(pi + s * m->na, 0, (size_t)m->na * sizeof *pi);
      pi[s * m->na + action] = 1;
    }
    change = fmax(change, fabs(best - V[s]));
    V_new[s] = best;
  }
  return change;
}

// Backups of one sweep: actions of all states that are not terminal.
static int64_t sweep_size(const lb_mdp* m) {
  int64_t alive = 0;
  for (int s = 0; s < m->ns; ++s) alive += !m->end[s];
  return alive * m->na;
}

// (I - g P_pi) V = r_pi, dense.
static void solve_value(double* V, const lb_mdp* m, const double* pi, lb_arena* scratch) {
  int n = m->ns;
  lb_mark mark = lb_arena_mark(scratch);
  double *A = LB_TAKE(scratch, double, (n * n)), *b = LB_TAKE(scratch, double, n);
  for (int s = 0; s < n; ++s) {
    A[s * n + s] += 1;
    for (int a = 0; a < m->na && !m->end[s]; ++a) {
      int sa = s * m->na + a;
      b[s] += pi[sa] * m->reward[sa];
      for (int i = m->row[sa]; i < m->row[sa + 1]; ++i) {
        if (!m->end[m->next[i]]) A[s * n + m->next[i]] -= m->discount * pi[sa] * m->p[i];
      }
    }
  }
  lb_lstsq solved = lb_lstsq_qr(V, A, b, n, n, 1, 1e-300, scratch);
  assert(solved.ok);  // g < 1: diagonally dominant
  (void)solved;
  for (int s = 0; s < n; ++s) {
    if (m->end[s]) V[s] = 0;
  }
  lb_arena_release(scratch, mark);
}

// The largest |V| that there can be.
static double largest_value(const lb_mdp* m) {
  double most = 0;
  for (int sa = 0; sa < m->ns * m->na; ++sa) most = fmax(most, fabs(m->reward[sa]));
  return most / (1 - m->discount);
}

void lb_solve_evaluate(double* V, const lb_mdp* m, const double* pi, lb_counts* counts, lb_arena* scratch) {
  int64_t backups = 0;
  size_t ns = (size_t)m->ns, na = (size_t)m->na;
  if (m->horizon > 0) {
    memset(V + (size_t)m->horizon * ns, 0, ns * sizeof *V);
    for (int t = m->horizon - 1; t >= 0; --t) {
      sweep_policy(V + (size_t)t * ns, m, pi + (size_t)t * ns * na, V + (size_t)(t + 1) * ns, &backups);
    }
  } else if (m->ns <= LARGEST_SOLVED) {
    solve_value(V, m, pi, scratch);
    backups = sweep_size(m);
  } else {
    memset(V, 0, ns * sizeof *V);
    double enough = 1e-12 * (1 - m->discount) * largest_value(m) + DBL_MIN;
    for (int k = 0; k < 10000000 && sweep_policy(V, m, pi, V, &backups) > enough; ++k) continue;
  }
  count(counts, backups);
}

int lb_solve_optimal(double* V, double* pi, const lb_mdp* m, double tolerance, lb_counts* counts, lb_arena* scratch) {
  size_t ns = (size_t)m->ns, na = (size_t)m->na;
  int sweeps = 0;
  if (m->horizon > 0) {
    memset(V + (size_t)m->horizon * ns, 0, ns * sizeof *V);
    for (int t = m->horizon - 1; t >= 0; --t, ++sweeps) {
      sweep_best(V + (size_t)t * ns, m, pi ? pi + (size_t)t * ns * na : NULL, V + (size_t)(t + 1) * ns);
    }
  } else {
    memset(V, 0, ns * sizeof *V);
    // |V - V*| <= g / (1 - g) |last change|; rounding ends it where that cannot be had.
    double enough =
        fmax(tolerance * (1 - m->discount) / fmax(m->discount, DBL_MIN), 4 * DBL_EPSILON * largest_value(m));
    double change;
    do {
      change = sweep_best(V, m, pi, V);
      sweeps += 1;
    } while (change > enough);
    if (pi) sweep_best(V, m, pi, V), sweeps += 1;
  }
  (void)scratch;
  count(counts, sweeps * sweep_size(m));
  return sweeps;
}

double lb_solve_return(const lb_mdp* m, const double* V) {
  double sum = 0;
  for (int s = 0; s < m->ns; ++s) sum += m->start[s] * V[s];
  return sum;
}

// ---------------------------------------------------------------------------------------------------------------------
// PSDP

// Which states at time t + 1 must have a value: those that follow what is looked at at time t (d, any action), or what
// has to have a value itself (its policy's actions). `need` (T + 1, ns).
static void mark_needed(bool* need, const lb_mdp* m, const double* pi, const double* d) {
  size_t ns = (size_t)m->ns, na = (size_t)m->na;
  for (int t = 0; t < m->horizon; ++t) {
    for (int s = 0; s < m->ns; ++s) {
      bool all = d[(size_t)t * ns + (size_t)s] > 0, some = need[(size_t)t * ns + (size_t)s];
      if (m->end[s] || (!all && !some)) continue;
      for (int a = 0; a < m->na; ++a) {
        int sa = s * m->na + a;
        if (!all && pi[(size_t)t * ns * na + (size_t)sa] == 0) continue;
        for (int i = m->row[sa]; i < m->row[sa + 1]; ++i) need[(size_t)(t + 1) * ns + (size_t)m->next[i]] = true;
      }
    }
  }
}

// pi_t(s) becomes the best action against W, the first of equals; returns its value.
static double improve(double* pi, const lb_mdp* m, int s, const double* W) {
  double best = -INFINITY;
  int action = 0;
  for (int a = 0; a < m->na; ++a) {
    double q = lb_solve_backup(m, s * m->na + a, W);
    if (q > best) best = q, action = a;
  }
  memset(pi + s * m->na, 0, (size_t)m->na * sizeof *pi);
  pi[s * m->na + action] = 1;
  return best;
}

void lb_solve_choose(double* pi, const lb_mdp* m, const double* V, lb_rng* rng) {
  size_t ns = (size_t)m->ns;
  memset(pi, 0, lb_mdp_policy_size(m) * sizeof *pi);
  for (int t = 0; t < m->horizon; ++t) {
    for (int s = 0; s < m->ns; ++s, pi += m->na) {
      const double* later = V + (size_t)(t + 1) * ns;
      double best = -INFINITY;
      uint32_t alike = 0;
      for (int a = 0; a < m->na; ++a) best = fmax(best, m->end[s] ? 0 : lb_solve_backup(m, s * m->na + a, later));
      for (int a = 0; a < m->na; ++a) {
        if (m->end[s] || lb_solve_backup(m, s * m->na + a, later) > best - 1e-9) pi[a] = 1, alike += 1;
      }
      uint32_t chosen = alike > 1 ? lb_rng_below(rng, alike) : 0;
      for (int a = 0; a < m->na; ++a) {
        if (pi[a] > 0 && chosen-- != 0) pi[a] = 0;
      }
    }
  }
}

void lb_solve_psdp(double* pi, const lb_mdp* m, const double* d, lb_counts* counts, lb_arena* scratch) {
  assert(m->horizon > 0);
  size_t ns = (size_t)m->ns, na = (size_t)m->na;
  lb_mark mark = lb_arena_mark(scratch);
  bool* need = LB_TAKE(scratch, bool, (size_t)(m->horizon + 1) * ns);
  double *W = LB_TAKE(scratch, double, ns), *now = LB_TAKE(scratch, double, ns);
  mark_needed(need, m, pi, d);
  int64_t backups = 0;
  for (int t = m->horizon - 1; t >= 0; --t) {
    double* rows = pi + (size_t)t * ns * na;
    memset(now, 0, ns * sizeof *now);
    for (int s = 0; s < m->ns; ++s) {
      if (m->end[s]) continue;
      if (d[(size_t)t * ns + (size_t)s] > 0) {
        now[s] = improve(rows, m, s, W);
        backups += m->na;
      } else if (need[(size_t)t * ns + (size_t)s]) {
        for (int a = 0; a < m->na; ++a) {
          double p = rows[s * m->na + a];
          if (p == 0) continue;
          now[s] += p * lb_solve_backup(m, s * m->na + a, W);
          backups += 1;
        }
      }
    }
    memcpy(W, now, ns * sizeof *W);
  }
  count(counts, backups);
  lb_arena_release(scratch, mark);
}

// ---------------------------------------------------------------------------------------------------------------------
// Occupancy and policies

// d (ns) = (I - g P_pi^T)^-1 start, dense; large ones by iteration.
static void discounted_occupancy(double* d, const lb_mdp* m, const double* pi, lb_arena* scratch) {
  int n = m->ns;
  lb_mark mark = lb_arena_mark(scratch);
  double *now = LB_TAKE(scratch, double, n), *next = LB_TAKE(scratch, double, n);
  memset(d, 0, (size_t)n * sizeof *d);
  memcpy(now, m->start, (size_t)n * sizeof *now);
  for (double weight = 1, left = 1; left * weight > 1e-17 * (1 - m->discount);) {
    memset(next, 0, (size_t)n * sizeof *next);
    left = 0;
    for (int s = 0; s < n; ++s) {
      if (now[s] == 0 || m->end[s]) continue;
      d[s] += weight * now[s];
      left += now[s];
      for (int a = 0; a < m->na; ++a) {
        int sa = s * m->na + a;
        double p = now[s] * pi[sa];
        for (int i = m->row[sa]; p > 0 && i < m->row[sa + 1]; ++i) next[m->next[i]] += p * m->p[i];
      }
    }
    weight *= m->discount;
    double* swapped = now;
    now = next;
    next = swapped;
  }
  lb_arena_release(scratch, mark);
}

void lb_solve_occupancy(double* d, const lb_mdp* m, const double* pi, lb_arena* scratch) {
  if (m->horizon == 0) {
    discounted_occupancy(d, m, pi, scratch);
    return;
  }
  size_t ns = (size_t)m->ns, na = (size_t)m->na;
  memset(d, 0, (size_t)m->horizon * ns * sizeof *d);
  memcpy(d, m->start, ns * sizeof *d);
  for (int t = 0; t < m->horizon; ++t) {
    double* now = d + (size_t)t * ns;
    for (int s = 0; s < m->ns; ++s) {
      if (m->end[s]) now[s] = 0;
      for (int a = 0; a < m->na && t + 1 < m->horizon; ++a) {
        int sa = s * m->na + a;
        double p = now[s] * pi[(size_t)t * ns * na + (size_t)sa];
        for (int i = m->row[sa]; p > 0 && i < m->row[sa + 1]; ++i) now[(int)ns + m->next[i]] += p * m->p[i];
      }
    }
  }
}

void lb_solve_actions(double* pi, const lb_mdp* m, const int* actions) {
  memset(pi, 0, lb_mdp_policy_size(m) * sizeof *pi);
  for (int i = 0; i < lb_mdp_times(m) * m->ns; ++i) pi[(size_t)i * (size_t)m->na + (size_t)actions[i]] = 1;
}

void lb_solve_uniform(double* pi, const lb_mdp* m) {
  for (size_t i = 0; i < lb_mdp_policy_size(m); ++i) pi[i] = 1.0 / m->na;
}

void lb_solve_blur(double* pi, const lb_mdp* m, double share) {
  for (size_t i = 0; i < lb_mdp_policy_size(m); ++i) pi[i] = (1 - share) * pi[i] + share / m->na;
}
