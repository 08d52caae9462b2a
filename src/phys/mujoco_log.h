// MuJoCo's messages, routed into ours. A warning becomes a line of base/log.h; an error raised inside a call that
// phys guards becomes that call's failure instead of the end of the process.
#ifndef LB_PHYS_MUJOCO_LOG_H_
#define LB_PHYS_MUJOCO_LOG_H_

// Receives every warning of MuJoCo as one line. Called on the thread that raised it; must not call MuJoCo.
typedef void (*lb_phys_listener)(void* ctx, const char* text);

// Routes MuJoCo's messages. Whoever loads a model has called this already; calling again does no harm.
void lb_phys_log_install(void);

// Hands warnings to `listener` from now on; NULL: to lb_log_warning again, but for those of a diverging simulation,
// which its caller learns from the step itself. For the whole process; tests use it to fail on any warning.
void lb_phys_log_listen(lb_phys_listener listener, void* ctx);

#endif  // LB_PHYS_MUJOCO_LOG_H_
