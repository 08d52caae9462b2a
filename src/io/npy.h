// The .npy format (NumPy Enhancement Proposal 1, versions 1.0 to 3.0): a magic number, a Python dictionary as text, raw
// data. For the files of this room only.
#ifndef LB_IO_NPY_H_
#define LB_IO_NPY_H_

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text.h"
#include "io/npz.h"

// Bytes of an element; LB_UTF8 has none of its own: 0.
size_t lb_dtype_bytes(lb_dtype dtype);

// Reads what stands before the data from the first `n` of an array's `total` bytes, and checks that the data are as
// many as it says; *start receives where they begin. array->data is NULL then. *more: the header is longer than n, how
// much of it there must be (0 else).
lb_status lb_npy_peek(lb_array* array, const uint8_t* bytes, size_t n, size_t total, size_t* start, size_t* more);

// Reads an array in place: `bytes` (n of them, 64-byte aligned, one writable byte after them) is overwritten by the
// array's data, and array->data points to it. Failures are LB_INPUT without a file name. array->name is not touched.
lb_status lb_npy_parse(lb_array* array, uint8_t* bytes, size_t n);

// Appends the array as .npy version 1.0. For LB_UTF8 data is a NUL-terminated UTF-8 text and rank is 0.
void lb_npy_write(lb_text* out, lb_dtype dtype, int rank, const int64_t* shape, const void* data);

// What stands before the data of a numeric array; returns how many bytes the data are.
size_t lb_npy_write_header(lb_text* out, lb_dtype dtype, int rank, const int64_t* shape);

#endif  // LB_IO_NPY_H_
