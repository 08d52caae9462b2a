// Nets as files: bit for bit what was saved, and what is wrong is refused in words.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h needs the four above.
#include <cmocka.h>
#include <string.h>

#include "../io/temporary.h"
#include "base/text.h"
#include "fill.h"
#include "io/safetensors.h"
#include "nn/net_file.h"

static const lb_net_shape shape = {3, 5, 4, 2, 19, LB_SILU, false};

typedef struct fixture {
  lb_arena* arena;
  lb_net* net;
  lb_normalizer normalizer;
} fixture;

static fixture make(void) {
  fixture f = {.arena = lb_arena_new(0)};
  lb_rng rng = lb_rng_stream(2, LB_RNG_TEST, 0, 0);
  f.net = lb_net_new(&shape, f.arena);
  fill_net(&rng, f.net, 1);
  lb_normalizer_init(&f.normalizer, shape.inputs, f.arena);
  fill_normals(&rng, f.normalizer.mean, shape.inputs, 1);
  return f;
}

static lb_status load(fixture* f, const char* name, const lb_net_shape* expected) {
  lb_net* net;
  lb_normalizer z;
  return lb_net_file_load(&net, &z, temporary(name), "dynamics", NULL, expected, f->arena);
}

static void test_bits_come_back(void** state) {
  (void)state;
  fixture f = make();
  lb_net* back;
  lb_normalizer z;
  assert_ok(lb_net_file_save(temporary("n"), "dynamics", NULL, f.net, &f.normalizer, "{\"by\": \"a test\"}"));
  assert_ok(lb_net_file_load(&back, &z, temporary("n"), "dynamics", NULL, &shape, f.arena));
  assert_true(lb_net_same_shape(&back->shape, &shape));
  assert_memory_equal(back->theta, f.net->theta, (size_t)f.net->count * sizeof *back->theta);
  assert_memory_equal(z.mean, f.normalizer.mean, sizeof(lb_real) * 5);
  assert_memory_equal(z.scale, f.normalizer.scale, sizeof(lb_real) * 5);
  assert_ok(lb_net_file_save(temporary("p"), "policy", NULL, f.net, NULL, "{}"));
  assert_ok(lb_net_file_load(&back, NULL, temporary("p"), "policy", NULL, NULL, f.arena));
  assert_memory_equal(back->theta, f.net->theta, (size_t)f.net->count * sizeof *back->theta);
  lb_arena_free(f.arena);
}

static void test_layout_is_as_described(void** state) {
  (void)state;
  fixture f = make();
  lb_safetensors* file;
  assert_ok(lb_net_file_save(temporary("n"), "dynamics", NULL, f.net, &f.normalizer, "{}"));
  assert_ok(lb_safetensors_load(&file, temporary("n")));
  const lb_array *w = lb_safetensors_find(file, "layers.1.weight"), *b = lb_safetensors_find(file, "layers.2.bias");
  assert_true(w && w->rank == 3 && w->shape[0] == 3 && w->shape[1] == 19 && w->shape[2] == 19);
  assert_true(b && b->rank == 2 && b->shape[0] == 3 && b->shape[1] == 4);
  lb_layer layer = lb_net_layer(f.net, 2, 1);
  const float* weights = w ? w->data : NULL;
  assert_true(weights && weights[(2 * 19 + 7) * 19 + 5] == f.net->theta[layer.weights + 7 * layer.ld + 5]);
  lb_safetensors_free(file);
  lb_arena_free(f.arena);
}

// Gains and shifts have tensors of their own; a net without them is another.
static void test_layer_norm_comes_back(void** state) {
  (void)state;
  fixture f = make();
  lb_net_shape normed = shape;
  normed.layer_norm = true;
  lb_net *net = lb_net_new(&normed, f.arena), *back;
  lb_rng rng = lb_rng_stream(3, LB_RNG_TEST, 0, 0);
  fill_net(&rng, net, 1);
  lb_safetensors* file;
  assert_ok(lb_net_file_save(temporary("n"), "dynamics", NULL, net, &f.normalizer, "{}"));
  assert_ok(lb_net_file_load(&back, &f.normalizer, temporary("n"), "dynamics", NULL, &normed, f.arena));
  assert_memory_equal(back->theta, net->theta, (size_t)net->count * sizeof *back->theta);
  assert_ok(lb_safetensors_load(&file, temporary("n")));
  const lb_array* gain = lb_safetensors_find(file, "layers.1.norm.weight");
  const lb_array* shift = lb_safetensors_find(file, "layers.0.norm.bias");
  assert_true(gain && gain->rank == 2 && gain->shape[0] == 3 && gain->shape[1] == 19 && shift && shift->rank == 2);
  assert_null(lb_safetensors_find(file, "layers.2.norm.weight"));
  const float *gains = gain ? gain->data : NULL, *shifts = shift ? shift->data : NULL;
  assert_true(gains && gains[19 + 4] == net->theta[lb_net_layer(net, 1, 1).gains + 4]);
  assert_true(shifts && shifts[2 * 19 + 18] == net->theta[lb_net_layer(net, 2, 0).shifts + 18]);
  lb_safetensors_free(file);
  check_failure(load(&f, "n", &shape), LB_INPUT, "n:|silu, layer_norm)|silu) is wanted");
  assert_ok(lb_net_file_save(temporary("n"), "dynamics", NULL, f.net, &f.normalizer, "{}"));
  check_failure(load(&f, "n", &normed), LB_INPUT, "n:|silu)|silu, layer_norm) is wanted");
  lb_arena_free(f.arena);
}

static void test_other_nets_are_refused(void** state) {
  (void)state;
  fixture f = make();
  lb_net* net;
  lb_net_shape wider = shape, sharper = shape;
  wider.width = 20;
  sharper.activation = LB_RELU;
  assert_ok(lb_net_file_save(temporary("n"), "dynamics", NULL, f.net, &f.normalizer, "{}"));
  check_failure(load(&f, "n", &wider), LB_INPUT, "n:|3 x (5 -> 2 x 19 -> 4, silu)|2 x 20|wanted");
  check_failure(load(&f, "n", &sharper), LB_INPUT, "silu|relu");
  check_failure(lb_net_file_load(&net, &f.normalizer, temporary("n"), "policy", NULL, NULL, f.arena), LB_INPUT,
                "'dynamics'|'policy'");
  check_failure(lb_net_file_load(&net, NULL, temporary("n"), "dynamics", NULL, NULL, f.arena), LB_INPUT, "normalize");
  check_failure(load(&f, "missing", NULL), LB_INPUT, "missing");
  assert_ok(lb_net_file_save(temporary("p"), "dynamics", NULL, f.net, NULL, "{}"));
  check_failure(load(&f, "p", NULL), LB_INPUT, "normalize");
  lb_arena_free(f.arena);
}

// A net that was made for a task serves that version of it; whoever does not ask gets it all the same.
static void test_other_tasks_are_refused(void** state) {
  (void)state;
  fixture f = make();
  lb_net* net;
  lb_net_task ours = {"hopper", "0123456789abcdef"}, version = {"hopper", "1123456789abcdef"}, other = {"ant", "01"};
  assert_ok(lb_net_file_save(temporary("n"), "policy", &ours, f.net, NULL, "{}"));
  assert_ok(lb_net_file_load(&net, NULL, temporary("n"), "policy", &ours, NULL, f.arena));
  assert_ok(lb_net_file_load(&net, NULL, temporary("n"), "policy", NULL, NULL, f.arena));
  check_failure(lb_net_file_load(&net, NULL, temporary("n"), "policy", &other, NULL, f.arena), LB_INPUT,
                "n:|policy for the task 'hopper', not for 'ant'");
  check_failure(lb_net_file_load(&net, NULL, temporary("n"), "policy", &version, NULL, f.arena), LB_INPUT,
                "n:|another version of hopper|0123456789ab,|1123456789ab)|bench expert hopper");
  assert_ok(lb_net_file_save(temporary("n"), "policy", NULL, f.net, NULL, "{}"));
  check_failure(lb_net_file_load(&net, NULL, temporary("n"), "policy", &ours, NULL, f.arena), LB_INPUT, "n:|task");
  lb_arena_free(f.arena);
}

// Every cut of a file and every changed byte of its data is refused.
static void test_damage_is_refused(void** state) {
  (void)state;
  fixture f = make();
  char* bytes;
  size_t n;
  assert_ok(lb_net_file_save(temporary("n"), "dynamics", NULL, f.net, &f.normalizer, "{}"));
  assert_ok(lb_file_read(temporary("n"), &bytes, &n));
  for (size_t cut = 0; cut < n; cut += n / 23 + 1) {
    write_plainly(temporary("t"), bytes, cut);
    check_failure(load(&f, "t", NULL), LB_INPUT, "t");
  }
  for (size_t at = 0; at < n; at += n / 29 + 1) {
    bytes[at] ^= 0x10;
    write_plainly(temporary("t"), bytes, n);
    check_failure(load(&f, "t", NULL), LB_INPUT, "t");
    bytes[at] ^= 0x10;
  }
  free(bytes);
  lb_arena_free(f.arena);
}

// Files that are whole, but whose metadata and tensors are not what a net of ours has.
static void test_wrong_contents_are_refused(void** state) {
  (void)state;
  fixture f = make();
  static const char whole[] =
      "{\"format\":1,\"kind\":\"dynamics\",\"members\":1,\"inputs\":1,\"outputs\":1,\"hidden\":1,\"width\":%s,"
      "\"activation\":\"%s\",\"normalized\":true,\"provenance\":{}}";
  float data[] = {1, 2, 3, 4};
  lb_array tensors[] = {
      {.name = "layers.0.weight", .dtype = LB_F32, .rank = 3, .shape = {1, 1, 1}, .size = 1, .data = data},
      {.name = "layers.0.bias", .dtype = LB_F32, .rank = 2, .shape = {1, 1}, .size = 1, .data = data},
      {.name = "layers.1.weight", .dtype = LB_F32, .rank = 3, .shape = {1, 1, 1}, .size = 1, .data = data + 1},
      {.name = "layers.1.bias", .dtype = LB_F32, .rank = 2, .shape = {1, 1}, .size = 1, .data = data},
      {.name = "normalizer.mean", .dtype = LB_F32, .rank = 1, .shape = {1}, .size = 1, .data = data},
      {.name = "normalizer.scale", .dtype = LB_F32, .rank = 1, .shape = {1}, .size = 1, .data = data},
  };
  const struct {
    const char *width, *activation;
    int count;
    lb_code code;
    const char* words;
  } cases[] = {
      {"1", "silu", 6, LB_OK, ""},
      {"1", "silu", 5, LB_INPUT, "normalizer.scale|missing"},
      {"2", "silu", 6, LB_INPUT, "layers.0.weight|sizes"},
      {"1e9", "silu", 6, LB_INPUT, "$.width"},
      {"0", "silu", 6, LB_INPUT, "$.width"},
      {"-3", "silu", 6, LB_INPUT, "$.width"},
      {"1.5", "silu", 6, LB_INPUT, "$.width"},
      {"65536", "silu", 6, LB_INPUT, "layers.0.weight"},
      {"1", "silo", 6, LB_INPUT, "$.activation|silo|silu"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char metadata[400];
    snprintf(metadata, sizeof metadata, whole, cases[i].width, cases[i].activation);
    assert_ok(lb_safetensors_save(temporary("w"), metadata, tensors, cases[i].count));
    check_failure(load(&f, "w", NULL), cases[i].code, cases[i].words);
  }
  char metadata[400];
  snprintf(metadata, sizeof metadata, whole, "1", "silu");
  data[1] = NAN;
  assert_ok(lb_safetensors_save(temporary("w"), metadata, tensors, 6));
  check_failure(load(&f, "w", NULL), LB_INPUT, "layers.1.weight|nan|entry 0");
  data[1] = 1;
  tensors[0].dtype = LB_F64;
  double number = 1;
  tensors[0].data = &number;
  assert_ok(lb_safetensors_save(temporary("w"), metadata, tensors, 6));
  check_failure(load(&f, "w", NULL), LB_INPUT, "layers.0.weight|F32");
  assert_ok(lb_safetensors_save(temporary("w"), "{}", tensors, 6));
  check_failure(load(&f, "w", NULL), LB_INPUT, "metadata|format");
  lb_arena_free(f.arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_bits_come_back),
      cmocka_unit_test(test_layout_is_as_described),
      cmocka_unit_test(test_layer_norm_comes_back),
      cmocka_unit_test(test_other_nets_are_refused),
      cmocka_unit_test(test_other_tasks_are_refused),
      cmocka_unit_test(test_damage_is_refused),
      cmocka_unit_test(test_wrong_contents_are_refused),
  };
  return cmocka_run_group_tests(tests, make_temporary_folder, remove_temporary_folder);
}
