// What a control-theoretic planner minimises: sum_{t<H} stage(t, x_t, u_t) + terminal(x_H). Derivatives are taken in
// the tangent space at x (core/space.h); Hessians may be Gauss-Newton.
#ifndef LB_CORE_COST_H_
#define LB_CORE_COST_H_

typedef struct lb_cost {
  int ndx, nu;
  void* ctx;
  double (*stage)(void* ctx, int t, const double* x, const double* u);
  double (*terminal)(void* ctx, int t, const double* x);
  // lx (ndx), lu (nu), lxx (ndx, ndx), luu (nu, nu), lux (nu, ndx), all overwritten.
  void (*stage_derivatives)(void* ctx, int t, const double* x, const double* u, double* lx, double* lu, double* lxx,
                            double* luu, double* lux);
  void (*terminal_derivatives)(void* ctx, int t, const double* x, double* lx, double* lxx);
} lb_cost;

#endif  // LB_CORE_COST_H_
