// Eigenvalues of symmetric matrices: LAPACK's dsyev.
#ifndef LB_LINALG_EIG_H_
#define LB_LINALG_EIG_H_

#include <stdbool.h>

#include "base/arena.h"

// values (n) in ascending order and, as the *rows* of vectors (n, n), orthonormal eigenvectors of the symmetric A
// (n, n), of which one triangle is read. vectors may be NULL or A itself. False when A is not finite or the iteration
// did not converge.
bool lb_eig_symmetric(double* values, double* vectors, const double* A, int n, lb_arena* scratch);

#endif  // LB_LINALG_EIG_H_
