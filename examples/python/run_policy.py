"""run_policy.py POLICY.safetensors ENVIRONMENT [EPISODES]: a policy of ours in Gymnasium proper."""
import sys

import gymnasium

from policy import Policy

policy = Policy(sys.argv[1])
env = gymnasium.make(sys.argv[2])
for episode in range(int(sys.argv[3]) if len(sys.argv) > 3 else 3):
    observation, _ = env.reset(seed=episode)
    total, steps, over = 0.0, 0, False
    while not over:
        action = policy(observation, env.action_space.low, env.action_space.high)
        observation, reward, terminated, truncated, _ = env.step(action)
        total, steps, over = total + float(reward), steps + 1, terminated or truncated
    print(steps, "steps, return", total)
