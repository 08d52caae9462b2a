#include "algo/environment.h"

#include <gnu/libc-version.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "lb_version.h"
#include "linalg/blas_version.h"
#include "phys/mujoco_version.h"

#ifdef __clang__
static const char compiler[] = __VERSION__;
#else
static const char compiler[] = "gcc " __VERSION__;
#endif

void lb_environment_write_versions(lb_json_writer* w, const char* key) {
  lb_json_write_begin_object(w, key);
  lb_json_write_string(w, "lazybench", LB_VERSION);
  lb_json_write_string(w, "commit", LB_COMMIT);
  lb_json_write_string(w, "mujoco", lb_phys_version());
  lb_json_write_string(w, "openblas", lb_linalg_version());
  lb_json_write_string(w, "compiler", compiler);
  lb_json_write_end_object(w);
}

// The processor's name as the kernel gives it; "unknown" elsewhere than on Linux.
static void cpu_name(char* out, size_t size) {
  snprintf(out, size, "unknown");
  FILE* file = fopen("/proc/cpuinfo", "r");
  if (!file) return;
  char line[300];
  while (fgets(line, sizeof line, file)) {
    char* colon = strchr(line, ':');
    if (strncmp(line, "model name", 10) != 0 || !colon) continue;
    snprintf(out, size, "%s", colon + 2);
    out[strcspn(out, "\n")] = '\0';
    break;
  }
  fclose(file);
}

// The widest vectors for which the program was built.
static const char* instruction_set(void) {
#if defined(__AVX512F__)
  return "AVX-512";
#elif defined(__AVX2__)
  return "AVX2";
#elif defined(__aarch64__)
  return "ARMv8";
#else
  return "baseline";
#endif
}

void lb_environment_write_machine(lb_json_writer* w, const char* key) {
  char cpu[200];
  cpu_name(cpu, sizeof cpu);
  cpu_set_t set;
  int cores = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 0;
  lb_json_write_begin_object(w, key);
  lb_json_write_string(w, "cpu", cpu);
  lb_json_write_int(w, "cores", cores);
  lb_json_write_string(w, "isa", instruction_set());
  lb_json_write_end_object(w);
}

const char* lb_environment_numerics(void) {
  return LB_NUMERICS;
}

void lb_environment_write_program(lb_json_writer* w, const char* key) {
  lb_json_write_begin_object(w, key);
  lb_json_write_string(w, "numerics", LB_NUMERICS);
  lb_json_write_string(w, "mujoco", lb_phys_version());
  lb_json_write_end_object(w);
}

void lb_environment_write_arithmetic(lb_json_writer* w, const char* key) {
  char blas[64] = "", version[32] = "";
  if (sscanf(lb_linalg_version(), "%31s %31s", blas, version) == 2) {
    size_t used = strlen(blas);
    snprintf(blas + used, sizeof blas - used, " %s", version);
  }
  lb_json_write_begin_object(w, key);
  lb_json_write_string(w, "isa", instruction_set());
  lb_json_write_string(w, "kernel", lb_linalg_kernel());
  lb_json_write_string(w, "blas", blas);
  lb_json_write_string(w, "compiler", compiler);
  lb_json_write_string(w, "build", LB_BUILD);
  lb_json_write_string(w, "libc", gnu_get_libc_version());
  lb_json_write_end_object(w);
}
