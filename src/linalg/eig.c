// A symmetric matrix is its own transpose, and the columns that LAPACK returns are the rows of our array.
#include "linalg/eig.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "linalg/lapack.h"

bool lb_eig_symmetric(double* values, double* vectors, const double* A, int n, lb_arena* scratch) {
  lb_mark mark = lb_arena_mark(scratch);
  ptrdiff_t size = (ptrdiff_t)n * n;
  double* a = vectors ? vectors : LB_TAKE(scratch, double, size);
  int lwork = 34 * n, info = 0;
  double* work = LB_TAKE(scratch, double, lwork);
  bool finite = true;
  if (a != A) memcpy(a, A, (size_t)size * sizeof *a);
  for (ptrdiff_t i = 0; i < size; ++i) finite = finite && isfinite(a[i]);
  if (finite) dsyev_(vectors ? "V" : "N", "U", &n, a, &n, values, work, &lwork, &info, 1, 1);
  lb_arena_release(scratch, mark);
  return finite && info == 0;
}
