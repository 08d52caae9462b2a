// The .safetensors format: 8 bytes of header length, a JSON header, raw little-endian data. Python reads it in one
// line. Refused by name: truncated files, offsets that overlap, leave gaps or lie about the size, unknown dtypes. F16
// and BF16 tensors are read as F32.
//
// The format has no checksum, so ours carry one: "__metadata__" has the key "lazybench_content", the SHA-256 of the
// text
//   metadata <SHA-256 of our metadata, in hex>
//   <bytes of the name> <name> <dtype> <sizes...> <SHA-256 of the data>      a line a tensor, in the order of the names
// with single spaces, and a newline after each line. It says nothing of where things stand, so that a file that another
// program has written again unchanged keeps it. Files without it are read too. Older files of ours have
// "lazybench_sha256" instead, over the header's own bytes (with zeros for the digits themselves) and the data: it holds
// as long as no other program has written the header, and then there is a warning that it can no longer be told.
#ifndef LB_IO_SAFETENSORS_H_
#define LB_IO_SAFETENSORS_H_

#include "base/status.h"
#include "io/npz.h"

typedef struct lb_safetensors lb_safetensors;

// `metadata` is JSON text stored under the header's "__metadata__" key "lazybench"; written atomically, tensors in the
// order given. dtype LB_F32, LB_F64, LB_I32 or LB_I64.
lb_status lb_safetensors_save(const char* path, const char* metadata, const lb_array* tensors, int n);

lb_status lb_safetensors_load(lb_safetensors** out, const char* path);
void lb_safetensors_free(lb_safetensors* s);
const char* lb_safetensors_metadata(const lb_safetensors* s);                    // "{}" when absent
const lb_array* lb_safetensors_find(const lb_safetensors* s, const char* name);  // NULL: none

#endif  // LB_IO_SAFETENSORS_H_
