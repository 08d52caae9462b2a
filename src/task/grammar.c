#include "task/grammar.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "phys/signal.h"
#include "task/norm.h"
#include "task/quantity.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static const lb_task_key root_keys[] = {
    {"name", LB_TASK_TEXT, .required = true, .what = "the name of the task's folder", .example = "\"arm\""},
    {"version", LB_TASK_WHOLE, .required = true, .low = 1, .high = 1e6, .example = "1",
     .what = "to be raised when the task changes"},
    {"description", LB_TASK_TEXT, .required = true, .example = "\"a two-link arm that is to swing up\"",
     .what = "one line"},
    {"aliases", LB_TASK_TEXTS, .example = "[\"Hopper-v5\"]",
     .what = "names of the task elsewhere: data recorded under them are this task's"},
    {"physics", LB_TASK_TEXT, .example = "\"our own model\"", .what = "one line: which physics the model follows"},
    {"model", LB_TASK_TEXT, .required = true, .example = "\"model.xml\"",
     .what = "MJCF file, relative to the task's folder. Its state is (qpos, qvel, act) and no more: no delays, "
             "plasticity, sleeping. Geoms that are only "
             "drawn are left out of the simulation where nothing can see them"},
    {"frame_skip", LB_TASK_WHOLE, .required = true, .low = 1, .high = 1e4, .unit = "physics steps", .example = "4",
     .what = "steps of the model's `timestep` in a control step"},
    {"horizon", LB_TASK_WHOLE, .required = true, .low = 1, .high = 1e6, .unit = "control steps", .example = "1000",
     .what = "time limit of an episode"},
    {"controls", LB_TASK_ACTUATORS, .required = true, .example = "[\"shoulder\", 1]",
     .what =
         "actuators that are controlled, in the order of u: by name, one without a name by that of its joint, tendon, "
         "site or body, or by its number in the model. Limits are the model's `ctrlrange`; the other actuators stay "
         "as the start has them"},
    {"max_velocity", LB_TASK_NUMBER, .low = 1e-300, .high = 1e300, .unit = "m/s, rad/s", .fallback = "no limit",
     .example = "5", .what = "before each control step every number of qvel is clipped to plus or minus this"},
    {"reset", LB_TASK_NODE, LB_TASK_RESET, .fallback = "qpos0 at rest", .example = "{\"qpos\": [{\"uniform\": 0.1}]}",
     .what = "how an episode begins"},
    {"noise", LB_TASK_LIST, LB_TASK_NOISE, .example = "[{\"body\": \"torso\", \"force\": 0.1, \"torque\": 0}]",
     .what = "gusts, drawn anew at each control step"},
    {"observation", LB_TASK_LIST, LB_TASK_QUANTITY, .needs = "reward", .fallback = "the state",
     .example = "[{\"signal\": \"qpos\"}, {\"signal\": \"qvel\"}]", .what = "what a policy reads, in this order"},
    {"reward", LB_TASK_LIST, LB_TASK_TERM,
     .example = "[{\"signal\": \"action\", \"norm\": \"squared\", \"weight\": -0.1}]",
     .what = "the reward of a step is the sum of these terms"},
    {"healthy", LB_TASK_LIST, LB_TASK_CONDITION, .needs = "reward", .fallback = "only `horizon` ends an episode",
     .example = "[{\"signal\": \"qpos\", \"of\": \"rootz\", \"within\": [0.7, null]}]",
     .what = "an episode is terminated by the first step after which one of these does not hold"},
    {"cost", LB_TASK_NODE, LB_TASK_COST, .what = "what planners minimise, in the place of a reward",
     .example = "{\"stage\": [{\"actuator\": \"roll\", \"weight\": 1}], \"terminal\": []}"},
    {"reference", LB_TASK_TEXT_OR_NULL, .needs = "cost", .fallback = "the start, with zero control",
     .example = "\"reference.npz\"",
     .what =
         "what the cost tracks: an .npz with x (horizon + 1, nx), u (horizon, nu) and a JSON `metadata` that says how "
         "it was made"},
    {"stop_norm", LB_TASK_NUMBER, .needs = "cost", .low = 1e-9, .high = 1e9, .fallback = "never", .example = "5",
     .what = "a rollout that collects data ends once the norm of (state, control) minus the reference exceeds this"},
    {"parameters", LB_TASK_LIST, LB_TASK_PARAMETER, .what = "numbers of the model that a learner may have to find",
     .example = "[{\"name\": \"mass\", \"body\": \"helicopter\", \"field\": \"mass\", \"offset\": [0, 1]}]"},
};

static const lb_task_key reset_keys[] = {
    {"from", LB_TASK_CHOICE, LB_WORDS_START, .fallback = "qpos0", .example = "\"keyframe\"",
     .what = "the state that an episode begins in, before draws"},
    {"keyframe", LB_TASK_TEXT, .needs = "from", .example = "\"home\"",
     .what = "with `\"from\": \"keyframe\"`: its name. All that it holds counts: time, qpos, qvel, act, ctrl, poses of "
             "mocap bodies"},
    {"qpos", LB_TASK_LIST, LB_TASK_DRAW, .example = "[{\"of\": \"hinge\", \"normal\": 0.01}]",
     .what = "draws upon the positions, one after the other; with a reward only"},
    {"qvel", LB_TASK_LIST, LB_TASK_DRAW, .example = "[{\"uniform\": [-0.1, 0.1]}]",
     .what = "draws upon the velocities, after those of qpos"},
};

#define PLACE_KEYS                                                                                                  \
  {"of", LB_TASK_NAMES, .example = "[\"shoulder\", \"elbow\"]",                                                     \
   .what = "names of what the signal's rows belong to: joints, bodies, geoms, sites, tendons, actuators, sensors"}, \
      {"range", LB_TASK_RANGE, .example = "[2, 6]",                                                                 \
       .what = "instead of `of`: rows from the first to before the end, from 0. Body 0 is the world"},              \
  {                                                                                                                 \
    "components", LB_TASK_WHOLES, .fallback = "all", .example = "[0, 2]",                                           \
                                  .what = "which numbers of each row, from 0: [0, 2] of a position is x and z"      \
  }

static const lb_task_key draw_keys[] = {
    PLACE_KEYS,
    {"uniform", LB_TASK_SPREAD, .low = 0, .high = 1e300, .unit = "m, rad, m/s, rad/s", .example = "0.1",
     .what = "adds to each number one of its own, uniform on [-W, W), or on [low, high)"},
    {"normal", LB_TASK_NUMBER, .low = 0, .high = 1e300, .unit = "m, rad, m/s, rad/s", .example = "0.01",
     .what = "adds to each a normal number with this standard deviation"},
    {"disc", LB_TASK_NUMBER, .low = 1e-300, .high = 1e300, .unit = "m, rad, m/s, rad/s", .example = "0.2",
     .what = "adds to two numbers a point that is uniform in the open disc of this radius"},
    {"choice", LB_TASK_ROWS, .unit = "m, rad, m/s, rad/s", .example = "[[1, 1], [1, 2]]",
     .what = "puts one of these rows, each as likely, in their place"},
    {"about", LB_TASK_NUMBERS, .unit = "m, rad, m/s, rad/s", .fallback = "what stands there", .example = "[3.14159]",
     .what = "replaces what stands there before the draw is added; not with `choice`"},
};

static const lb_task_key noise_keys[] = {
    {"body", LB_TASK_TEXT, .required = true, .example = "\"helicopter\"",
     .what = "the body on whose centre of mass it acts"},
    {"force", LB_TASK_NUMBER, .required = true, .low = 0, .high = 1e9, .unit = "N", .example = "0.1",
     .what = "standard deviation of each of three components, world axes"},
    {"torque", LB_TASK_NUMBER, .required = true, .low = 0, .high = 1e9, .unit = "N m", .example = "0.1",
     .what = "the same, in the body's axes at the beginning of the step"},
};

#define SIGNAL_KEY(is_required)                                                                  \
  {                                                                                              \
    "signal", LB_TASK_CHOICE, LB_WORDS_SIGNAL, .required = (is_required), .example = "\"qpos\"", \
                                               .what = "whose numbers, see [signals](#signals)"  \
  }

#define CHANGE_KEYS                                                                         \
  {"minus",                                                                                 \
   LB_TASK_MINUS,                                                                           \
   LB_TASK_PICK,                                                                            \
   .unit = "the signal's",                                                                  \
   .fallback = "nothing",                                                                   \
   .example = "[7, 9]",                                                                     \
   .what = "is subtracted from each number"},                                               \
      {"function",         LB_TASK_CHOICE,       LB_WORDS_FUNCTION,                         \
       .fallback = "none", .example = "\"sin\"", .what = "of each number, after `minus`"},  \
  {                                                                                         \
    "clip", LB_TASK_BOUNDS, .fallback = "no bounds", .example = "[-10, 10]",                \
                            .what = "bounds of each number, after `function`; null is none" \
  }

static const lb_task_key quantity_keys[] = {SIGNAL_KEY(true), PLACE_KEYS, CHANGE_KEYS};

static const lb_task_key pick_keys[] = {SIGNAL_KEY(true), PLACE_KEYS};

#define FACTOR_KEYS                                                                                                     \
  {"norm", LB_TASK_CHOICE, LB_WORDS_NORM, .example = "\"squared\"",                                                     \
   .what = "makes one number of several, see [norms](#norms); a single number needs none"},                             \
      {"tolerance",                                                                                                     \
       LB_TASK_NODE,                                                                                                    \
       LB_TASK_TOLERANCE,                                                                                               \
       .fallback = "the number itself",                                                                                 \
       .example = "{\"bounds\": [0, 0]}",                                                                               \
       .what = "1 within bounds, falling outside"},                                                                     \
      {"scale", LB_TASK_NUMBER, .low = -1e300, .high = 1e300, .fallback = "1", .example = "0.5", .what = "times this"}, \
  {                                                                                                                     \
    "plus", LB_TASK_NUMBER, .low = -1e300, .high = 1e300, .fallback = "0", .example = "0.5", .what = "plus this"        \
  }

#define WORTH_KEYS                                                                                                       \
  {"name", LB_TASK_TEXT, .example = "\"forward\"", .what = "what cards, checks and the viewer call the term"},           \
      {"weight",          LB_TASK_NUMBER,                                                                                \
       .required = true,  .low = -1e300,                                                                                 \
       .high = 1e300,     .unit = "reward per number",                                                                   \
       .example = "-0.1", .what = "what the term is multiplied by"},                                                     \
      {"read", LB_TASK_CHOICE, LB_WORDS_READING, .fallback = "after", .example = "\"rate\"", .what = "when it is read"}, \
  {                                                                                                                      \
    "limits", LB_TASK_BOUNDS, .unit = "reward", .fallback = "no bounds", .example = "[null, 1]",                         \
                              .what = "bounds of the weighted term; null is none"                                        \
  }

static const lb_task_key term_keys[] = {
    SIGNAL_KEY(false),
    PLACE_KEYS,
    CHANGE_KEYS,
    FACTOR_KEYS,
    WORTH_KEYS,
    {"product", LB_TASK_LIST, LB_TASK_FACTOR,
     .example = "[{\"signal\": \"qpos\", \"of\": \"hinge\", \"function\": \"cos\", \"scale\": 0.5, \"plus\": 0.5}]",
     .what =
         "instead of a signal: factors to be multiplied. Beside it only `name`, `weight`, `read` and `limits` stand"},
};

static const lb_task_key product_keys[] = {
    {"product", LB_TASK_LIST, LB_TASK_FACTOR, .required = true, .example = "[{\"signal\": \"healthy\"}]",
     .what = "factors to be multiplied"},
    WORTH_KEYS,
};

static const lb_task_key factor_keys[] = {SIGNAL_KEY(true), PLACE_KEYS, CHANGE_KEYS, FACTOR_KEYS};

static const lb_task_key tolerance_keys[] = {
    {"bounds", LB_TASK_BOUNDS, .required = true, .unit = "the number's", .example = "[0, 0.5]",
     .what = "where the value is 1; null is no bound"},
    {"margin", LB_TASK_NUMBER, .low = 0, .high = 1e300, .unit = "the number's", .fallback = "0: 0 outside the bounds",
     .example = "2", .what = "the distance from the bounds at which it has fallen to `value_at_margin`"},
    {"sigmoid", LB_TASK_CHOICE, LB_WORDS_SIGMOID, .fallback = "gaussian", .example = "\"linear\"",
     .what = "the curve by which it falls, as in dm_control"},
    {"value_at_margin", LB_TASK_NUMBER, .low = 0, .high = 1, .fallback = "0.1", .example = "0.1",
     .what = "below 1; 0 only for `cosine`, `linear` and `quadratic`"},
};

static const lb_task_key condition_keys[] = {
    SIGNAL_KEY(true),
    PLACE_KEYS,
    CHANGE_KEYS,
    {"within", LB_TASK_BOUNDS, .unit = "the signal's", .example = "[0.7, null]",
     .what = "every number must lie in this closed range; null is no bound"},
    {"open", LB_TASK_BOOL, .needs = "within", .fallback = "false", .example = "true",
     .what = "whether the range is open instead"},
    {"finite", LB_TASK_BOOL, .fallback = "false", .example = "true",
     .what = "instead of `within`: every number must be finite"},
};

static const lb_task_key cost_keys[] = {
    {"stage", LB_TASK_LIST, LB_TASK_COST_TERM, .required = true, .example = "[{\"actuator\": \"roll\", \"weight\": 1}]",
     .what = "terms of every step"},
    {"terminal", LB_TASK_LIST, LB_TASK_COST_TERM, .required = true,
     .example = "[{\"joint\": \"root\", \"of\": \"position\", \"weight\": 1}]",
     .what = "terms of the last state; no actuators"},
};

static const lb_task_key cost_term_keys[] = {
    {"joint", LB_TASK_TEXT, .needs = "of", .example = "\"root\"", .what = "the joint whose part is weighed"},
    {"actuator", LB_TASK_ACTUATOR, .example = "\"roll\"",
     .what = "or the actuator whose control, as asked for, is weighed; one of `controls`"},
    {"of", LB_TASK_CHOICE, LB_WORDS_PART, .example = "\"position\"",
     .what =
         "which part of the joint. Of a free joint there are all four, of a ball joint those that turn, of slides and "
         "hinges `position` and `velocity`"},
    {"weight", LB_TASK_WEIGHTS, .required = true, .low = 0, .high = 1e12, .unit = "cost per squared unit",
     .example = "1", .what = "W of 0.5 W |difference to the reference|^2, or one a component"},
};

#define ELEMENT(kind, text) \
  { kind, LB_TASK_TEXT, .needs = "field", .example = (text), .what = "the name of the " kind }

static const lb_task_key parameter_keys[] = {
    {"name", LB_TASK_TEXT, .required = true, .example = "\"mass\"", .what = "what the parameter is called"},
    ELEMENT("body", "\"helicopter\""),
    ELEMENT("joint", "\"hinge\""),
    ELEMENT("geom", "\"ball\""),
    ELEMENT("site", "\"tip\""),
    ELEMENT("tendon", "\"cable\""),
    ELEMENT("equality", "\"weld\""),
    ELEMENT("actuator", "\"roll\""),
    {"option", LB_TASK_TEXT, .example = "\"gravity\"",
     .what = "instead of an element: `gravity`, `wind`, `magnetic`, `density`, `viscosity` or `impratio` of the model"},
    {"field", LB_TASK_TEXT, .example = "\"damping\"",
     .what = "a real-valued field of MuJoCo's mjModel without the element's prefix: `mass`, `inertia`, `damping`, "
             "`stiffness`, `friction`, `gainprm`, `biasprm`, ..."},
    {"index", LB_TASK_WHOLE, .low = 0, .high = 1e6, .fallback = "0", .example = "2", .what = "its entry, from 0"},
    {"offset", LB_TASK_PAIR, .required = true, .unit = "the field's", .example = "[-1, 0]",
     .what = "a learner's first guess is the true value plus a number drawn uniformly from here"},
};

static const char* const of_root[] = {"cost", "reward", NULL};
static const char* const of_draw[] = {"uniform", "normal", "disc", "choice", NULL};
static const char* const of_term[] = {"signal", "product", NULL};
static const char* const of_condition[] = {"within", "finite", NULL};
static const char* const of_cost_term[] = {"joint", "actuator", NULL};
static const char* const of_parameter[] = {"body",     "joint",    "geom",   "site", "tendon",
                                           "equality", "actuator", "option", NULL};

#define KEYS(list) list, COUNT(list)

static const struct {
  const char *name, *what;
  const lb_task_key* keys;
  int n;
  const char* const* one_of;
} objects[LB_TASK_OBJECTS] = {
    [LB_TASK_ROOT] = {"task", "The file itself. A task has either a `cost` or a `reward`.", KEYS(root_keys), of_root},
    [LB_TASK_RESET] = {"reset", "How an episode begins.", KEYS(reset_keys), NULL},
    [LB_TASK_DRAW] =
        {"draw",
         "Picks numbers of qpos or qvel (all of them without `of` and `range`) and changes them at random. "
         "Noise on a quaternion is added to its four numbers as they are; MuJoCo takes their direction.",
         KEYS(draw_keys), of_draw},
    [LB_TASK_NOISE] = {"noise", "A Gaussian wrench on a body, constant over a control step.", KEYS(noise_keys), NULL},
    [LB_TASK_QUANTITY] = {"quantity",
                          "Some numbers of a signal: picked, then changed by `minus`, `function` and `clip`, in this "
                          "order.",
                          KEYS(quantity_keys), NULL},
    [LB_TASK_PICK] = {"pick", "As many numbers of a signal as those that they are subtracted from.", KEYS(pick_keys),
                      NULL},
    [LB_TASK_TERM] = {"term",
                      "weight * (scale * number + plus), where the number is a quantity made one by `norm` and perhaps "
                      "`tolerance`.",
                      KEYS(term_keys), of_term},
    [LB_TASK_PRODUCT] = {"product", "A term whose number is a product of factors.", KEYS(product_keys), NULL},
    [LB_TASK_FACTOR] = {"factor", "scale * number + plus, as in a term.", KEYS(factor_keys), NULL},
    [LB_TASK_TOLERANCE] = {"tolerance", "dm_control's smooth indicator of a number in bounds.", KEYS(tolerance_keys),
                           NULL},
    [LB_TASK_CONDITION] = {"condition",
                           "Asks every number of a quantity to lie in a range, or to be finite. A NaN fails both.",
                           KEYS(condition_keys), of_condition},
    [LB_TASK_COST] = {"cost",
                      "The cost of an episode is the sum of the stage terms over its steps and of the terminal terms "
                      "of its last state.",
                      KEYS(cost_keys), NULL},
    [LB_TASK_COST_TERM] = {"cost_term", "0.5 * weight * |difference to the reference|^2.", KEYS(cost_term_keys),
                           of_cost_term},
    [LB_TASK_PARAMETER] = {"parameter", "A number of the model whose true value a learner does not know.",
                           KEYS(parameter_keys), of_parameter},
};

static const struct word {
  const char *name, *what;
} readings[] = {{"after", "the number after the step"},
                {"change", "after the step less before it"},
                {"rate", "that change by the seconds of a control step"}},
  starts[] = {{"qpos0", "the model's own position, at rest"},
              {"keyframe", "a keyframe of the model"},
              {"reference", "with a cost: the first state of its reference"}},
  parts[] = {{"position", "m, rad; world axes (free: 3 numbers; slide, hinge: 1)"},
             {"rotation", "rad: rotation vector from the reference (free, ball: 3)"},
             {"velocity", "m/s, rad/s; world axes (free: 3; slide, hinge: 1)"},
             {"angular_velocity", "rad/s, body axes (free, ball: 3)"}};

int lb_task_keys(const lb_task_key** out, lb_task_object object) {
  *out = objects[object].keys;
  return objects[object].n;
}

const char* lb_task_object_name(lb_task_object object) {
  return objects[object].name;
}

const char* lb_task_object_what(lb_task_object object) {
  return objects[object].what;
}

const char* const* lb_task_object_one_of(lb_task_object object) {
  return objects[object].one_of;
}

// Names, and meanings unless NULL, of n words; returns n.
static int list_words(const char** names, const char** what, const struct word* words, int n) {
  for (int i = 0; i < n; ++i) {
    names[i] = words[i].name;
    if (what) what[i] = words[i].what;
  }
  return n;
}

int lb_task_words_list(const char* names[LB_TASK_WORDS_MOST], const char* what[LB_TASK_WORDS_MOST],
                       lb_task_words words) {
  int n = 0;
  switch (words) {
    case LB_WORDS_SIGNAL:
      for (; lb_phys_signal_at(n); ++n) {
        names[n] = lb_phys_signal_at(n)->name;
        if (what) what[n] = lb_phys_signal_at(n)->what;
      }
      return n;
    case LB_WORDS_NORM:
      for (; lb_norm_at(n); ++n) {
        names[n] = lb_norm_at(n)->name;
        if (what) what[n] = lb_norm_at(n)->what;
      }
      return n;
    case LB_WORDS_SIGMOID:
      for (; lb_sigmoid_at(n, &names[n]); ++n) {
        if (what) what[n] = "";
      }
      return n;
    case LB_WORDS_FUNCTION:
      for (; lb_quantity_function_at(n, &names[n]); ++n) {
        if (what) what[n] = "";
      }
      return n;
    case LB_WORDS_READING:
      return list_words(names, what, readings, COUNT(readings));
    case LB_WORDS_START:
      return list_words(names, what, starts, COUNT(starts));
    case LB_WORDS_PART:
      return list_words(names, what, parts, COUNT(parts));
  }
  return 0;
}

// The key of an object by its name, which must be there.
static const lb_task_key* find_key(lb_task_object object, const char* name) {
  for (int i = 0; i < objects[object].n; ++i) {
    if (strcmp(objects[object].keys[i].name, name) == 0) return &objects[object].keys[i];
  }
  assert(!"a key of the object");
  return NULL;
}

lb_status lb_task_check_keys(lb_node node, lb_task_object object) {
  const char* names[LB_TASK_KEYS_MOST];
  assert(objects[object].n <= LB_TASK_KEYS_MOST);
  for (int i = 0; i < objects[object].n; ++i) names[i] = objects[object].keys[i].name;
  return lb_json_keys(node, names, objects[object].n);
}

lb_status lb_task_read_int(lb_node node, lb_task_object object, const char* name, int* out) {
  const lb_task_key* key = find_key(object, name);
  int low = (int)key->low, high = (int)key->high;
  return key->required ? lb_json_int(node, name, low, high, out) : lb_json_int_or(node, name, low, high, *out, out);
}

lb_status lb_task_read_number(lb_node node, lb_task_object object, const char* name, double* out) {
  const lb_task_key* key = find_key(object, name);
  if (key->required) return lb_json_number(node, name, key->low, key->high, out);
  return lb_json_number_or(node, name, key->low, key->high, *out, out);
}

lb_status lb_task_read_word(lb_node node, lb_task_object object, const char* name, int* out) {
  const lb_task_key* key = find_key(object, name);
  const char* names[LB_TASK_WORDS_MOST];
  int n = lb_task_words_list(names, NULL, (lb_task_words)key->of);
  return key->required ? lb_json_choice(node, name, names, n, out) : lb_json_choice_or(node, name, names, n, *out, out);
}
