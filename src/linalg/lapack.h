// The Fortran symbols of LAPACK that this room calls, as libopenblas exports them (LP64 integers; a hidden length
// follows for each character argument). Column-major: a row-major matrix is passed as its transpose.
#ifndef LB_LINALG_LAPACK_H_
#define LB_LINALG_LAPACK_H_

#include <stddef.h>

void dpotrf_(const char* uplo, const int* n, double* a, const int* lda, int* info, size_t uplo_length);
void dgelqf_(const int* m, const int* n, double* a, const int* lda, double* tau, double* work, const int* lwork,
             int* info);
void dormlq_(const char* side, const char* trans, const int* m, const int* n, const int* k, const double* a,
             const int* lda, const double* tau, double* c, const int* ldc, double* work, const int* lwork, int* info,
             size_t side_length, size_t trans_length);
void dtrcon_(const char* norm, const char* uplo, const char* diag, const int* n, const double* a, const int* lda,
             double* rcond, double* work, int* iwork, int* info, size_t norm_length, size_t uplo_length,
             size_t diag_length);
void dgelsd_(const int* m, const int* n, const int* nrhs, double* a, const int* lda, double* b, const int* ldb,
             double* s, const double* rcond, int* rank, double* work, const int* lwork, int* iwork, int* info);
void dsyev_(const char* jobz, const char* uplo, const int* n, double* a, const int* lda, double* w, double* work,
            const int* lwork, int* info, size_t jobz_length, size_t uplo_length);

#endif  // LB_LINALG_LAPACK_H_
