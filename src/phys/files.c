#include "phys/files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/file.h"

// What an open resource holds.
typedef struct contents {
  char* bytes;
  size_t size;
} contents;

// Whether a file with these bytes was read before.
static bool knows(const lb_phys_files* f, const char* name, const char* sha256) {
  for (int i = 0; i < f->n; ++i) {
    if (strcmp(f->list[i].name, name) == 0 && strcmp(f->list[i].sha256, sha256) == 0) return true;
  }
  return false;
}

// Whether a text in XML names an archive, or something in one.
static bool names_archive(const char* text) {
  static const char* const endings[] = {".mjz", ".zip"};
  if (text[strspn(text, " \t\r\n")] != '<') return false;
  for (int i = 0; i < 2; ++i) {
    for (const char* hit = strcasestr(text, endings[i]); hit; hit = strcasestr(hit + 4, endings[i])) {
      if (hit[4] && strchr("/\\\"'", hit[4])) return true;
    }
  }
  return false;
}

// Remembers a file, and the text of the first; false when memory is short.
static bool remember(lb_phys_files* f, const char* name, const contents* c) {
  lb_phys_file file = {.size = c->size};
  lb_sha256(c->bytes, c->size, file.sha256);
  if (knows(f, name, file.sha256)) return true;
  f->names_archive = f->names_archive || names_archive(c->bytes);
  if (f->n == f->capacity) {
    int capacity = f->capacity ? 2 * f->capacity : 16;
    lb_phys_file* larger = realloc(f->list, (size_t)capacity * sizeof *larger);
    if (!larger) return false;
    f->list = larger;
    f->capacity = capacity;
  }
  if (f->n == 0) {
    f->text = malloc(c->size + 1);
    if (!f->text) return false;
    memcpy(f->text, c->bytes, c->size + 1);
    f->text_size = c->size;
  }
  file.name = strdup(name);
  if (!file.name) return false;
  f->list[f->n++] = file;
  return true;
}

// mjpProvider's open: reads the whole file and notes its name and checksum.
static int open_file(mjResource* resource) {
  lb_phys_files* f = resource->provider->data;
  contents* c = calloc(1, sizeof *c);
  if (!c) return 0;
  bool whole = lb_file_read(resource->name, &c->bytes, &c->size).code == LB_OK;
  mtx_lock(&f->mutex);
  whole = whole && remember(f, resource->name, c);
  mtx_unlock(&f->mutex);
  if (!whole) {
    free(c->bytes);
    free(c);
    return 0;
  }
  resource->data = c;
  return 1;
}

// mjpProvider's read: the bytes are there already.
static int read_file(mjResource* resource, const void** buffer) {
  const contents* c = resource->data;
  *buffer = c->bytes;
  return (int)c->size;
}

// mjpProvider's close.
static void close_file(mjResource* resource) {
  contents* c = resource->data;
  free(c->bytes);
  free(c);
  resource->data = NULL;
}

// mjpProvider's mount: nothing to do.
static int accept_mount(mjResource* resource) {
  (void)resource;
  return 1;
}

// MuJoCo looks for a mount from a file's folder upwards, but not at "/" itself: all that lies in "/" is mounted.
static lb_status mount_all(lb_phys_files* f) {
  DIR* folder = opendir("/");
  if (!folder) return lb_fail(LB_IO, "/: cannot be listed: %s", strerror(errno));
  lb_status status = lb_ok();
  for (const struct dirent* entry; status.code == LB_OK && (entry = readdir(folder));) {
    char path[300];
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    snprintf(path, sizeof path, "/%s", entry->d_name);
    if (mj_mountVFS(&f->vfs, path, &f->provider) != 0) status = lb_fail(LB_IO, "%s: MuJoCo cannot mount it", path);
  }
  closedir(folder);
  return status;
}

lb_status lb_phys_files_open(lb_phys_files* f) {
  *f = (lb_phys_files){0};
  if (mtx_init(&f->mutex, mtx_plain) != thrd_success) return lb_fail(LB_MEMORY, "no memory for a model's files");
  mj_defaultVFS(&f->vfs);
  mjp_defaultProvider(&f->provider);
  f->provider.open = open_file;
  f->provider.read = read_file;
  f->provider.close = close_file;
  f->provider.mount = f->provider.unmount = accept_mount;
  f->provider.data = f;
  lb_status status = mount_all(f);
  if (status.code != LB_OK) lb_phys_files_close(f);
  return status;
}

void lb_phys_files_close(lb_phys_files* f) {
  mj_deleteVFS(&f->vfs);
  mtx_destroy(&f->mutex);
}

// The length of `path` up to and with its last '/'.
static size_t folder_length(const char* path) {
  const char* slash = strrchr(path, '/');
  return slash ? (size_t)(slash - path) + 1 : 0;
}

// `path` as seen from `folder`, of which `n` bytes count; as it is where the two share no folder below "/".
static char* seen_from(const char* folder, size_t n, const char* path) {
  size_t shared = 0, ups = 0;
  for (size_t i = 0; i < n && path[i] == folder[i]; ++i) {
    if (folder[i] == '/') shared = i + 1;
  }
  if (shared <= 1) return strdup(path);
  for (size_t i = shared; i < n; ++i) ups += folder[i] == '/';
  size_t size = 3 * ups + strlen(path + shared) + 1;
  char* out = malloc(size);
  for (size_t i = 0; out && i < ups; ++i) memcpy(out + 3 * i, "../", 3);
  if (out) memcpy(out + 3 * ups, path + shared, size - 3 * ups);
  return out;
}

// Order of two files, by name, then by checksum.
static int by_name(const void* a, const void* b) {
  const lb_phys_file *x = a, *y = b;
  int order = strcmp(x->name, y->name);
  return order ? order : strcmp(x->sha256, y->sha256);
}

void lb_phys_files_settle(lb_phys_files* f) {
  if (f->n == 0) return;
  size_t n = folder_length(f->list[0].name);
  char* folder = strdup(f->list[0].name);
  for (int i = 0; folder && i < f->n; ++i) {
    char* name = seen_from(folder, n, f->list[i].name);
    if (!name) continue;
    free(f->list[i].name);
    f->list[i].name = name;
  }
  free(folder);
  qsort(f->list + 1, (size_t)f->n - 1, sizeof *f->list, by_name);
}

// Frees the list and the text that its paths lie in.
void lb_phys_files_free(lb_phys_file* list, int n, char* text) {
  for (int i = 0; i < n; ++i) free(list[i].name);
  free(list);
  free(text);
}
