// What a campaign will take: every row's forecast (algo/forecast.h), and their sums.
#ifndef LB_BENCH_FORECASTS_H_
#define LB_BENCH_FORECASTS_H_

#include <stdio.h>

#include "algo/forecast.h"
#include "algo/run.h"
#include "campaign.h"
#include "io/json_writer.h"

typedef struct lb_forecasts_row {
  lb_forecast forecast;
  double curve[LB_FORECAST_CURVE];
  int runs, to_do;
} lb_forecasts_row;

typedef struct lb_forecasts {
  lb_forecasts_row* rows;  // (nrows) by kind: the rows of all suites, one after the other; the campaign's arena's
  int nrows;
  int unknown;          // runs to do of whose time nothing is known; they are in none of the sums
  double core_seconds;  // of the runs to do
  double wall_seconds;  // with so many workers, the runs in their order
  double bytes;         // the most that so many workers need at a time
  double disk;          // the most that the folders of the runs to do hold in the end
} lb_forecasts;

// Forecasts all rows (which takes a second or some: it measures this machine) and tells the campaign's jobs what is
// expected of them.
lb_status lb_forecasts_make(lb_forecasts* e, lb_campaign* c, int workers);

// A line a row, then the sums.
void lb_forecasts_print(FILE* out, const lb_forecasts* e, const lb_campaign* campaign, int workers);

// The same as members of the JSON object under way; what is not known is null.
void lb_forecasts_write(lb_json_writer* w, const lb_forecasts* e, const lb_campaign* campaign, int workers);

// On stdout: what one run takes, and its settings, for people or as a JSON object. Fails as the run itself would begin.
lb_status lb_forecasts_run(const lb_run_options* options, bool as_json);

// Whether the disk has room for the most that a run's folder, or those of all runs to do, will hold, beside what they
// hold already. LB_INPUT with both numbers.
lb_status lb_forecasts_check_disk_of_run(const lb_run_options* options);
lb_status lb_forecasts_check_disk(const lb_forecasts* e, const lb_campaign* campaign);

// "12 min on 2 cores (0.4 core-hours), at most 60 MB of memory and 20 MB of disk", of the runs to do.
void lb_forecasts_in_words(char* out, size_t size, const lb_forecasts* e, int workers);

// CPU seconds ("unknown" for NAN) and bytes as people read them.
void lb_forecasts_duration(char* out, int size, double seconds);
void lb_forecasts_bytes(char* out, size_t size, double bytes);

#endif  // LB_BENCH_FORECASTS_H_
