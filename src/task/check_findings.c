// What of a check's numbers is wrong or unwise, and what to do about it; and the check as text and as JSON.
#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "io/json_writer.h"
#include "task/check.h"
#include "task/mujoco_system.h"

static const double SCALES = 1e3;  // numbers further apart than that are said

// Adds a finding; beyond the room for them the last ones are lost, and errors come first.
__attribute__((format(printf, 5, 6))) static void find(lb_check* c, lb_arena* arena, lb_check_level level,
                                                       const char* mend, const char* format, ...) {
  char what[1000];
  va_list values;
  va_start(values, format);
  vsnprintf(what, sizeof what, format, values);
  va_end(values);
  if (c->nfinding == LB_CHECK_FINDINGS) return;
  c->findings[c->nfinding++] = (lb_check_finding){level, lb_arena_text(arena, what), mend};
  c->nerror += level == LB_CHECK_ERROR;
}

// Episodes that diverged, numbers that are not finite.
static void find_in_steps(lb_check* c, lb_arena* arena, const lb_check_episodes* e, const char* kind) {
  if (e->diverged > 0) {
    find(c, arena, LB_CHECK_ERROR,
         "make <option timestep> smaller (and frame_skip larger), add armature or damping to joints, narrow ctrlrange "
         "or soften gains; or end the episode before, by 'healthy'",
         "%d of %d episodes with %s controls left the finite numbers", e->diverged, e->begun, kind);
  }
  if (e->first) {
    find(c, arena, LB_CHECK_ERROR,
         "keep the arguments of 'sqrt' and 'log' in their range by 'clip', and the simulation finite",
         "observation or reward held what is no finite number in %d of %d steps with %s controls, %s first",
         e->not_finite, e->steps, kind, e->first);
  }
}

// What MuJoCo warned of.
static void find_warnings(lb_check* c, lb_arena* arena) {
  for (int i = 0; i < c->nwarning; ++i) {
    find(
        c, arena, LB_CHECK_WARNING,
        "a warning of contacts or memory: raise <size memory>; one of huge numbers: see what diverges; one of inertia: "
        "see the model",
        "MuJoCo warned, %d %s: %s", c->warnings[i].count, lb_plural(c->warnings[i].count, "time", "times"),
        c->warnings[i].text);
  }
}

static bool is_constant(const lb_check_range* r) {
  return r->high - r->low <= 1e-12 * fmax(fabs(r->low), fabs(r->high));
}

// Numbers of the observation that never change.
static void find_constants(lb_check* c, lb_arena* arena) {
  int n = 0;
  const char* first = NULL;
  for (int i = 0; i < c->nobs; ++i) {
    if (!is_constant(&c->obs[i])) continue;
    if (!first) first = c->obs[i].name;
    ++n;
  }
  if (n == 0) return;
  find(c, arena, LB_CHECK_NOTE, "leave them out of 'observation', or see why nothing moves there",
       "%d of %d numbers of the observation never %s, %s first", n, c->nobs, lb_plural(n, "changes", "change"), first);
}

static double size_of(const lb_check_range* r) {
  return fmax(fabs(r->low), fabs(r->high));
}

// The least and the most spread numbers of the observation.
static void find_scales(lb_check* c, lb_arena* arena) {
  int least = -1, most = -1;
  for (int i = 0; i < c->nobs; ++i) {
    if (is_constant(&c->obs[i]) || !(c->obs[i].sd > 0)) continue;
    if (least < 0 || c->obs[i].sd < c->obs[least].sd) least = i;
    if (most < 0 || c->obs[i].sd > c->obs[most].sd) most = i;
  }
  if (least < 0 || !(c->obs[most].sd > SCALES * c->obs[least].sd)) return;
  find(
      c, arena, LB_CHECK_WARNING, "'clip' the large one (qvel to [-10, 10], say), or leave the small one out",
      "the numbers of the observation differ by more than %g in scale: %s has a standard deviation of %.2g, %s of %.2g",
      SCALES, c->obs[most].name, c->obs[most].sd, c->obs[least].name, c->obs[least].sd);
}

// Terms beside which others count for nothing.
static void find_terms(lb_check* c, lb_arena* arena) {
  int most = -1;
  for (int i = 0; i < c->nterm; ++i) {
    if (size_of(&c->terms[i]) >= 0 && (most < 0 || size_of(&c->terms[i]) > size_of(&c->terms[most]))) most = i;
  }
  for (int i = 0; i < c->nterm; ++i) {
    const lb_check_range* r = &c->terms[i];
    if (is_constant(r) && c->nterm > 1) {
      find(c, arena, LB_CHECK_NOTE, "nothing to do where it comes up later (a bonus, a goal); else see what it reads",
           "the reward's term '%s' was %.3g in every random step", r->name, r->low);
    } else if (most >= 0 && SCALES * size_of(r) < size_of(&c->terms[most])) {
      find(c, arena, LB_CHECK_WARNING, "change a 'weight', or limit the large one by 'clip' or 'limits'",
           "the reward's terms differ by more than %g in scale: '%s' is at most %.2g, '%s' up to %.2g", SCALES, r->name,
           size_of(r), c->terms[most].name, size_of(&c->terms[most]));
    }
  }
}

// Episodes that end at once, soon, or never.
static void find_ends(lb_check* c, lb_arena* arena) {
  const lb_system* s = c->system;
  const lb_check_episodes *r = &c->random, *z = &c->zero;
  double length = r->terminated > 0 ? (double)r->steps / r->begun : 0;
  if (r->shortest == 1 || z->shortest == 1) {
    find(c, arena, LB_CHECK_ERROR, "loosen 'healthy', or begin elsewhere ('reset')",
         "an episode can be over after its first step: the start does not meet a condition of 'healthy', or hardly");
  } else if (r->terminated > 0 && length < 10) {
    find(c, arena, LB_CHECK_WARNING, "loosen 'healthy', begin further from its bounds, or make steps shorter",
         "an episode with random controls lasts %.1f steps on average", length);
  }
  if (!s->has_end && s->imagine) {
    find(c, arena, LB_CHECK_NOTE, "if a fall or an escape should end one, add 'healthy'",
         "no episode ever terminates: each takes its %d steps", s->horizon);
  } else if (s->has_end && r->terminated + z->terminated == 0) {
    find(c, arena, LB_CHECK_NOTE, "see that its bounds can be reached at all",
         "'healthy' ended no episode, neither with random nor without controls");
  }
}

// Restarts in the middle of an episode that go on differently.
static void find_restarts(lb_check* c, lb_arena* arena) {
  if (c->unequal == 0) return;
  find(c, arena, LB_CHECK_ERROR,
       "the model remembers something besides (qpos, qvel, act): look for plugins, user callbacks or mocap bodies",
       "%d of %d restarts in the middle of an episode went on differently, by up to %.2g: runs cannot be replayed",
       c->unequal, c->restarts, c->apart);
}

// Controls without limits where networks are to learn.
static void find_controls(lb_check* c, lb_arena* arena) {
  const lb_system* s = c->system;
  int n = 0, first = -1;
  for (int i = 0; i < s->nu; ++i) {
    if (isfinite(s->u_low[i]) && isfinite(s->u_high[i])) continue;
    if (n++ == 0) first = i;
  }
  if (n == 0 || s->cost) return;
  find(c, arena, LB_CHECK_ERROR, "give each <actuator> a ctrlrange in the model",
       "%d of %d controls %s no limits, %s first: nothing can learn with networks here", n, s->nu,
       lb_plural(n, "has", "have"), lb_system_control(s, first).text);
}

// Servos whose controls mean other units than their joints'.
static void find_servos(lb_check* c, lb_arena* arena) {
  const lb_task_spec* spec = lb_mujoco_system_spec(c->system);
  double joint[2];
  for (int i = 0; spec && i < spec->nu; ++i) {
    if (!lb_phys_model_overshoots(spec->model, spec->actuators[i], joint)) continue;
    find(
        c, arena, LB_CHECK_WARNING,
        "give the <actuator> the joint's range as its ctrlrange (inheritrange=\"1\"): radians, whatever the angles of "
        "joints are written in",
        "control %s holds its joint at [%.3g, %.3g], which itself goes from %.3g to %.3g: nearly every action asks for "
        "one of the two ends",
        spec->controls[i], c->system->u_low[i], c->system->u_high[i], joint[0], joint[1]);
  }
}

// What rows with a model ask of a task.
static void find_model_rows(lb_check* c, lb_arena* arena) {
  const lb_system* s = c->system;
  const lb_check_states* m = &c->states;
  if (m->steps == 0) return;
  if (s->has_end && !m->can_end) {
    find(c, arena, LB_CHECK_WARNING,
         "observe, as qpos and qvel, what 'healthy' depends on (an angle itself where it may turn further than half a "
         "turn): a state is put back from these alone, not from sensors or places of bodies",
         "the observation does not determine when an episode ends: rows with a learned model are refused");
  }
  if (!m->can_reward || (s->has_end && !m->can_end)) {
    find(c, arena, LB_CHECK_NOTE,
         "observe, as qpos and qvel, what the reward depends on; rows that learn the reward do without",
         "the observation does not determine the reward: rows that plan for the task's own reward in a model "
         "(sysid-ilqr, lamps-ilqr) are refused");
  }
  double scale = fabs(c->random.reward) + 1e-9;
  if (m->ends > 0) {
    find(c, arena, LB_CHECK_WARNING, "let 'healthy' read qpos and qvel alone",
         "on states alone the end differs in %d of %d steps: quantities that MuJoCo computed for an earlier state",
         m->ends, m->steps);
  }
  if (m->reward_mean > 0.1 * scale) {
    find(c, arena, LB_CHECK_WARNING, "let the reward read qpos and qvel where it can",
         "on states alone the reward differs by %.2g on average (%.2g at most), beside a mean of %.2g: a model that is "
         "right would be paid something else",
         m->reward_mean, m->reward, c->random.reward);
  }
}

// Steps that are too short, too long or too slow.
static void find_time(lb_check* c, lb_arena* arena) {
  const lb_system* s = c->system;
  if (s->dt < 0.002 || s->dt > 0.2) {
    find(c, arena, LB_CHECK_WARNING, "change frame_skip: 0.01 to 0.05 s is usual",
         "a control step takes %.3g s: learners see either hardly any change, or too much", s->dt);
  }
  if (c->random.steps < c->asked || c->zero.steps < c->asked_zero) {
    find(c, arena, LB_CHECK_WARNING, "give the check more time (--seconds), or fewer physics steps a control step",
         "%d of %d steps with random controls and %d of %d without were taken: %.3g s of CPU time were up",
         c->random.steps, c->asked, c->zero.steps, c->asked_zero, c->seconds);
  }
  if (c->steps_per_second > 0 && c->steps_per_second < 500) {
    find(c, arena, LB_CHECK_WARNING,
         "simplify collision geometry (boxes and capsules for meshes), make frame_skip smaller or timestep larger",
         "%.0f steps a second: a million take %.1f hours of simulation alone", c->steps_per_second,
         1e6 / c->steps_per_second / 3600);
  }
}

void lb_check_find(lb_check* c, lb_arena* arena) {
  c->nfinding = c->nerror = 0;
  find_in_steps(c, arena, &c->random, "random");
  find_in_steps(c, arena, &c->zero, "zero");
  find_controls(c, arena);
  find_servos(c, arena);
  find_restarts(c, arena);
  find_ends(c, arena);
  find_warnings(c, arena);
  find_scales(c, arena);
  find_terms(c, arena);
  find_model_rows(c, arena);
  find_time(c, arena);
  find_constants(c, arena);
}

const char* lb_check_level_name(lb_check_level level) {
  static const char* const names[LB_CHECK_LEVELS] = {"error", "warning", "note"};
  assert(level < LB_CHECK_LEVELS);
  return names[level];
}

// A line on the episodes of one kind.
static void add_episodes(lb_text* out, const char* kind, const lb_check_episodes* e) {
  lb_text_add(out, "  %-8s %6d steps, %d %s: %d terminated, %d ran out of time, %d diverged; mean reward %.4g\n", kind,
              e->steps, e->begun, lb_plural(e->begun, "episode", "episodes"), e->terminated, e->truncated, e->diverged,
              e->reward);
}

// A table of ranges.
static void add_ranges(lb_text* out, const char* title, const lb_check_range* ranges, int n) {
  int width = 30;
  if (n == 0) return;
  for (int i = 0; i < n; ++i) {
    int length = (int)strlen(ranges[i].name);
    if (length > width) width = length;
  }
  lb_text_add(out, "%-*s %11s %11s %11s %11s\n", width + 2, title, "low", "high", "mean", "sd");
  for (int i = 0; i < n; ++i) {
    const lb_check_range* r = &ranges[i];
    lb_text_add(out, "  %-*s %11.4g %11.4g %11.4g %11.4g\n", width, r->name, r->low, r->high, r->mean, r->sd);
  }
}

// How a model's states are judged, beside real ones.
static void add_states(lb_text* out, const lb_check_states* m) {
  if (m->steps == 0) return;
  lb_text_add(out,
              "by models (over %d steps)\n  from states alone: reward differs by %.3g at most and %.3g on average, the "
              "observation by %.3g, ends in %d steps\n",
              m->steps, m->reward, m->reward_mean, m->observation, m->ends);
  if (m->can_end) {
    lb_text_add(out, "  from observations: ends differ in %d steps", m->observed_ends);
  } else {
    lb_text_add(out, "  from observations: no ends");
  }
  if (m->can_end && m->can_reward) {
    lb_text_add(out, ", the reward by %.3g at most\n", m->observed_reward);
  } else {
    lb_text_add(out, ", no rewards\n");
  }
}

// The check as a page for people.
void lb_check_add_text(lb_text* out, const lb_check* c) {
  lb_text_add(out, "%s: %.0f steps a second of CPU time\nepisodes\n", c->system->name, c->steps_per_second);
  add_episodes(out, "random", &c->random);
  add_episodes(out, "zero", &c->zero);
  add_ranges(out, c->nterm > 0 ? "observation" : "state", c->obs, c->nobs);
  add_ranges(out, "reward, weighted terms", c->terms, c->nterm);
  add_states(out, &c->states);
  lb_text_add(out, "restarts\n  %d of %d went on as before, to the bit\n", c->restarts - c->unequal, c->restarts);
  lb_text_add(out, "findings%s\n", c->nfinding > 0 ? "" : "\n  none");
  for (int i = 0; i < c->nfinding; ++i) {
    const lb_check_finding* f = &c->findings[i];
    lb_text_add(out, "  %s: %s\n    mend: %s\n", lb_check_level_name(f->level), f->what, f->mend);
  }
}

// The episodes of one kind.
static void write_episodes(lb_json_writer* w, const char* key, const lb_check_episodes* e) {
  lb_json_write_begin_object(w, key);
  lb_json_write_int(w, "steps", e->steps);
  lb_json_write_int(w, "episodes", e->begun);
  lb_json_write_int(w, "terminated", e->terminated);
  lb_json_write_int(w, "truncated", e->truncated);
  lb_json_write_int(w, "diverged", e->diverged);
  lb_json_write_int(w, "shortest", e->shortest);
  lb_json_write_int(w, "not_finite", e->not_finite);
  lb_json_write_number(w, "reward", e->reward);
  lb_json_write_end_object(w);
}

// A list of ranges.
static void write_ranges(lb_json_writer* w, const char* key, const lb_check_range* ranges, int n) {
  lb_json_write_begin_array(w, key);
  for (int i = 0; i < n; ++i) {
    lb_json_write_begin_object(w, NULL);
    lb_json_write_string(w, "name", ranges[i].name);
    lb_json_write_number(w, "low", ranges[i].low);
    lb_json_write_number(w, "high", ranges[i].high);
    lb_json_write_number(w, "mean", ranges[i].mean);
    lb_json_write_number(w, "sd", ranges[i].sd);
    lb_json_write_end_object(w);
  }
  lb_json_write_end_array(w);
}

// How a model's states are judged, beside real ones.
static void write_states(lb_json_writer* w, const lb_check_states* m) {
  lb_json_write_begin_object(w, "model_states");
  lb_json_write_int(w, "steps", m->steps);
  lb_json_write_number(w, "reward", m->reward);
  lb_json_write_number(w, "reward_mean", m->reward_mean);
  lb_json_write_number(w, "observation", m->observation);
  lb_json_write_int(w, "ends", m->ends);
  lb_json_write_bool(w, "can_end", m->can_end);
  lb_json_write_bool(w, "can_reward", m->can_reward);
  lb_json_write_int(w, "observed_ends", m->observed_ends);
  lb_json_write_number(w, "observed_reward", m->observed_reward);
  lb_json_write_end_object(w);
}

// What was found, with its mend.
static void write_findings(lb_json_writer* w, const lb_check* c) {
  lb_json_write_begin_array(w, "findings");
  for (int i = 0; i < c->nfinding; ++i) {
    lb_json_write_begin_object(w, NULL);
    lb_json_write_string(w, "level", lb_check_level_name(c->findings[i].level));
    lb_json_write_string(w, "what", c->findings[i].what);
    lb_json_write_string(w, "mend", c->findings[i].mend);
    lb_json_write_end_object(w);
  }
  lb_json_write_end_array(w);
}

// The check as one JSON object, with a line's end.
void lb_check_add_json(lb_text* out, const lb_check* c) {
  lb_json_writer w = lb_json_writer_on(out);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_string(&w, "name", c->system->name);
  lb_json_write_string(&w, "hash", c->system->hash);
  lb_json_write_number(&w, "steps_per_second", c->steps_per_second);
  write_episodes(&w, "random", &c->random);
  write_episodes(&w, "zero", &c->zero);
  write_ranges(&w, "observation", c->obs, c->nobs);
  write_ranges(&w, "reward", c->terms, c->nterm);
  lb_json_write_begin_object(&w, "restarts");
  lb_json_write_int(&w, "tried", c->restarts);
  lb_json_write_int(&w, "unequal", c->unequal);
  lb_json_write_number(&w, "apart", c->apart);
  lb_json_write_end_object(&w);
  write_states(&w, &c->states);
  write_findings(&w, c);
  lb_json_write_int(&w, "errors", c->nerror);
  lb_json_write_end_object(&w);
  lb_text_add(out, "\n");
}
