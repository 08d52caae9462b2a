// Pictures as files: what a decoder of our own, by the PNG specification, makes of them is what was drawn; animated
// ones, put together frame by frame, too.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <cmocka.h>
// clang-format on

#include "io/file.h"
#include "view/picture.h"

enum { WIDTH = 37, HEIGHT = 23, FRAMES = 4 };

static char folder[] = "/tmp/lb_picture_XXXXXX", path[100];

static int set_up(void** state) {
  (void)state;
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/a.png", folder);
  return 0;
}

static int tear_down(void** state) {
  (void)state;
  return lb_folder_remove(folder).code;
}

// Slopes, an edge and a moving square: every filter of PNG has rows where it is the best.
static void paint(lb_picture* p, int frame) {
  for (int y = 0; y < HEIGHT; ++y) {
    for (int x = 0; x < WIDTH; ++x) {
      unsigned char* rgb = p->rgb + 3 * (y * WIDTH + x);
      rgb[0] = (unsigned char)(7 * x + 3 * y);
      rgb[1] = (unsigned char)(y > 11 ? 200 : 13 * x);
      rgb[2] = (unsigned char)(x * y);
      if (abs(x - 8 - 5 * frame) < 3 && abs(y - 9) < 3) rgb[0] = rgb[1] = rgb[2] = (unsigned char)(255 - frame);
    }
  }
}

static uint32_t number(const unsigned char* p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

// Undoes filters and compression of a w x h part into `to` at (x, y).
static void decode(lb_picture* to, int x, int y, int w, int h, const unsigned char* data, size_t n) {
  size_t line = 3 * (size_t)w + 1;
  unsigned char* raw = malloc(line * (size_t)h);
  uLongf length = line * (size_t)h;
  assert_int_equal(uncompress(raw, &length, data, n), Z_OK);
  assert_int_equal(length, line * (size_t)h);
  for (int row = 0; row < h; ++row) {
    unsigned char *here = raw + (size_t)row * line + 1, *above = here - line;
    for (int i = 0; i < 3 * w; ++i) {
      int a = i >= 3 ? here[i - 3] : 0, b = row > 0 ? above[i] : 0, c = i >= 3 && row > 0 ? above[i - 3] : 0, guess = 0;
      int p = a + b - c, nearest = abs(p - a) <= abs(p - b) && abs(p - a) <= abs(p - c) ? a
                                   : abs(p - b) <= abs(p - c)                           ? b
                                                                                        : c;
      switch (here[-1]) {
        case 1:
          guess = a;
          break;
        case 2:
          guess = b;
          break;
        case 3:
          guess = (a + b) / 2;
          break;
        case 4:
          guess = nearest;
          break;
        default:
          assert_int_equal(here[-1], 0);
      }
      here[i] = (unsigned char)(here[i] + guess);
    }
    memcpy(to->rgb + 3 * ((size_t)(y + row) * (size_t)to->width + (size_t)x), here, 3 * (size_t)w);
  }
  free(raw);
}

// Walks through a file's chunks and compares frame after frame with what was painted; returns how many there were.
static int check_file(void) {
  char* bytes;
  size_t n;
  int frames = 0, box[4] = {0, 0, WIDTH, HEIGHT}, sequence = 0, announced = 1;
  bool ended = false;
  lb_picture shown, wanted;
  assert_int_equal(lb_file_read(path, &bytes, &n).code, LB_OK);
  assert_int_equal(lb_picture_new(&shown, WIDTH, HEIGHT).code, LB_OK);
  assert_int_equal(lb_picture_new(&wanted, WIDTH, HEIGHT).code, LB_OK);
  assert_memory_equal(bytes, "\x89PNG\r\n\x1a\n", 8);
  for (size_t at = 8; at < n;) {
    const unsigned char* chunk = (const unsigned char*)bytes + at;
    uint32_t length = number(chunk);
    const unsigned char* data = chunk + 8;
    assert_int_equal(crc32(crc32(0, NULL, 0), chunk + 4, length + 4), number(data + length));
    bool first = memcmp(chunk + 4, "IDAT", 4) == 0, later = memcmp(chunk + 4, "fdAT", 4) == 0;
    if (memcmp(chunk + 4, "IHDR", 4) == 0) {
      assert_int_equal(number(data), WIDTH);
      assert_int_equal(number(data + 4), HEIGHT);
      assert_int_equal(data[8], 8);
      assert_int_equal(data[9], 2);
    } else if (memcmp(chunk + 4, "acTL", 4) == 0) {
      announced = (int)number(data);
    } else if (memcmp(chunk + 4, "fcTL", 4) == 0) {
      assert_int_equal(number(data), sequence++);
      box[2] = (int)number(data + 4);
      box[3] = (int)number(data + 8);
      box[0] = (int)number(data + 12);
      box[1] = (int)number(data + 16);
      assert_int_equal(data[20] << 8 | data[21], 40);
      assert_int_equal(data[22] << 8 | data[23], 1000);
    } else if (first || later) {
      if (later) assert_int_equal(number(data), sequence++);
      decode(&shown, box[0], box[1], box[2], box[3], data + (later ? 4 : 0), length - (later ? 4 : 0));
      paint(&wanted, frames++);
      assert_memory_equal(shown.rgb, wanted.rgb, 3 * WIDTH * HEIGHT);
    } else {
      assert_memory_equal(chunk + 4, "IEND", 4);
      ended = true;
    }
    at += 12 + length;
  }
  assert_true(ended);
  assert_int_equal(announced, frames);
  lb_picture_free(&shown);
  lb_picture_free(&wanted);
  free(bytes);
  return frames;
}

static void a_picture_comes_back(void** state) {
  (void)state;
  lb_picture p;
  assert_int_equal(lb_picture_new(&p, WIDTH, HEIGHT).code, LB_OK);
  paint(&p, 0);
  assert_int_equal(lb_picture_save(&p, path).code, LB_OK);
  assert_int_equal(check_file(), 1);
  lb_picture_free(&p);
}

static void an_animation_comes_back(void** state) {
  (void)state;
  lb_picture p;
  lb_animation a = {0};
  assert_int_equal(lb_picture_new(&p, WIDTH, HEIGHT).code, LB_OK);
  for (int frame = 0; frame < FRAMES; ++frame) {
    paint(&p, frame);
    assert_int_equal(lb_animation_add(&a, &p, 40).code, LB_OK);
  }
  assert_int_equal(lb_animation_save(&a, path).code, LB_OK);
  assert_int_equal(check_file(), FRAMES);
  lb_animation_free(&a);
  lb_picture_free(&p);
}

static void what_does_not_change_takes_no_room(void** state) {
  (void)state;
  lb_picture p;
  lb_animation a = {0};
  assert_int_equal(lb_picture_new(&p, WIDTH, HEIGHT).code, LB_OK);
  paint(&p, 0);
  assert_int_equal(lb_animation_add(&a, &p, 40).code, LB_OK);
  size_t first = a.chunks.length;
  assert_int_equal(lb_animation_add(&a, &p, 40).code, LB_OK);
  assert_true(a.chunks.length - first < 100);
  lb_animation_free(&a);
  lb_picture_free(&p);
}

static void a_picture_that_cannot_be_written_says_so(void** state) {
  (void)state;
  lb_picture p;
  char nowhere[120];
  snprintf(nowhere, sizeof nowhere, "%s/none/a.png", folder);
  assert_int_equal(lb_picture_new(&p, 2, 2).code, LB_OK);
  lb_status status = lb_picture_save(&p, nowhere);
  assert_int_not_equal(status.code, LB_OK);
  assert_non_null(strstr(status.text, "a.png"));
  lb_picture_free(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_picture_comes_back),
      cmocka_unit_test(an_animation_comes_back),
      cmocka_unit_test(what_does_not_change_takes_no_room),
      cmocka_unit_test(a_picture_that_cannot_be_written_says_so),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
