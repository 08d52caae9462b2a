// The inside of a model of random features, for features.c and its test.
#ifndef LB_MODEL_FEATURES_PRIVATE_H_
#define LB_MODEL_FEATURES_PRIVATE_H_

#include <stdint.h>

#include "model/features.h"

// One source of rows: how many were seen, a hash of them, and the sums over them.
typedef struct lb_features_source {
  int n;
  uint64_t hash;
  double *S, *M, *yy;  // (F, F), (F, T), (T) sums of phi phi^T, phi y^T and y^2
} lb_features_source;

struct lb_features {
  lb_features_config config;
  int d, F, T;           // numbers of z, features in all, targets
  double *omega, *b;     // (D, d), (D)
  double *mean, *scale;  // (d + T) of z's numbers, then of the targets
  bool has_units;
  lb_features_source sources[2];
  double count;                       // rows of the last fit
  double *W, *L;                      // (F, T), (F, F) Cholesky factor of S + ridge I
  double* sigma2;                     // (T)
  double *z, *phi, *y, *wave, *half;  // (d), (F), (T), (D), (F) of one row
  double *next_mean, *next_scale;     // (d + T)
};

#endif  // LB_MODEL_FEATURES_PRIVATE_H_
