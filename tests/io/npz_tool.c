// What test_numpy.py needs of src/io, as a program:
//   npz_tool dump FILE.npz          all arrays as JSON: {"name": {"dtype", "shape", "values" or "text"}}
//   npz_tool copy FILE.npz OUT.npz stored|deflate    reads all arrays and writes them again
//   npz_tool damage FILE.npz        cuts and changes the archive everywhere; fails when any of it does harm
//   npz_tool tensors FILE.npz OUT.safetensors        the arrays as tensors, with the metadata {"from": "numpy"}
//   npz_tool numbers FILE.npz       the shortest decimals of the array "values", one a line
// Exit status and messages are those of every program of the suite.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "damage.h"
#include "io/file.h"
#include "io/json_writer.h"
#include "io/npz.h"
#include "io/safetensors.h"

static const char* const dtype_names[] = {"float32", "float64", "bool",   "int8",   "int16",  "int32",
                                          "int64",   "uint8",   "uint16", "uint32", "uint64", "str"};

static void write_element(lb_json_writer* w, const lb_array* a, int64_t i) {
  switch (a->dtype) {
    case LB_F32:
      lb_json_write_number(w, NULL, (double)((const float*)a->data)[i]);
      break;
    case LB_F64:
      lb_json_write_number(w, NULL, ((const double*)a->data)[i]);
      break;
    case LB_BOOL:
    case LB_U8:
      lb_json_write_int(w, NULL, ((const uint8_t*)a->data)[i]);
      break;
    case LB_I8:
      lb_json_write_int(w, NULL, ((const int8_t*)a->data)[i]);
      break;
    case LB_I16:
      lb_json_write_int(w, NULL, ((const int16_t*)a->data)[i]);
      break;
    case LB_I32:
      lb_json_write_int(w, NULL, ((const int32_t*)a->data)[i]);
      break;
    case LB_I64:
      lb_json_write_int(w, NULL, ((const int64_t*)a->data)[i]);
      break;
    case LB_U16:
      lb_json_write_int(w, NULL, ((const uint16_t*)a->data)[i]);
      break;
    case LB_U32:
      lb_json_write_int(w, NULL, ((const uint32_t*)a->data)[i]);
      break;
    case LB_U64: {
      char text[32];
      snprintf(text, sizeof text, "%" PRIu64, ((const uint64_t*)a->data)[i]);
      lb_json_write_raw(w, NULL, text);
      break;
    }
    case LB_UTF8:
      break;
  }
}

static void dump(const lb_npz* npz) {
  lb_text text = {0};
  lb_json_writer w = lb_json_writer_on(&text);
  lb_json_write_begin_object(&w, NULL);
  for (int i = 0; i < lb_npz_count(npz); i++) {
    const lb_array* a = lb_npz_at(npz, i);
    lb_json_write_begin_object(&w, a->name);
    lb_json_write_string(&w, "dtype", dtype_names[a->dtype]);
    lb_json_write_begin_array(&w, "shape");
    for (int k = 0; k < a->rank; k++) lb_json_write_int(&w, NULL, a->shape[k]);
    lb_json_write_end_array(&w);
    if (a->dtype == LB_UTF8) {
      lb_json_write_string(&w, "text", a->data);
    } else {
      lb_json_write_begin_array(&w, "values");
      for (int64_t k = 0; k < a->size; k++) write_element(&w, a, k);
      lb_json_write_end_array(&w);
    }
    lb_json_write_end_object(&w);
  }
  lb_json_write_end_object(&w);
  puts(text.data);
  lb_text_free(&text);
}

static lb_status copy(const lb_npz* npz, const char* path, bool deflate) {
  lb_npz_writer* w = lb_npz_writer_new(deflate);
  for (int i = 0; i < lb_npz_count(npz); i++) {
    const lb_array* a = lb_npz_at(npz, i);
    lb_npz_add(w, a->name, a->dtype, a->rank, a->shape, a->data);
  }
  lb_status status = lb_npz_save(w, path);
  lb_npz_writer_free(w);
  return status;
}

static lb_status damage(const lb_npz* npz, const char* path) {
  char* bytes;
  size_t n;
  int refused;
  LB_TRY(lb_file_read(path, &bytes, &n));
  int harmful = count_harm(npz, (const uint8_t*)bytes, n, &refused);
  free(bytes);
  if (harmful > 0 || refused < (int)n) {
    return lb_fail(LB_IO, "%d damages did harm, %d of %zu cuts were refused", harmful, refused, n);
  }
  return lb_ok();
}

static lb_status tensors(const lb_npz* npz, const char* path) {
  int n = lb_npz_count(npz);
  lb_array* list = calloc((size_t)n + 1, sizeof *list);
  for (int i = 0; i < n; i++) list[i] = *lb_npz_at(npz, i);
  lb_status status = lb_safetensors_save(path, "{\"from\": \"numpy\"}", list, n);
  free(list);
  lb_safetensors* back;
  if (status.code == LB_OK) status = lb_safetensors_load(&back, path);
  if (status.code == LB_OK) lb_safetensors_free(back);
  return status;
}

static lb_status numbers(const lb_npz* npz) {
  const lb_array* a = lb_npz_find(npz, "values");
  if (!a || a->dtype != LB_F64) return lb_fail(LB_INPUT, "'values' is missing or no float64");
  for (int64_t i = 0; i < a->size; i++) {
    char text[LB_NUMBER_TEXT];
    lb_json_number_text(((const double*)a->data)[i], text);
    puts(text);
  }
  return lb_ok();
}

static lb_status work(int argc, char** argv) {
  lb_npz* npz;
  if (argc < 3) return lb_fail(LB_INPUT, "usage: npz_tool dump|copy|damage|tensors|numbers FILE.npz ...");
  const char* what = argv[1];
  LB_TRY(lb_npz_load(&npz, argv[2]));
  for (int i = 0; i < lb_npz_count(npz); i++) {
    const lb_array* array;
    lb_status whole = lb_npz_fetch(npz, lb_npz_at(npz, i)->name, &array);
    if (whole.code == LB_OK) continue;
    lb_npz_free(npz);
    return whole;
  }
  lb_status status = lb_fail(LB_INPUT, "%s: unknown command, or arguments are missing", what);
  if (strcmp(what, "dump") == 0) {
    dump(npz);
    status = lb_ok();
  } else if (strcmp(what, "damage") == 0) {
    status = damage(npz, argv[2]);
  } else if (strcmp(what, "numbers") == 0) {
    status = numbers(npz);
  } else if (strcmp(what, "tensors") == 0 && argc == 4) {
    status = tensors(npz, argv[3]);
  } else if (strcmp(what, "copy") == 0 && argc == 5) {
    status = copy(npz, argv[3], strcmp(argv[4], "deflate") == 0);
  }
  lb_npz_free(npz);
  return status;
}

int main(int argc, char** argv) {
  lb_status status = work(argc, argv);
  if (status.code != LB_OK) fprintf(stderr, "%s\n", status.text);
  return lb_exit_code(status);
}
