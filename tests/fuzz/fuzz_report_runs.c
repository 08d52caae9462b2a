// A run folder as the report reads it: metrics.jsonl, and after a byte of 0 timing.jsonl, and after another
// config.json.
#include "place.h"
#include "report/load.h"
#include "report/results.h"

static const char suite[] = "{\"name\":\"made\",\"seeds\":1,\"tasks\":[\"alpha\"],\"algos\":[\"fast\"]}";
static const char config[] =
    "{\"task\":\"alpha\",\"task_hash\":\"aa\",\"algo\":\"fast\",\"title\":\"Fast\",\"seed\":0,"
    "\"recipe\":{\"planner\":{\"type\":\"sac\"}},\"protocol\":{\"steps\":500,\"evaluate_every\":100}}";
static const char done[] = "{\"status\":\"finished\",\"message\":\"\"}";

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const uint8_t *timing, *card;
  size_t n_timing, n_card;
  lb_results* results = NULL;
  size_t n = fuzz_split(data, size, &timing, &n_timing);
  n_timing = fuzz_split(timing, n_timing, &card, &n_card);
  fuzz_folder("suite/alpha/fast/seed-0");
  fuzz_put("suite/suite.json", suite, sizeof suite - 1);
  fuzz_put("suite/alpha/fast/seed-0/metrics.jsonl", data, n);
  fuzz_put("suite/alpha/fast/seed-0/timing.jsonl", timing, n_timing);
  fuzz_put("suite/alpha/fast/seed-0/config.json", n_card > 0 ? (const char*)card : config,
           n_card > 0 ? n_card : sizeof config - 1);
  fuzz_put("suite/alpha/fast/seed-0/done.json", done, sizeof done - 1);
  if (lb_load_suite(&results, fuzz_path("suite")).code == LB_OK) lb_results_free(results);
  return 0;
}
