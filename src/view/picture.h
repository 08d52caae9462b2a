// Pictures of 8-bit RGB: PNG files, animated PNG files (APNG, which browsers and code hosts play), and MP4 through the
// program ffmpeg. Of libraries, zlib is enough.
#ifndef LB_VIEW_PICTURE_H_
#define LB_VIEW_PICTURE_H_

#include <stdbool.h>
#include <sys/types.h>

#include "base/status.h"
#include "base/text.h"

typedef struct lb_picture {
  int width, height;
  unsigned char* rgb;  // (height, width, 3), the top row first; owned
} lb_picture;

// A black one; LB_MEMORY.
lb_status lb_picture_new(lb_picture* picture, int width, int height);
void lb_picture_free(lb_picture* picture);

// Copies `from` to where its top left corner is at (x, y); it must fit.
void lb_picture_paste(lb_picture* to, int x, int y, const lb_picture* from);

lb_status lb_picture_save(const lb_picture* picture, const char* path);

// Pictures of one size, shown one after the other; kept compressed in memory until they are saved. Of each but the
// first, what differs from the one before.
typedef struct lb_animation {
  lb_text chunks;
  lb_picture last;
  int frames, sequence;
} lb_animation;

// Shown for `milliseconds`.
lb_status lb_animation_add(lb_animation* animation, const lb_picture* picture, int milliseconds);
// Repeats for ever. There must be a picture.
lb_status lb_animation_save(const lb_animation* animation, const char* path);
void lb_animation_free(lb_animation* animation);

// A pipe to ffmpeg, which writes the file.
typedef struct lb_video {
  pid_t pid;
  int pipe;  // -1: not open
  char path[1200];
} lb_video;

// `rate` pictures a second. LB_INPUT with what to install where there is no ffmpeg. Even width and height.
lb_status lb_video_begin(lb_video* video, const char* path, int width, int height, double rate);
lb_status lb_video_add(lb_video* video, const lb_picture* picture);
// LB_IO when ffmpeg fails. Harmless without begin.
lb_status lb_video_end(lb_video* video);

#endif  // LB_VIEW_PICTURE_H_
