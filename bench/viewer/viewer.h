// bench-view: the program that draws. Its commands are `bench render` and `bench view`; `bench` itself links no OpenGL
// and becomes this program for them (bench/command_view.c).
#ifndef LB_BENCH_VIEWER_H_
#define LB_BENCH_VIEWER_H_

#include "actors.h"
#include "base/status.h"
#include "core/system.h"
#include "data/demos.h"
#include "view/ghost.h"
#include "view/play.h"

// One who acts, in a system of his own.
typedef struct lb_performer {
  char title[80];
  lb_system* system;
  lb_open_policy* policy;  // NULL: recorded
  lb_demos* demos;         // NULL: acting
  lb_play* play;
  // What a model imagines beside it (view/ghost.h); NULL: none.
  lb_ghost* ghost;
  lb_open_policy* learned;  // the model,
  lb_system* imagined;      // and a system of the ghost's own
  char run[LB_BENCH_PATH];  // of which run; "": who acts comes from none
  bool is_older;            // its policy is of the run's way or its best: older than the model that the run has
} lb_performer;

// Opens the task and who acts in it. `words` must have been checked; --expert is the recording of the expert, unless
// `live`. With nothing asked for, controls of zero.
lb_status lb_performer_open(lb_performer* performer, const lb_actor_words* words, bool live, const char* root,
                            const char* task, uint64_t seed);
void lb_performer_close(lb_performer* performer);

// The model that the performer's run has learned imagines beside it. LB_INPUT where there is none.
lb_status lb_performer_imagine(lb_performer* performer, const char* root);

// Another policy acts from the next beginning of an episode on; on failure the former one goes on.
lb_status lb_performer_replace(lb_performer* performer, const lb_actor_words* words, const char* root, uint64_t seed);

// What one word of --compare names: "expert", "random", "zero", a run's folder, a policy's file.
lb_actor_words lb_performer_words(const char* word);

#endif  // LB_BENCH_VIEWER_H_
