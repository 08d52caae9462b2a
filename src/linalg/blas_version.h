// Which BLAS and LAPACK run underneath.
#ifndef LB_LINALG_BLAS_VERSION_H_
#define LB_LINALG_BLAS_VERSION_H_

// OpenBLAS's own description: version and kernel; static text.
const char* lb_linalg_version(void);

// The kernel that it chose for this processor (or was told to by OPENBLAS_CORETYPE): "Haswell"; static text.
const char* lb_linalg_kernel(void);

#endif  // LB_LINALG_BLAS_VERSION_H_
