// The core's own peak of fused multiply-adds.
#ifndef LB_BENCH_PERF_PERF_PEAK_H_
#define LB_BENCH_PERF_PERF_PEAK_H_

// Floating-point operations of one unit of work of lb_perf_peak_run.
extern const double lb_perf_peak_flop;

// Makes n units of work, for lb_perf_measure; ctx is not read.
void lb_perf_peak_run(void* ctx, long n);

#endif  // LB_BENCH_PERF_PERF_PEAK_H_
