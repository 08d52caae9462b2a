#include "view/picture.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include "io/file.h"

enum { FILTERS = 5 };

lb_status lb_picture_new(lb_picture* p, int width, int height) {
  assert(width > 0 && height > 0);
  *p = (lb_picture){.width = width, .height = height, .rgb = calloc((size_t)width * (size_t)height, 3)};
  return p->rgb ? lb_ok() : lb_fail(LB_MEMORY, "no memory for a picture of %d x %d", width, height);
}

void lb_picture_free(lb_picture* p) {
  free(p->rgb);
  *p = (lb_picture){0};
}

static unsigned char* at(const lb_picture* p, int x, int y) {
  return p->rgb + 3 * ((size_t)y * (size_t)p->width + (size_t)x);
}

void lb_picture_paste(lb_picture* to, int x, int y, const lb_picture* from) {
  assert(x >= 0 && y >= 0 && x + from->width <= to->width && y + from->height <= to->height);
  for (int row = 0; row < from->height; ++row) {
    memcpy(at(to, x, y + row), at(from, 0, row), 3 * (size_t)from->width);
  }
}

static void put_number(unsigned char out[4], uint32_t value) {
  for (int i = 0; i < 4; ++i) out[i] = (unsigned char)(value >> (24 - 8 * i));
}

// A chunk of a PNG file: length, four letters, data, CRC.
static void add_chunk(lb_text* out, const char kind[4], const unsigned char* data, size_t n) {
  unsigned char number[4];
  put_number(number, (uint32_t)n);
  lb_text_add_bytes(out, (const char*)number, 4);
  lb_text_add_bytes(out, kind, 4);
  if (n > 0) lb_text_add_bytes(out, (const char*)data, n);
  uLong crc = crc32(crc32(0, NULL, 0), (const unsigned char*)kind, 4);
  if (n > 0) crc = crc32(crc, data, (uInt)n);
  put_number(number, (uint32_t)crc);
  lb_text_add_bytes(out, (const char*)number, 4);
}

// PNG's predictor (RFC 2083, 6.6): which of left, above, above left is nearest to their plane.
static int paeth(int a, int b, int c) {
  int p = a + b - c, pa = abs(p - a), pb = abs(p - b), pc = abs(p - c);
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

// One row of n bytes by one of PNG's filters; `above` is the row before it, or zeros.
static void filter_row(unsigned char* out, int filter, const unsigned char* row, const unsigned char* above, int n) {
  for (int i = 0; i < n; ++i) {
    int left = i >= 3 ? row[i - 3] : 0, up = above[i], corner = i >= 3 ? above[i - 3] : 0;
    const int guess[FILTERS] = {0, left, up, (left + up) / 2, paeth(left, up, corner)};
    out[i] = (unsigned char)(row[i] - guess[filter]);
  }
}

// Sum of magnitudes of a filtered row: the filter with the least compresses best, as a rule.
static long weight(const unsigned char* row, int n) {
  long sum = 0;
  for (int i = 0; i < n; ++i) sum += abs((signed char)row[i]);
  return sum;
}

// A part of the picture as PNG's compressed data; room for `lead` bytes is left before it. Caller frees.
static unsigned char* compress_part(const lb_picture* p, int x, int y, int width, int height, size_t lead, size_t* n) {
  int bytes = 3 * width;
  size_t line = (size_t)bytes + 1;
  unsigned char *raw = malloc(line * (size_t)height), *tried = malloc((size_t)bytes);
  unsigned char* none = calloc((size_t)bytes, 1);
  uLongf room = compressBound((uLong)(line * (size_t)height));
  unsigned char* out = malloc(lead + room);
  bool done = raw && tried && none && out;
  for (int row = 0; row < height && done; ++row) {
    const unsigned char *here = at(p, x, y + row), *above = row > 0 ? at(p, x, y + row - 1) : none;
    unsigned char* best = raw + (size_t)row * line;
    long least = -1;
    for (int filter = 0; filter < FILTERS; ++filter) {
      filter_row(tried, filter, here, above, bytes);
      long w = weight(tried, bytes);
      if (least >= 0 && w >= least) continue;
      least = w;
      best[0] = (unsigned char)filter;
      memcpy(best + 1, tried, (size_t)bytes);
    }
  }
  done = done && compress2(out + lead, &room, raw, (uLong)(line * (size_t)height), 9) == Z_OK;
  free(raw);
  free(tried);
  free(none);
  *n = lead + room;
  if (done) return out;
  free(out);
  return NULL;
}

// Signature and header.
static void add_head(lb_text* out, const lb_picture* p) {
  unsigned char head[13] = {0};
  put_number(head, (uint32_t)p->width);
  put_number(head + 4, (uint32_t)p->height);
  head[8] = 8;  // bits
  head[9] = 2;  // red, green, blue
  lb_text_add_bytes(out, "\x89PNG\r\n\x1a\n", 8);
  add_chunk(out, "IHDR", head, sizeof head);
}

static lb_status no_memory(void) {
  return lb_fail(LB_MEMORY, "no memory to compress a picture");
}

// Writes a PNG of one part.
lb_status lb_picture_save(const lb_picture* p, const char* path) {
  size_t n;
  unsigned char* data = compress_part(p, 0, 0, p->width, p->height, 0, &n);
  if (!data) return no_memory();
  lb_text out = {0};
  add_head(&out, p);
  add_chunk(&out, "IDAT", data, n);
  add_chunk(&out, "IEND", NULL, 0);
  free(data);
  lb_status status = lb_file_replace(path, out.data, out.length);
  lb_text_free(&out);
  return status;
}

// The least rectangle that holds all pixels which differ; one pixel where none does.
static void find_difference(int box[4], const lb_picture* a, const lb_picture* b) {
  int left = a->width, top = a->height, right = -1, bottom = -1;
  for (int y = 0; y < a->height; ++y) {
    for (int x = 0; x < a->width; ++x) {
      if (memcmp(at(a, x, y), at(b, x, y), 3) == 0) continue;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      bottom = y;
    }
  }
  if (right < 0) left = top = right = bottom = 0;
  box[0] = left;
  box[1] = top;
  box[2] = right - left + 1;
  box[3] = bottom - top + 1;
}

lb_status lb_animation_add(lb_animation* a, const lb_picture* p, int milliseconds) {
  int box[4] = {0, 0, p->width, p->height};
  if (a->frames == 0) {
    LB_TRY(lb_picture_new(&a->last, p->width, p->height));
  } else {
    assert(a->last.width == p->width && a->last.height == p->height);
    find_difference(box, p, &a->last);
  }
  size_t n, lead = a->frames > 0 ? 4 : 0;  // later frames' data have a number of their own before them
  unsigned char* data = compress_part(p, box[0], box[1], box[2], box[3], lead, &n);
  if (!data) return no_memory();
  unsigned char control[26] = {0};
  put_number(control, (uint32_t)a->sequence++);
  put_number(control + 4, (uint32_t)box[2]);
  put_number(control + 8, (uint32_t)box[3]);
  put_number(control + 12, (uint32_t)box[0]);
  put_number(control + 16, (uint32_t)box[1]);
  control[20] = (unsigned char)(milliseconds >> 8);
  control[21] = (unsigned char)milliseconds;
  control[22] = 1000 >> 8;
  control[23] = 1000 & 255;
  add_chunk(&a->chunks, "fcTL", control, sizeof control);
  if (lead > 0) put_number(data, (uint32_t)a->sequence++);
  add_chunk(&a->chunks, lead > 0 ? "fdAT" : "IDAT", data, n);
  free(data);
  memcpy(a->last.rgb, p->rgb, 3 * (size_t)p->width * (size_t)p->height);
  a->frames += 1;
  return lb_ok();
}

lb_status lb_animation_save(const lb_animation* a, const char* path) {
  unsigned char control[8] = {0};
  assert(a->frames > 0);
  lb_text out = {0};
  add_head(&out, &a->last);
  put_number(control, (uint32_t)a->frames);
  add_chunk(&out, "acTL", control, sizeof control);
  lb_text_add_bytes(&out, a->chunks.data, a->chunks.length);
  add_chunk(&out, "IEND", NULL, 0);
  lb_status status = lb_file_replace(path, out.data, out.length);
  lb_text_free(&out);
  return status;
}

void lb_animation_free(lb_animation* a) {
  lb_text_free(&a->chunks);
  lb_picture_free(&a->last);
}

lb_status lb_video_begin(lb_video* v, const char* path, int width, int height, double rate) {
  char size[40], frames[40];
  int ends[2];
  *v = (lb_video){.pipe = -1};
  if (width % 2 || height % 2) {
    return lb_fail(LB_INPUT, "%s: MP4 takes pictures of even width and height, not %d x %d", path, width, height);
  }
  snprintf(v->path, sizeof v->path, "%s", path);
  snprintf(size, sizeof size, "%dx%d", width, height);
  snprintf(frames, sizeof frames, "%.6g", rate);
  // Words that posix_spawn will not change.
  char* words[] = {(char[]){"ffmpeg"},
                   (char[]){"-y"},
                   (char[]){"-loglevel"},
                   (char[]){"error"},
                   (char[]){"-f"},
                   (char[]){"rawvideo"},
                   (char[]){"-pix_fmt"},
                   (char[]){"rgb24"},
                   (char[]){"-s"},
                   size,
                   (char[]){"-r"},
                   frames,
                   (char[]){"-i"},
                   (char[]){"-"},
                   (char[]){"-pix_fmt"},
                   (char[]){"yuv420p"},
                   (char[]){"-movflags"},
                   (char[]){"+faststart"},
                   v->path,
                   NULL};
  if (pipe(ends) != 0) return lb_fail(LB_IO, "%s: no pipe to ffmpeg: %s", path, strerror(errno));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[0], 0);
  posix_spawn_file_actions_addclose(&actions, ends[0]);
  posix_spawn_file_actions_addclose(&actions, ends[1]);
  int error = posix_spawnp(&v->pid, "ffmpeg", &actions, NULL, words, environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[0]);
  if (error == 0) {
    v->pipe = ends[1];
    signal(SIGPIPE, SIG_IGN);
    return lb_ok();
  }
  close(ends[1]);
  if (error != ENOENT) return lb_fail(LB_IO, "%s: ffmpeg cannot be started: %s", path, strerror(error));
  return lb_fail(
      LB_INPUT,
      "%s: MP4 is made by ffmpeg, which is not installed (Debian: apt-get install ffmpeg); --out with a name "
      "that ends in .png gives an animated picture without it",
      path);
}

lb_status lb_video_add(lb_video* v, const lb_picture* p) {
  size_t n = 3 * (size_t)p->width * (size_t)p->height;
  for (size_t done = 0; done < n;) {
    ssize_t wrote = write(v->pipe, p->rgb + done, n - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return lb_fail(LB_IO, "%s: ffmpeg takes no more pictures: %s", v->path, strerror(errno));
    done += (size_t)wrote;
  }
  return lb_ok();
}

lb_status lb_video_end(lb_video* v) {
  int status = 0;
  if (v->pid <= 0) return lb_ok();
  close(v->pipe);
  while (waitpid(v->pid, &status, 0) < 0 && errno == EINTR) {
  }
  v->pid = 0;
  v->pipe = -1;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return lb_ok();
  return lb_fail(LB_IO, "%s: ffmpeg failed; what it said is above", v->path);
}
