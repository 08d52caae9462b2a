#include "io/hdf5.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

typedef int64_t hid;  // hid_t since 1.10

// The part of the library's interface (H5public.h and others) that is used.
typedef struct library {
  int (*open)(void);
  int (*version)(unsigned*, unsigned*, unsigned*);
  int (*set_auto)(hid, void*, void*);
  hid (*file_open)(const char*, unsigned, hid);
  int (*file_close)(hid);
  int (*exists)(hid, const char*, hid);
  hid (*data_open)(hid, const char*, hid);
  int (*data_close)(hid);
  hid (*data_space)(hid);
  hid (*data_type)(hid);
  hid (*data_plist)(hid);
  int (*data_read)(hid, hid, hid, hid, hid, void*);
  int (*space_rank)(hid);
  int (*space_sizes)(hid, uint64_t*, uint64_t*);
  int (*space_close)(hid);
  int (*type_class)(hid);
  size_t (*type_size)(hid);
  int (*type_close)(hid);
  int (*plist_layout)(hid);
  int (*plist_external)(hid);
  int (*plist_close)(hid);
  const hid* native_double;
} library;

struct lb_hdf5 {
  library lib;
  const char* path;
  hid file;
};

enum { INTEGER = 0, FLOAT = 1, ENUM = 8, VIRTUAL = 3 };  // H5T_class_t, H5D_layout_t
static const double most_numbers = 2e9;
static const rlim_t most_seconds = 1800;

bool lb_hdf5_is(const char* path) {
  static const unsigned char magic[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
  unsigned char head[8];
  struct stat info;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a pipe without a writer must not hold us up
  if (fd < 0) return false;
  bool is = fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && read(fd, head, sizeof head) == (ssize_t)sizeof head &&
            memcmp(head, magic, sizeof head) == 0;
  close(fd);
  return is;
}

// libhdf5 by LB_HDF5, else by the names it has on Linux distributions; NULL: none.
static void* find_library(void) {
  static const char* const names[] = {"libhdf5_serial.so.103", "libhdf5.so.103", "libhdf5_serial.so", "libhdf5.so",
                                      "libhdf5.so.200",        "libhdf5.so.310", "libhdf5.so.320"};
  const char* own = getenv("LB_HDF5");
  if (own) return dlopen(own, RTLD_NOW);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    void* handle = dlopen(names[i], RTLD_NOW);
    if (handle) return handle;
  }
  return NULL;
}

// Sets a pointer to a function, or to data, of the library.
static bool bind(void* to, void* handle, const char* name) {
  void* found = dlsym(handle, name);
  memcpy(to, &found, sizeof found);
  return found != NULL;
}

// Binds the functions that are used, at run time: only who has HDF5 files needs the library.
static lb_status load_library(library* l, const char* path) {
  void* h = find_library();
  unsigned major = 0, minor = 0, release = 0;
  if (!h) {
    const char* own = getenv("LB_HDF5");
    return lb_fail(LB_INPUT, "%s: is HDF5, which needs libhdf5%s%s: install it (Debian: libhdf5-103-1), or set LB_HDF5",
                   path, own ? ", and LB_HDF5 names none that opens: " : "", own ? own : "");
  }
  bool all = bind(&l->open, h, "H5open") && bind(&l->version, h, "H5get_libversion") &&
             bind(&l->set_auto, h, "H5Eset_auto2") && bind(&l->file_open, h, "H5Fopen") &&
             bind(&l->file_close, h, "H5Fclose") && bind(&l->exists, h, "H5Lexists") &&
             bind(&l->data_open, h, "H5Dopen2") && bind(&l->data_close, h, "H5Dclose") &&
             bind(&l->data_space, h, "H5Dget_space") && bind(&l->data_type, h, "H5Dget_type") &&
             bind(&l->data_plist, h, "H5Dget_create_plist") && bind(&l->data_read, h, "H5Dread") &&
             bind(&l->space_rank, h, "H5Sget_simple_extent_ndims") &&
             bind(&l->space_sizes, h, "H5Sget_simple_extent_dims") && bind(&l->space_close, h, "H5Sclose") &&
             bind(&l->type_class, h, "H5Tget_class") && bind(&l->type_size, h, "H5Tget_size") &&
             bind(&l->type_close, h, "H5Tclose") && bind(&l->plist_layout, h, "H5Pget_layout") &&
             bind(&l->plist_external, h, "H5Pget_external_count") && bind(&l->plist_close, h, "H5Pclose") &&
             bind(&l->native_double, h, "H5T_NATIVE_DOUBLE_g");
  if (!all || l->open() < 0 || l->version(&major, &minor, &release) < 0 || (major == 1 && minor < 10)) {
    return lb_fail(LB_INPUT, "%s: is HDF5, and the libhdf5 here (%u.%u.%u) is no 1.10 or newer", path, major, minor,
                   release);
  }
  l->set_auto(0, NULL, NULL);  // it prints nothing
  return lb_ok();
}

lb_status lb_hdf5_open(lb_hdf5** out, const char* path) {
  lb_hdf5* f = calloc(1, sizeof *f);
  if (!f) return lb_fail(LB_MEMORY, "%s: no memory", path);
  lb_status status = load_library(&f->lib, path);
  f->path = path;
  if (status.code == LB_OK && (f->file = f->lib.file_open(path, 0, 0)) < 0) {
    status = lb_fail(LB_INPUT, "%s: is HDF5 that cannot be opened: truncated or damaged", path);
  }
  if (status.code == LB_OK) {
    *out = f;
  } else {
    free(f);
  }
  return status;
}

void lb_hdf5_close(lb_hdf5* f) {
  if (!f) return;
  f->lib.file_close(f->file);
  free(f);
}

bool lb_hdf5_has(const lb_hdf5* f, const char* name) {
  char part[200];
  size_t n = strlen(name);
  if (n >= sizeof part) return false;
  for (size_t i = 1; i <= n; i++) {
    if (name[i] != '/' && name[i] != '\0') continue;
    memcpy(part, name, i);
    part[i] = '\0';
    if (f->lib.exists(f->file, part, 0) <= 0) return false;
  }
  return true;
}

// Opens a dataset; the caller closes it.
static lb_status open_data(hid* data, const lb_hdf5* f, const char* name) {
  *data = lb_hdf5_has(f, name) ? f->lib.data_open(f->file, name, 0) : -1;
  return *data >= 0 ? lb_ok() : lb_fail(LB_INPUT, "%s: the dataset '%s' is missing or damaged", f->path, name);
}

// A dataset's sizes; fails where it is not numbers in one or two dimensions, here in this file.
static lb_status look(lb_hdf5_sizes* s, const lb_hdf5* f, const char* name, hid data) {
  const library* l = &f->lib;
  uint64_t shape[2] = {0, 1};
  hid space = l->data_space(data), type = l->data_type(data), plist = l->data_plist(data);
  int rank = l->space_rank(space), class = l->type_class(type);
  *s = (lb_hdf5_sizes){.rank = rank, .single = class == FLOAT && l->type_size(type) == 4};
  bool sized = (rank == 1 || rank == 2) && l->space_sizes(space, shape, NULL) == rank;
  bool elsewhere = l->plist_layout(plist) == VIRTUAL || l->plist_external(plist) != 0;
  l->plist_close(plist);
  l->type_close(type);
  l->space_close(space);
  if (elsewhere) {
    return lb_fail(LB_INPUT, "%s: the dataset '%s' has its numbers in other files, which is not read", f->path, name);
  }
  if (class != INTEGER && class != FLOAT && class != ENUM) {
    return lb_fail(LB_INPUT, "%s: the dataset '%s' holds other things than numbers", f->path, name);
  }
  if (!sized) return lb_fail(LB_INPUT, "%s: the dataset '%s' has %d dimensions; 1 or 2 are read", f->path, name, rank);
  if ((double)shape[0] * (double)shape[1] > most_numbers) {
    return lb_fail(LB_INPUT, "%s: the dataset '%s' promises more than %g numbers", f->path, name, most_numbers);
  }
  s->n = (int64_t)shape[0];
  s->width = (int64_t)shape[1];
  return lb_ok();
}

lb_status lb_hdf5_look(lb_hdf5_sizes* sizes, const lb_hdf5* f, const char* name) {
  hid data;
  LB_TRY(open_data(&data, f, name));
  lb_status status = look(sizes, f, name, data);
  f->lib.data_close(data);
  return status;
}

lb_status lb_hdf5_read(double* to, const lb_hdf5* f, const char* name) {
  hid data;
  LB_TRY(open_data(&data, f, name));
  int read = f->lib.data_read(data, *f->lib.native_double, 0, 0, 0, to);
  f->lib.data_close(data);
  if (read >= 0) return lb_ok();
  return lb_fail(LB_INPUT,
                 "%s: the dataset '%s' cannot be read: the file is truncated, or packed by a filter that libhdf5 lacks "
                 "here",
                 f->path, name);
}

lb_status lb_hdf5_apart(lb_status (*work)(void* ctx), void* ctx, const char* path) {
  int ends[2], wait_status = 0;
  lb_status status = lb_fail(LB_INPUT, "%s: libhdf5 broke down on it: truncated or damaged", path);
  if (pipe(ends) != 0) return lb_fail(LB_IO, "%s: no pipe to read it through", path);
  fflush(NULL);
  pid_t child = fork();
  if (child < 0) {
    close(ends[0]);
    close(ends[1]);
    return lb_fail(LB_IO, "%s: no process to read it in", path);
  }
  if (child == 0) {
    close(ends[0]);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    setrlimit(RLIMIT_CPU, &(struct rlimit){most_seconds, most_seconds});  // a file that it goes round in circles in
    lb_status done = work(ctx);
    ssize_t wrote = write(ends[1], &done, sizeof done);
    _exit(wrote == (ssize_t)sizeof done ? 0 : 1);
  }
  close(ends[1]);
  lb_status said;
  ssize_t got = read(ends[0], &said, sizeof said);
  close(ends[0]);
  while (waitpid(child, &wait_status, 0) < 0 && errno == EINTR) continue;
  return got == (ssize_t)sizeof said ? said : status;
}
