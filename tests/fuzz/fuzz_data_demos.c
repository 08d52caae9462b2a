// Recordings whose arrays were edited (the checksum mended): ours in full and compact, and one from elsewhere. Whatever
// comes of it is refused, or is replayed; what is imported is read back.
#include "../data/spring.h"
#include "data/demos_import.h"
#include "data/demos_private.h"
#include "io/json.h"
#include "place.h"

static spring self;
static lb_system world;
static fuzz_archive bases[3];

static fuzz_array* find(fuzz_archive* a, const char* name) {
  for (int i = 0; i < a->n; i++) {
    if (strcmp(a->arrays[i].name, name) == 0) return &a->arrays[i];
  }
  return NULL;
}

static void set_text(fuzz_archive* a, const char* name, const char* text) {
  fuzz_array* x = find(a, name);
  if (!x) return;
  x->bytes = strlen(text);
  x->data = fuzz_copy(text, x->bytes);
}

static void make_bases(void) {
  lb_rng rng;
  world = spring_system(&self);
  lb_policy policy = spring_policy(&rng);
  lb_demos* demos;
  lb_demos_compact compact = lb_demos_default_compact();
  fuzz_need(lb_demos_record_transitions(&demos, &world, &policy, 60, 1));
  fuzz_need(lb_demos_save(demos, &world, fuzz_path("full.npz"), "{}"));
  fuzz_need(lb_demos_save_compact(demos, &world, fuzz_path("compact.npz"), "{}", &compact));
  lb_demos_free(demos);
  fuzz_read(&bases[0], fuzz_path("full.npz"));
  fuzz_read(&bases[1], fuzz_path("compact.npz"));
  fuzz_read(&bases[2], fuzz_path("full.npz"));
  set_text(&bases[2], "metadata", "{\"task\": \"spring\"}");
}

// Puts the checksum of the arrays as they are into a compact recording's metadata.
static void mend_checksum(fuzz_archive* a) {
  static const char key[] = "\"sha256\":\"";
  lb_array arrays[FUZZ_ARRAYS];
  const char* odd;
  char sha[65];
  int n = 0;
  fuzz_array* card = find(a, "metadata");
  char* at = card && card->dtype == LB_UTF8 ? strstr(card->data, key) : NULL;
  for (int i = 0; i < a->n; i++) {
    fuzz_array* x = &a->arrays[i];
    if (x == card) continue;
    arrays[n] = (lb_array){.name = x->name, .dtype = x->dtype, .rank = x->rank, .data = x->data};
    memcpy(arrays[n].shape, x->shape, sizeof x->shape);
    arrays[n++].size = (int64_t)(x->bytes / fuzz_element(x->dtype));
  }
  if (!at || strlen(at) < sizeof key + 64 || !lb_demos_digest(sha, arrays, n, &odd)) return;
  memcpy(at + sizeof key - 1, sha, 64);
}

// Imports the recording if it is from elsewhere.
static void import_it(void) {
  lb_demos_import_report report;
  char lines[LB_DEMOS_UNVERIFIED][200];
  lb_demos *demos, *again;
  if (lb_demos_import(&demos, &report, &world, fuzz_path("x.npz"), NULL).code != LB_OK) return;
  lb_demos_import_unverified(lines, &report);
  lb_demos_compare_returns(demos, &world, 1e-9);
  fuzz_need(lb_demos_save(demos, &world, fuzz_path("imported.npz"), "{}"));
  fuzz_need(lb_demos_load(&again, &world, fuzz_path("imported.npz")));
  lb_demos_free(again);
  lb_demos_free(demos);
}

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const unsigned parts[] = {LB_DEMOS_AS_STORED, LB_DEMOS_OBSERVATIONS, LB_DEMOS_EXACT | LB_DEMOS_OBSERVATIONS};
  fuzz_archive edited;
  lb_demos* demos = NULL;
  if (!world.self) make_bases();
  if (size < 1) return 0;
  lb_mark mark = fuzz_edited(&edited, &bases[data[0] % 3], data + 1, size - 1);
  mend_checksum(&edited);
  fuzz_write(&edited, fuzz_path("x.npz"));
  lb_arena_release(fuzz_arena(), mark);
  import_it();
  unsigned part = parts[data[0] / 3 % 3] | LB_DEMOS_FOREIGN;
  if (lb_demos_load_with(&demos, &world, fuzz_path("x.npz"), part).code != LB_OK) return 0;
  if (lb_demos_is_rounded(demos) && lb_demos_keyframes(demos) > 0) {
    lb_replay_keyed_report report;
    lb_replay_keyed(&report, &world, demos);
  } else {
    lb_replay_report report;
    lb_replay(&report, &world, demos);
  }
  lb_demos_free(demos);
  return 0;
}
