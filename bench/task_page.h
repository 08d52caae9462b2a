// The grammar of task.json (task/grammar.h) for people and for editors.
#ifndef LB_BENCH_TASK_PAGE_H_
#define LB_BENCH_TASK_PAGE_H_

// docs/task-reference.md on stdout.
void lb_task_page(void);

// A JSON Schema (draft 2020-12) of task.json on stdout. Whatever the program takes, it takes too; names that only the
// model has are not checked by it.
void lb_task_schema(void);

#endif  // LB_BENCH_TASK_PAGE_H_
