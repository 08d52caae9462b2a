#include "linalg/blas_version.h"

#include <cblas.h>

const char* lb_linalg_version(void) {
  return openblas_get_config();
}

const char* lb_linalg_kernel(void) {
  return openblas_get_corename();
}
