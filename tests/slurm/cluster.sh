# shellcheck shell=bash
# A Slurm of one's own for tests: munged, slurmctld and two nodes, "one" and "two", on this machine, as this user, all
# below one folder. Sourced. Nothing of it touches a Slurm that the machine may belong to.

# start_cluster FOLDER [CORES-OF-A-NODE]
start_cluster() {
  cluster=$1
  local cores=${2:-1} host port user
  host=$(hostname -s)
  user=$(id -un)
  port=$((20000 + $$ % 20000))
  mkdir -p "$cluster/state" "$cluster/munge"
  chmod 755 "$cluster" "$cluster/munge"
  head -c 1024 /dev/urandom >"$cluster/munge/key"
  chmod 600 "$cluster/munge/key"
  # Its folder is a temporary one, which --force lets pass.
  munged --force --key-file="$cluster/munge/key" --socket="$cluster/munge/socket" --pid-file="$cluster/munge/pid" \
    --log-file="$cluster/munge/log" --seed-file="$cluster/munge/seed" --num-threads=2 2>"$cluster/munge/err" ||
    return 1
  cat >"$cluster/slurm.conf" <<CONF
ClusterName=lazybench
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
# A job that is requeued waits until its old credential has expired: 120 s, unless it is told otherwise.
AuthInfo=socket=$cluster/munge/socket,cred_expire=5
CredType=cred/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SwitchType=switch/none
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,bf_interval=1,sched_interval=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
ReturnToService=2
SlurmdTimeout=10
KillWait=5
MinJobAge=3600
SlurmctldPidFile=$cluster/slurmctld.pid
SlurmdPidFile=$cluster/slurmd.%n.pid
SlurmdSpoolDir=$cluster/spool.%n
StateSaveLocation=$cluster/state
SlurmctldLogFile=$cluster/slurmctld.log
SlurmdLogFile=$cluster/slurmd.%n.log
NodeName=one NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=$cores RealMemory=4000
NodeName=two NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=$cores RealMemory=4000
PartitionName=test Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
  export SLURM_CONF=$cluster/slurm.conf
  slurmctld -c 2>"$cluster/slurmctld.err" || return 1
  start_node one && start_node two || return 1
  for _ in $(seq 100); do
    [ "$(sinfo -h -o '%T %D' 2>/dev/null)" != "idle 2" ] || return 0
    sleep 0.2
  done
  return 1
}

# start_node NAME: a folder of its own, so that the processes of a node can be told.
start_node() {
  mkdir -p "$cluster/node.$1"
  (cd "$cluster/node.$1" && exec slurmd -N "$1" 2>"$cluster/slurmd.$1.err")
}

# daemons_of NODE: slurmd and its slurmstepds, which have its log open; jobs_of NODE: what these started.
daemons_of() {
  find /proc/[0-9]*/fd -lname "$cluster/slurmd.$1.log" 2>/dev/null | cut -d/ -f3 | sort -u
}
jobs_of() {
  { grep -lzxF "SLURMD_NODENAME=$1" /proc/[0-9]*/environ | xargs -r grep -lzxF "SLURM_CONF=$cluster/slurm.conf" ||
    true; } 2>/dev/null | cut -d/ -f3
}

# kill_node NAME: as if its power failed; the daemons first, so that nobody reports an end.
kill_node() {
  local pid
  for pid in $(daemons_of "$1"); do kill -9 "$pid" 2>/dev/null || true; done
  for pid in $(jobs_of "$1"); do kill -9 "$pid" 2>/dev/null || true; done
}

stop_cluster() {
  local name pid
  for name in slurmctld.pid munge/pid; do
    pid=$(cat "$cluster/$name" 2>/dev/null) || continue
    kill "$pid" 2>/dev/null || true
  done
  for name in one two one two; do kill_node "$name"; done # what was just begun, too
}
