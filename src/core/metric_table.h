// The table of metrics: see metrics.h, whose enum and whose texts are made of it. A line is
//   LB_METRIC(ID, name in files, unit, title, section, which way is better, flags, meaning)
// and LB_METRIC_WITH_SE adds NAME_se, its standard error over the episodes of an evaluation. Meanings are Markdown.
#ifdef LB_METRIC
// clang-format off

// How good the policy is
LB_METRIC_WITH_SE(RETURN, "return", "return", "Return", QUALITY, HIGHER, LB_METRIC_WORST | LB_METRIC_SIGNED,
          "mean over the evaluation episodes of the sum of rewards, of the mean action")
LB_METRIC(RETURN_MEDIAN, "return_median", "return", "Median return over episodes", QUALITY, HIGHER,
          LB_METRIC_WORST | LB_METRIC_SIGNED, "median over the same episodes")
LB_METRIC(RETURN_BEST, "return_best", "return", "Best evaluation so far", QUALITY, HIGHER, LB_METRIC_SIGNED,
          "the highest `return` so far; chosen on the episodes that it reports, so too high")
LB_METRIC(BEST_ITERATION, "best_iteration", "iteration", "Iteration of the best evaluation", QUALITY, NEITHER,
          LB_METRIC_WHOLE, "where that was")
LB_METRIC_WITH_SE(RETURN_AVERAGE, "return_average", "return", "Return of the averaged actor", QUALITY, HIGHER,
          LB_METRIC_SIGNED, "the return of the average of the actor over its updates (`actor_average`)")
LB_METRIC(RETURN_NORMALISED, "return_normalised", "", "Normalised return", QUALITY, HIGHER,
          LB_METRIC_WORST | LB_METRIC_SIGNED | LB_METRIC_DERIVED,
          "by the report: 0 is the mean return of the suite's start row (random), 1 that of its reference (expert)")
LB_METRIC(LEARNER_RETURN, "learner_return", "return", "Return of the learner's own episodes", QUALITY, HIGHER,
          LB_METRIC_SIGNED,
          "mean over the learner's own episodes, noise included, that ended since the last evaluation")
LB_METRIC_WITH_SE(SURVIVAL, "survival_steps", "steps", "Survival in steps", QUALITY, HIGHER, 0,
          "how long the evaluation episodes lasted, of tasks that may end one")
LB_METRIC_WITH_SE(COST, "cost", "cost", "Cost", QUALITY, LOWER, LB_METRIC_WORST,
          "mean over the evaluation rollouts of the sum of stage costs and the terminal cost")
LB_METRIC(COST_MEDIAN, "cost_median", "cost", "Median cost over rollouts", QUALITY, LOWER, LB_METRIC_WORST,
          "median over the same rollouts")
LB_METRIC(ROLLOUTS_DIVERGED, "rollouts_diverged", "rollouts", "Diverged evaluation rollouts", QUALITY, LOWER,
          LB_METRIC_WHOLE, "evaluation rollouts that left the finite numbers; `return` or `cost` is then null")

// What it took
LB_METRIC(STEPS_LEARNER, "steps_learner", "real steps", "Learner steps", PRICE, LOWER,
          LB_METRIC_CUMULATIVE | LB_METRIC_WHOLE, "of the learner's policy")
LB_METRIC(STEPS_EXPLORATION, "steps_exploration", "real steps", "Exploration steps", PRICE, LOWER,
          LB_METRIC_CUMULATIVE | LB_METRIC_WHOLE, "of random actions before it learns")
LB_METRIC(STEPS_EXPERT, "steps_expert", "real steps", "Demonstrated steps", PRICE, LOWER,
          LB_METRIC_CUMULATIVE | LB_METRIC_WHOLE, "demonstrated, as far as the run may use them")
LB_METRIC(STEPS_EVALUATION, "steps_evaluation", "real steps", "Evaluation steps", PRICE, NEITHER,
          LB_METRIC_CUMULATIVE | LB_METRIC_WHOLE, "of evaluations; nothing is learned from them")
LB_METRIC(SAMPLES, "samples", "real steps", "Real samples", PRICE, LOWER,
          LB_METRIC_CUMULATIVE | LB_METRIC_WHOLE | LB_METRIC_DERIVED,
          "by the report: expert's, learner's and exploration steps")
LB_METRIC(SAMPLES_LEARNER, "samples_learner", "real steps", "Learner samples", PRICE, LOWER,
          LB_METRIC_CUMULATIVE | LB_METRIC_WHOLE | LB_METRIC_DERIVED,
          "by the report: learner's and exploration steps")
LB_METRIC(EPISODES, "episodes", "episodes", "Learner episodes", PRICE, NEITHER,
          LB_METRIC_CUMULATIVE | LB_METRIC_WHOLE, "of the learner that have ended")
LB_METRIC(LEARNER_STEPS, "learner_steps", "real steps", "Learner steps of the iteration", PRICE, NEITHER,
          LB_METRIC_WHOLE, "of the learner in this iteration")
LB_METRIC(INTERACTIONS, "interactions", "samples", "Interactions as published", PRICE, LOWER,
          LB_METRIC_CUMULATIVE | LB_METRIC_WHOLE, "in the data set, counted as the published experiment counts")
LB_METRIC(SAMPLES_EXPERT, "samples_expert", "samples", "Samples from the expert", PRICE, NEITHER,
          LB_METRIC_CUMULATIVE | LB_METRIC_WHOLE, "of these, from the expert")
LB_METRIC(DEMONSTRATIONS, "demonstrations", "episodes", "Demonstrations", PRICE, NEITHER, LB_METRIC_WHOLE, "cloned")
LB_METRIC(GRADIENT_UPDATES, "gradient_updates", "updates", "Gradient updates", PRICE, LOWER,
          LB_METRIC_CUMULATIVE | LB_METRIC_WHOLE, "of the policy")
LB_METRIC(MODEL_UPDATES, "model_updates", "updates", "Model updates", PRICE, LOWER,
          LB_METRIC_CUMULATIVE | LB_METRIC_WHOLE, "of the model's networks")
LB_METRIC(FITS, "fits", "fits", "Fits of the model", PRICE, NEITHER, LB_METRIC_CUMULATIVE | LB_METRIC_WHOLE,
          "of the model")
LB_METRIC(MODEL_QUERIES, "model_queries", "steps", "Model queries", PRICE, LOWER,
          LB_METRIC_CUMULATIVE | LB_METRIC_WHOLE,
          "taken in the learned model for learning or planning, measurements apart")
LB_METRIC(PLANNER_CALLS, "planner_calls", "plans", "Plans made", PRICE, LOWER,
          LB_METRIC_CUMULATIVE | LB_METRIC_WHOLE,
          "of rows that plan at every step: when the learner acts; of rows that plan lazily: one a fit")
LB_METRIC(PLANNER_CALLS_EVALUATION, "planner_calls_evaluation", "plans", "Plans made in evaluations", PRICE,
          LOWER, LB_METRIC_CUMULATIVE | LB_METRIC_WHOLE,
          "of rows that plan at every step: when the policy is measured; of rows that plan lazily: none")
LB_METRIC(LQR_PASSES, "lqr_passes", "passes", "LQR passes", PRICE, LOWER, LB_METRIC_CUMULATIVE | LB_METRIC_WHOLE,
          "backward passes over a horizon, or about a demonstration")
LB_METRIC(LQR_PASSES_EVALUATION, "lqr_passes_evaluation", "passes", "LQR passes in evaluations", PRICE, LOWER,
          LB_METRIC_CUMULATIVE | LB_METRIC_WHOLE, "the same when the policy is measured")
LB_METRIC(MODEL_QUERIES_EVALUATION, "model_queries_evaluation", "steps", "Model queries in evaluations", PRICE,
          NEITHER, LB_METRIC_CUMULATIVE | LB_METRIC_WHOLE, "in the model for plans when the policy is measured")
LB_METRIC(PLANNED, "planned", "", "Planned", PRICE, NEITHER, LB_METRIC_TEXT, "whether this iteration planned")
LB_METRIC(PLANNER_ITERATIONS, "planner_iterations", "iterations", "Iterations of the last plan", PRICE,
          NEITHER, LB_METRIC_WHOLE, "of the last plan")
LB_METRIC(PLANNER_STOP, "planner_stop", "", "Why the last plan ended", PRICE, NEITHER, LB_METRIC_TEXT,
          "why the last plan ended")
LB_METRIC(CPU, "cpu", "CPU s", "CPU seconds", PRICE, LOWER, LB_METRIC_CUMULATIVE,
          "of all phases below, `files` apart")
LB_METRIC(COLLECT, "collect", "CPU s", "CPU seconds collecting", PRICE, LOWER, LB_METRIC_CUMULATIVE, "real steps")
LB_METRIC(FIT, "fit", "CPU s", "CPU seconds fitting", PRICE, LOWER, LB_METRIC_CUMULATIVE,
          "fits and rollouts in the model")
LB_METRIC(PLAN, "plan", "CPU s", "CPU seconds planning", PRICE, LOWER, LB_METRIC_CUMULATIVE,
          "updates of the policy, or plans")
LB_METRIC(EVALUATE, "evaluate", "CPU s", "CPU seconds evaluating", PRICE, LOWER, LB_METRIC_CUMULATIVE, "evaluations")
LB_METRIC(CLONE, "clone", "CPU s", "CPU seconds cloning", PRICE, LOWER, LB_METRIC_CUMULATIVE,
          "the clone that a learner begins as")
LB_METRIC(COLLECT_STEPS, "collect_steps", "CPU s", "CPU seconds of the simulator", PRICE, LOWER,
          LB_METRIC_CUMULATIVE, "part of `collect`: the simulator")
LB_METRIC(FIT_ROLLOUTS, "fit_rollouts", "CPU s", "CPU seconds of rollouts in the model", PRICE, LOWER,
          LB_METRIC_CUMULATIVE, "part of `fit`: rollouts in the model")
LB_METRIC(EVALUATE_TERMS, "evaluate_terms", "CPU s", "CPU seconds of errors and terms", PRICE, LOWER,
          LB_METRIC_CUMULATIVE, "part of `evaluate`: the model's errors and the terms of the lemmas")
LB_METRIC(FILES, "files", "CPU s", "CPU seconds writing files", PRICE, LOWER, LB_METRIC_CUMULATIVE,
          "writing logs, policies and checkpoints")
LB_METRIC(CPU_LEARNING, "cpu_learning", "CPU s", "CPU seconds of learning", PRICE, LOWER,
          LB_METRIC_CUMULATIVE | LB_METRIC_DERIVED, "by the report: `clone`, `collect`, `fit` and `plan`")
LB_METRIC(PEAK_MEMORY, "peak_memory", "MB", "Peak memory in MB", PRICE, LOWER,
          LB_METRIC_CUMULATIVE | LB_METRIC_WHOLE,
          "the most main memory that the process which wrote the line has held")

// The model
LB_METRIC(MODEL_ERROR_EXPERT, "model_error_expert", "squared state", "Model error on expert states", MODEL, LOWER, 0,
          "rows with a cost: mean squared one-step error on the expert's states")
LB_METRIC(MODEL_ERROR_LEARNER, "model_error_learner", "squared state", "Model error on learner states", MODEL,
          LOWER, 0, "the same on the learner's states")
LB_METRIC(VALUE_ERROR_EXPERT, "value_error_expert", "cost", "Value error on expert states", MODEL, LOWER, 0,
          "rows with a cost: mean absolute difference of the value of the predicted and of the real next state, on the "
          "expert's states")
LB_METRIC(VALUE_ERROR_LEARNER, "value_error_learner", "cost", "Value error on learner states", MODEL, LOWER, 0,
          "the same on the learner's states")
LB_METRIC_WITH_SE(MODEL_ERROR_EXPERT_1, "model_error_expert_1", "standard deviations",
          "1-step model error on expert states", MODEL, LOWER, 0,
          "error of the ensemble's mean prediction after one step with the same actions, on demonstrations")
LB_METRIC_WITH_SE(MODEL_ERROR_EXPERT_5, "model_error_expert_5", "standard deviations",
          "5-step model error on expert states", MODEL, LOWER, 0,
          "error of the ensemble's mean prediction after 5 steps with the same actions, on demonstrations")
LB_METRIC_WITH_SE(MODEL_ERROR_EXPERT_20, "model_error_expert_20", "standard deviations",
          "20-step model error on expert states", MODEL, LOWER, 0,
          "error of the ensemble's mean prediction after 20 steps with the same actions, on demonstrations")
LB_METRIC_WITH_SE(MODEL_ERROR_LEARNER_1, "model_error_learner_1", "standard deviations",
          "1-step model error on learner states", MODEL, LOWER, 0,
          "the same after one step, on the episodes of this evaluation")
LB_METRIC_WITH_SE(MODEL_ERROR_LEARNER_5, "model_error_learner_5", "standard deviations",
          "5-step model error on learner states", MODEL, LOWER, 0,
          "the same after 5 steps, on the episodes of this evaluation")
LB_METRIC_WITH_SE(MODEL_ERROR_LEARNER_20, "model_error_learner_20", "standard deviations",
          "20-step model error on learner states", MODEL, LOWER, 0,
          "the same after 20 steps, on the episodes of this evaluation")
LB_METRIC(EXPERT_MEASURED_UNSEEN, "expert_measured_unseen", "", "Expert measured unseen", MODEL, NEITHER,
          LB_METRIC_TEXT, "whether the demonstrations that the model is measured on are none that it is fitted to")
LB_METRIC(FIT_LOSS, "fit_loss", "loss", "Loss of the fit", MODEL, LOWER, 0,
          "of the last fit, of cloning that on its training part")
LB_METRIC(FIT_EVALUATIONS, "fit_evaluations", "evaluations", "Evaluations of the loss", MODEL, NEITHER,
          LB_METRIC_WHOLE, "of the loss, in the last fit")
LB_METRIC(FIT_RANK, "fit_rank", "", "Rank of the fit", MODEL, NEITHER, LB_METRIC_WHOLE, "of the last fit")
LB_METRIC(FIT_PARAMETERS, "fit_parameters", "parameters", "Parameters of the fit", MODEL, NEITHER, LB_METRIC_WHOLE,
          "of the last fit")
LB_METRIC(FIT_STOP, "fit_stop", "", "Why the fit ended", MODEL, NEITHER, LB_METRIC_TEXT, "why the last fit ended")
LB_METRIC(FIT_EPOCHS, "fit_epochs", "epochs", "Epochs of cloning", MODEL, NEITHER, LB_METRIC_WHOLE, "of cloning")
LB_METRIC(FIT_BEST_EPOCH, "fit_best_epoch", "epoch", "Epoch kept", MODEL, NEITHER, LB_METRIC_WHOLE,
          "of cloning: the one that was kept")
LB_METRIC(HOLDOUT_LOSS, "holdout_loss", "loss", "Loss on held-out data", MODEL, LOWER, 0,
          "of cloning: that epoch's loss on held-out data")
LB_METRIC(HOLDOUT_OF_EPISODES, "holdout_of_episodes", "", "Held-out episodes", MODEL, NEITHER, LB_METRIC_TEXT,
          "of cloning: whether these are whole episodes")
LB_METRIC(COST_IN_MODEL, "cost_in_model", "cost", "Cost in the learned model", MODEL, LOWER, 0,
          "of the policy in the learned model, without noise")
LB_METRIC(EXPERT_COST_IN_MODEL, "expert_cost_in_model", "cost", "Expert's cost in the learned model", MODEL,
          NEITHER, 0, "of the expert in the learned model, without noise")

// Why
LB_METRIC_WITH_SE(LEMMA_LEFT, "lemma_left", "return", "Left side of the lemma", WHY, LOWER, LB_METRIC_SIGNED,
          "what the terms add up to: the expert's return less the learner's, of a row without demonstrations the "
          "critic's value of first states less the return")
LB_METRIC_WITH_SE(VALUE_GAP_EXPERT, "value_disagreement_expert", "return",
          "Value disagreement on expert states", WHY, ZERO, LB_METRIC_SIGNED,
          "how much better the real next states are than the model's, by the critic, along the expert")
LB_METRIC_WITH_SE(VALUE_GAP_LEARNER, "value_disagreement_learner", "return",
          "Value disagreement on learner states", WHY, ZERO, LB_METRIC_SIGNED, "how much worse, along the learner")
LB_METRIC_WITH_SE(REWARD_GAP_EXPERT, "reward_disagreement_expert", "return",
          "Reward disagreement on expert states", WHY, ZERO, LB_METRIC_SIGNED,
          "how much higher the real rewards are than the model's, along the expert")
LB_METRIC_WITH_SE(REWARD_GAP_LEARNER, "reward_disagreement_learner", "return",
          "Reward disagreement on learner states", WHY, ZERO, LB_METRIC_SIGNED, "how much lower, along the learner")
LB_METRIC_WITH_SE(ADVANTAGE, "advantage", "return", "Expert's advantage in the model", WHY, LOWER, LB_METRIC_SIGNED,
          "of the expert's actions over the policy's in the model, by the critic")
LB_METRIC_WITH_SE(ADVANTAGE_LEARNER, "advantage_learner", "return", "Learner's advantage in the model", WHY,
          ZERO, LB_METRIC_SIGNED, "what the critic is off as the policy's value in the model, along the learner")
LB_METRIC_WITH_SE(LEMMA_RESIDUAL, "lemma_residual", "return", "Residual of the lemma", WHY, ZERO, LB_METRIC_SIGNED,
          "left side less the six terms: 0 but for chance, else these numbers are wrong")
LB_METRIC_WITH_SE(WHOLE_LEFT, "undiscounted_lemma_left", "return", "Left side of the lemma, undiscounted", WHY,
          LOWER, LB_METRIC_SIGNED, "the same, undiscounted")
LB_METRIC_WITH_SE(WHOLE_VALUE_GAP_EXPERT, "undiscounted_value_disagreement_expert", "return",
          "Value disagreement on expert states, undiscounted", WHY, ZERO, LB_METRIC_SIGNED, "the same, undiscounted")
LB_METRIC_WITH_SE(WHOLE_VALUE_GAP_LEARNER, "undiscounted_value_disagreement_learner", "return",
          "Value disagreement on learner states, undiscounted", WHY, ZERO, LB_METRIC_SIGNED, "the same, undiscounted")
LB_METRIC_WITH_SE(WHOLE_REWARD_GAP_EXPERT, "undiscounted_reward_disagreement_expert", "return",
          "Reward disagreement on expert states, undiscounted", WHY, ZERO, LB_METRIC_SIGNED, "the same, undiscounted")
LB_METRIC_WITH_SE(WHOLE_REWARD_GAP_LEARNER, "undiscounted_reward_disagreement_learner", "return",
          "Reward disagreement on learner states, undiscounted", WHY, ZERO, LB_METRIC_SIGNED,
          "the same, undiscounted")
LB_METRIC_WITH_SE(WHOLE_ADVANTAGE, "undiscounted_advantage", "return",
          "Expert's advantage in the model, undiscounted", WHY, LOWER, LB_METRIC_SIGNED, "the same, undiscounted")
LB_METRIC_WITH_SE(WHOLE_ADVANTAGE_LEARNER, "undiscounted_advantage_learner", "return",
          "Learner's advantage in the model, undiscounted", WHY, ZERO, LB_METRIC_SIGNED, "the same, undiscounted")
LB_METRIC_WITH_SE(WHOLE_RESIDUAL, "undiscounted_lemma_residual", "return",
          "Residual of the lemma, undiscounted", WHY, ZERO, LB_METRIC_SIGNED, "the same, undiscounted")
LB_METRIC_WITH_SE(PLANNING_ERROR, "planning_error", "return, cost", "Planning error", WHY, LOWER, LB_METRIC_SIGNED,
          "the expert's return less the policy's in the model; of rows with a cost the policy's cost less the expert's "
          "in it")
LB_METRIC(PLANNING_HORIZON, "planning_horizon", "steps", "Horizon of the planning error", WHY, NEITHER,
          LB_METRIC_WHOLE, "over which the former was rolled out")

// The actor-critic
LB_METRIC(CRITIC_LOSS, "critic_loss", "squared return", "Critic loss", LEARNER, NEITHER, 0,
          "squared temporal difference")
LB_METRIC(ACTOR_LOSS, "actor_loss", "return", "Actor loss", LEARNER, NEITHER, LB_METRIC_SIGNED,
          "what the actor descends")
LB_METRIC(CRITIC_VALUE, "critic_value", "return", "Critic value", LEARNER, NEITHER, LB_METRIC_SIGNED,
          "the critics' value of the actor's actions")
LB_METRIC(ENTROPY, "entropy", "nats", "Entropy", LEARNER, NEITHER, LB_METRIC_SIGNED, "of the actor's actions")
LB_METRIC(TEMPERATURE, "temperature", "", "Temperature", LEARNER, NEITHER, 0, "the weight of the entropy")

// Small worlds
LB_METRIC(BACKUPS, "backups", "backups", "Backups", PRICE, LOWER, LB_METRIC_CUMULATIVE | LB_METRIC_WHOLE,
          "of a state and an action, by dynamic programming; of PSDP along a trajectory, steps of the model")
LB_METRIC(NODES, "nodes", "nodes", "Nodes searched", PRICE, LOWER, LB_METRIC_CUMULATIVE | LB_METRIC_WHOLE,
          "states that a tree search looked at")
LB_METRIC(PLANNING_WORK, "planning_work", "nodes and backups", "Planning work", PRICE, LOWER,
          LB_METRIC_CUMULATIVE | LB_METRIC_WHOLE, "`nodes` and `backups`")
LB_METRIC(PLANNING_WORK_EACH, "planning_work_each", "nodes and backups", "Planning work of a plan", PRICE, LOWER, 0,
          "`planning_work` over `plans`")
LB_METRIC(PLANS, "plans", "plans", "Plans", PRICE, LOWER, LB_METRIC_CUMULATIVE | LB_METRIC_WHOLE,
          "made: once, and whenever what was seen changed the model")
LB_METRIC(PORTALS_OPEN, "portals_open", "portals", "Portals still in the model", MODEL, NEITHER, LB_METRIC_WHOLE,
          "promises of the model that nobody has looked at yet")
LB_METRIC(ROUNDS_TO_EXPERT, "rounds_to_expert", "iterations", "Iterations until as good as the expert", PRICE, LOWER,
          LB_METRIC_WHOLE, "the first iteration after which the return was the expert's or better")
LB_METRIC(RETURN_IN_MODEL, "return_in_model", "return", "Return in the learned model", MODEL, NEITHER,
          LB_METRIC_SIGNED, "of the policy in the learned model, exactly")
LB_METRIC(EXPERT_RETURN_IN_MODEL, "expert_return_in_model", "return", "Expert's return in the learned model", MODEL,
          NEITHER, LB_METRIC_SIGNED, "of the expert in the learned model, exactly")
LB_METRIC(MODEL_MISS, "model_miss", "", "Prediction error", MODEL, LOWER, 0,
          "how often one draw of the model is another state than the next one, over all data so far")
LB_METRIC(VALUE_MISS, "value_miss", "return", "Value error", MODEL, LOWER, 0,
          "how far one draw of the model is from the next state in value, over all data so far")
LB_METRIC(CLASS_WEIGHT, "class_weight", "", "Weight of the model that predicts better", MODEL, NEITHER, 0,
          "among the class's models, by Hedge: the wide tree's bad model, the twins' model A")
LB_METRIC(VALUE_ERROR, "value_error", "return", "Value error", MODEL, LOWER, 0,
          "the largest difference of the optimal action values of model and real system")
LB_METRIC(SUBOPTIMALITY, "suboptimality", "return", "Loss of the plan", QUALITY, LOWER, 0,
          "of the model's optimal policy in the real system, against the optimum")
LB_METRIC(SAMPLES_EACH, "samples_each", "samples", "Samples of each state and action", PRICE, NEITHER,
          LB_METRIC_WHOLE, "drawn from a generative model")
LB_METRIC(EFFECTIVE_HORIZON, "effective_horizon", "steps", "Effective horizon", PRICE, NEITHER, 0, "1 / (1 - discount)")
LB_METRIC(EXPONENT, "exponent", "", "Exponent of the value error", MODEL, NEITHER, LB_METRIC_SIGNED,
          "least squares slope of log `value_error` against the log of what the row varies, over its iterations so far")
LB_METRIC(EXPONENT_LOSS, "exponent_loss", "", "Exponent of the loss", QUALITY, NEITHER, LB_METRIC_SIGNED,
          "the same of `suboptimality`, where it is not 0")
LB_METRIC(PARAMETER_NORM, "parameter_norm", "", "Norm of the parameters", MODEL, NEITHER, 0, "of the linear model")
LB_METRIC(LARGEST_GAIN, "largest_gain", "", "Largest gain", QUALITY, NEITHER, 0, "of the linear policy")
LB_METRIC(GAIN_DIFFERENCE, "gain_difference", "", "Difference of gains", QUALITY, LOWER, 0,
          "largest difference from the gains of one LQR pass about the expert's states, over the largest of these")
LB_METRIC(LEMMA_WORST, "lemma_worst", "return", "Largest residual of the lemmas", WHY, LOWER, 0,
          "the largest difference so far of a lemma's left side and its terms, both lemmas, all MDPs")
LB_METRIC(BOUNDS_EXCEEDED, "bounds_exceeded", "MDPs", "Bounds exceeded", WHY, LOWER, LB_METRIC_WHOLE,
          "MDPs so far in which one of the lemmas' bounds was exceeded")
LB_METRIC(LEMMA_BOUND, "lemma_bound", "return", "Bound of lemma 2", WHY, NEITHER, LB_METRIC_SIGNED,
          "the advantage, and what distances of probabilities leave for the rest")

// clang-format on
#endif  // LB_METRIC
