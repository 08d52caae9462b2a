// The parts of lb_task_card (task.h): all that defines a task, as text or as JSON. For the card's files alone.
#ifndef LB_TASK_CARD_H_
#define LB_TASK_CARD_H_

#include "base/text.h"
#include "core/system.h"
#include "task/spec.h"

enum { LB_CARD_READS = 500 };  // random steps that live reads are measured over

// Where an episode begins before anything is drawn.
const char* lb_card_start(const lb_task_spec* spec);

// spec is NULL for a system that is no MuJoCo task.
void lb_card_add_text(lb_text* out, const lb_system* system, const lb_task_spec* spec);
void lb_card_add_json(lb_text* out, const lb_system* system, const lb_task_spec* spec);

#endif  // LB_TASK_CARD_H_
