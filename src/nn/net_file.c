// Nets as files: see net_file.h.
#include "nn/net_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/json.h"
#include "io/json_writer.h"
#include "io/safetensors.h"

enum { MOST_TENSORS = 4 * LB_NET_MOST_HIDDEN + 4, NAME = 32, MOST_MEMBERS = 1024, MOST_SIZE = 65536 };

#ifdef LB_NN_DOUBLE
static const lb_dtype dtype = LB_F64;
#else
static const lb_dtype dtype = LB_F32;
#endif

static const char* const activations[] = {[LB_RELU] = "relu", [LB_TANH] = "tanh", [LB_SILU] = "silu"};

// The tensors that a net of some shape has, in the file's order; data are not set.
typedef struct listing {
  char names[MOST_TENSORS][NAME];
  lb_array tensors[MOST_TENSORS];
  int n;
} listing;

// Appends the description of one tensor, without its data.
static void list(listing* all, const char* name, int rank, const int64_t* shape) {
  lb_array* a = &all->tensors[all->n];
  snprintf(all->names[all->n], NAME, "%s", name);
  *a = (lb_array){.name = all->names[all->n], .dtype = dtype, .rank = rank, .size = 1};
  for (int i = 0; i < rank; i++) a->size *= a->shape[i] = shape[i];
  all->n += 1;
}

// The tensors of a net in the file's order: weights and biases of each layer, gains and shifts of layer normalisation,
// the normalizer.
static void list_all(listing* all, const lb_net_shape* s, bool normalized) {
  all->n = 0;
  for (int l = 0; l <= s->hidden; l++) {
    char name[NAME];
    int64_t in = l == 0 ? s->inputs : s->width, out = l == s->hidden ? s->outputs : s->width;
    snprintf(name, sizeof name, "layers.%d.weight", l);
    list(all, name, 3, (int64_t[]){s->members, out, in});
    snprintf(name, sizeof name, "layers.%d.bias", l);
    list(all, name, 2, (int64_t[]){s->members, out});
  }
  for (int l = 0; l < s->hidden && s->layer_norm; l++) {
    char name[NAME];
    snprintf(name, sizeof name, "layers.%d.norm.weight", l);
    list(all, name, 2, (int64_t[]){s->members, s->width});
    snprintf(name, sizeof name, "layers.%d.norm.bias", l);
    list(all, name, 2, (int64_t[]){s->members, s->width});
  }
  if (normalized) {
    list(all, "normalizer.mean", 1, (int64_t[]){s->inputs});
    list(all, "normalizer.scale", 1, (int64_t[]){s->inputs});
  }
}

// The weights of one layer of all members without padding, between the net and one run of numbers.
static void copy_layer(const lb_net* net, int l, lb_real* weights, lb_real* biases, bool into_net) {
  for (int m = 0; m < net->shape.members; m++) {
    lb_layer layer = lb_net_layer(net, m, l);
    size_t row = (size_t)layer.in * sizeof(lb_real), all = (size_t)layer.out * sizeof(lb_real);
    for (int i = 0; i < layer.out; i++, weights += layer.in) {
      lb_real* own = net->theta + layer.weights + (long)i * layer.ld;
      memcpy(into_net ? own : weights, into_net ? weights : own, row);
    }
    memcpy(into_net ? net->theta + layer.biases : biases, into_net ? biases : net->theta + layer.biases, all);
    biases += layer.out;
  }
}

// The same of a hidden layer's gains and shifts.
static void copy_norm(const lb_net* net, int l, lb_real* gains, lb_real* shifts, bool into_net) {
  for (int m = 0; m < net->shape.members; m++) {
    lb_layer layer = lb_net_layer(net, m, l);
    lb_real* own[] = {net->theta + layer.gains, net->theta + layer.shifts};
    lb_real* other[] = {gains + (long)m * layer.out, shifts + (long)m * layer.out};
    for (int i = 0; i < 2; i++) {
      memcpy(into_net ? own[i] : other[i], into_net ? other[i] : own[i], (size_t)layer.out * sizeof(lb_real));
    }
  }
}

// Which tensors of the listing are layer l's gains and shifts.
static int norm_at(const lb_net_shape* s, int l) {
  return 2 * (s->hidden + 1) + 2 * l;
}

// The JSON that a file of a net carries: its kind, task, shape and provenance.
static void write_metadata(lb_text* text, const char* kind, const lb_net_task* task, const lb_net_shape* s,
                           bool normalized, const char* provenance) {
  lb_json_writer json = lb_json_writer_on(text);
  lb_json_write_begin_object(&json, NULL);
  lb_json_write_int(&json, "format", 1);
  lb_json_write_string(&json, "kind", kind);
  if (task) {
    lb_json_write_string(&json, "task", task->name);
    lb_json_write_string(&json, "task_hash", task->hash);
  }
  lb_json_write_int(&json, "members", s->members);
  lb_json_write_int(&json, "inputs", s->inputs);
  lb_json_write_int(&json, "outputs", s->outputs);
  lb_json_write_int(&json, "hidden", s->hidden);
  lb_json_write_int(&json, "width", s->width);
  lb_json_write_string(&json, "activation", activations[s->activation]);
  if (s->layer_norm) lb_json_write_bool(&json, "layer_norm", true);
  lb_json_write_bool(&json, "normalized", normalized);
  lb_json_write_raw(&json, "provenance", provenance);
  lb_json_write_end_object(&json);
}

lb_status lb_net_file_save(const char* path, const char* kind, const lb_net_task* task, const lb_net* net,
                           const lb_normalizer* normalizer, const char* provenance) {
  listing all;
  lb_arena* scratch = lb_arena_new(0);
  if (!scratch) return lb_fail(LB_MEMORY, "%s: no memory to write it", path);
  list_all(&all, &net->shape, normalizer != NULL);
  for (int l = 0; l <= net->shape.hidden; l++) {
    lb_real* weights = LB_TAKE(scratch, lb_real, all.tensors[2 * l].size);
    lb_real* biases = LB_TAKE(scratch, lb_real, all.tensors[2 * l + 1].size);
    copy_layer(net, l, weights, biases, false);
    all.tensors[2 * l].data = weights;
    all.tensors[2 * l + 1].data = biases;
  }
  for (int l = 0; l < net->shape.hidden && net->shape.layer_norm; l++) {
    int at = norm_at(&net->shape, l);
    for (int i = at; i < at + 2; i++) all.tensors[i].data = LB_TAKE(scratch, lb_real, all.tensors[i].size);
    copy_norm(net, l, (lb_real*)all.tensors[at].data, (lb_real*)all.tensors[at + 1].data, false);
  }
  if (normalizer) {
    all.tensors[all.n - 2].data = normalizer->mean;
    all.tensors[all.n - 1].data = normalizer->scale;
  }
  lb_text text = {0};
  write_metadata(&text, kind, task, &net->shape, normalizer != NULL, provenance);
  lb_status status = lb_safetensors_save(path, text.data, all.tensors, all.n);
  lb_text_free(&text);
  lb_arena_free(scratch);
  return status;
}

// The net's shape, and whether it has a normalizer, from the metadata.
static lb_status read_shape(lb_net_shape* s, bool* normalized, lb_node root) {
  int activation;
  LB_TRY(lb_json_int(root, "members", 1, MOST_MEMBERS, &s->members));
  LB_TRY(lb_json_int(root, "inputs", 1, MOST_SIZE, &s->inputs));
  LB_TRY(lb_json_int(root, "outputs", 1, MOST_SIZE, &s->outputs));
  LB_TRY(lb_json_int(root, "hidden", 1, LB_NET_MOST_HIDDEN, &s->hidden));
  LB_TRY(lb_json_int(root, "width", 1, MOST_SIZE, &s->width));
  LB_TRY(lb_json_choice(root, "activation", activations, LB_ACTIVATIONS, &activation));
  LB_TRY(lb_json_bool_or(root, "layer_norm", false, &s->layer_norm));
  LB_TRY(lb_json_bool(root, "normalized", normalized));
  s->activation = (lb_activation)activation;
  return lb_ok();
}

// Fails unless the file's format is known and its kind is the one that is wanted.
static lb_status check_kind(lb_node root, const char* path, const char* kind) {
  int format;
  const char* found;
  LB_TRY(lb_json_int(root, "format", 1, 1, &format));
  LB_TRY(lb_json_string(root, "kind", &found));
  if (strcmp(found, kind) == 0) return lb_ok();
  return lb_fail(LB_INPUT, "%s: metadata: $.kind: a net of the kind '%.40s', where a '%s' is wanted", path, found,
                 kind);
}

// Fails unless the net was made for this task as it is now; task NULL: any.
static lb_status check_task(lb_node root, const char* path, const char* kind, const lb_net_task* task) {
  const char *name, *hash;
  if (!task) return lb_ok();
  LB_TRY(lb_json_string(root, "task", &name));
  LB_TRY(lb_json_string(root, "task_hash", &hash));
  if (strcmp(name, task->name) != 0) {
    return lb_fail(LB_INPUT, "%s: a %s for the task '%.60s', not for '%s'; name a file that was made for '%s'", path,
                   kind, name, task->name, task->name);
  }
  if (strcmp(hash, task->hash) == 0) return lb_ok();
  return lb_fail(LB_INPUT,
                 "%s: made for another version of %s (hash %.12s, the present one is %.12s); make it anew with 'bench "
                 "expert %s --fresh' or 'bench run %s'",
                 path, name, hash, task->hash, name, name);
}

// All of the metadata, checked against what is wanted.
static lb_status read_metadata(lb_net_shape* s, bool* normalized, const lb_safetensors* file, const char* path,
                               const char* kind, const lb_net_task* task) {
  char origin[1100];
  snprintf(origin, sizeof origin, "%s: metadata", path);
  lb_json* doc;
  LB_TRY(lb_json_parse(&doc, lb_safetensors_metadata(file), origin));
  lb_node root = lb_json_root(doc);
  lb_status status = check_kind(root, path, kind);
  if (status.code == LB_OK) status = check_task(root, path, kind, task);
  if (status.code == LB_OK) status = read_shape(s, normalized, root);
  lb_json_free(doc);
  return status;
}

// Fails unless found is the shape e; e NULL: any.
static lb_status check_shape(const lb_net_shape* found, const lb_net_shape* e, const char* path) {
  if (!e || lb_net_same_shape(found, e)) return lb_ok();
  return lb_fail(LB_INPUT,
                 "%s: %d x (%d -> %d x %d -> %d, %s%s), where %d x (%d -> %d x %d -> %d, %s%s) is wanted (members, "
                 "inputs, hidden layers x width, outputs)",
                 path, found->members, found->inputs, found->hidden, found->width, found->outputs,
                 activations[found->activation], found->layer_norm ? ", layer_norm" : "", e->members, e->inputs,
                 e->hidden, e->width, e->outputs, activations[e->activation], e->layer_norm ? ", layer_norm" : "");
}

static bool same_sizes(const lb_array* a, const lb_array* b) {
  return a->rank == b->rank && memcmp(a->shape, b->shape, (size_t)a->rank * sizeof *a->shape) == 0;
}

// Sets the data of every tensor of the listing, all present, of the right size and finite.
static lb_status find_tensors(listing* all, const lb_safetensors* file, const char* path) {
  for (int i = 0; i < all->n; i++) {
    lb_array* wanted = &all->tensors[i];
    const lb_array* found = lb_safetensors_find(file, wanted->name);
    if (!found) return lb_fail(LB_INPUT, "%s: the tensor '%s' is missing", path, wanted->name);
    if (found->dtype != wanted->dtype || !same_sizes(found, wanted)) {
      return lb_fail(LB_INPUT, "%s: the tensor '%s' does not have the type %s and the sizes that the metadata promise",
                     path, wanted->name, dtype == LB_F32 ? "F32" : "F64");
    }
    const lb_real* data = wanted->data = found->data;
    for (int64_t j = 0; j < found->size; j++) {
      if (isfinite((double)data[j])) continue;
      return lb_fail(LB_INPUT, "%s: the tensor '%s' holds %g at entry %lld, where only finite numbers can be", path,
                     wanted->name, (double)data[j], (long long)j);
    }
  }
  return lb_ok();
}

// A net, and its normalizer where one is wanted, from an open file.
static lb_status load(lb_net** net, lb_normalizer* normalizer, const lb_safetensors* file, const char* path,
                      const char* kind, const lb_net_task* task, const lb_net_shape* expected, lb_arena* arena) {
  lb_net_shape shape;
  bool normalized;
  listing all;
  LB_TRY(read_metadata(&shape, &normalized, file, path, kind, task));
  LB_TRY(check_shape(&shape, expected, path));
  if (normalized != (normalizer != NULL)) {
    return lb_fail(LB_INPUT, "%s: metadata: $.normalized: %s, where a net %s a normalizer is wanted", path,
                   normalized ? "true" : "false", normalizer ? "with" : "without");
  }
  list_all(&all, &shape, normalized);
  LB_TRY(find_tensors(&all, file, path));
  *net = lb_net_new(&shape, arena);
  for (int l = 0; l <= shape.hidden; l++) {
    copy_layer(*net, l, (lb_real*)all.tensors[2 * l].data, (lb_real*)all.tensors[2 * l + 1].data, true);
  }
  for (int l = 0; l < shape.hidden && shape.layer_norm; l++) {
    int at = norm_at(&shape, l);
    copy_norm(*net, l, (lb_real*)all.tensors[at].data, (lb_real*)all.tensors[at + 1].data, true);
  }
  if (normalizer) {
    size_t bytes = (size_t)shape.inputs * sizeof(lb_real);
    lb_normalizer_init(normalizer, shape.inputs, arena);
    memcpy(normalizer->mean, all.tensors[all.n - 2].data, bytes);
    memcpy(normalizer->scale, all.tensors[all.n - 1].data, bytes);
  }
  return lb_ok();
}

lb_status lb_net_file_load(lb_net** net, lb_normalizer* normalizer, const char* path, const char* kind,
                           const lb_net_task* task, const lb_net_shape* expected, lb_arena* arena) {
  lb_safetensors* file;
  LB_TRY(lb_safetensors_load(&file, path));
  lb_status status = load(net, normalizer, file, path, kind, task, expected, arena);
  lb_safetensors_free(file);
  return status;
}
