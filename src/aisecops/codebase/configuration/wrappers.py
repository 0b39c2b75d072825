"""Programs that only start another program: what of their own arguments stands in front of it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from aisecops.codebase.configuration.facts import Word, program_name

SHELLS = frozenset(("sh", "bash", "zsh", "dash", "ash", "ksh", "busybox"))


class Wrapper(msgspec.Struct, frozen=True):
    """How a program passes on to another.

    ``under`` are the subcommands after which that comes; ``valued`` its options that take the next word; ``skip`` the words of its own before the program; ``python``:
    what it starts is a Python script or ``-m module``.
    """

    under: tuple[str, ...] = ()
    valued: frozenset[str] = frozenset()
    skip: int = 0
    python: bool = False


def _wrapper(under: str = "", valued: str = "", skip: int = 0, python: bool = False) -> Wrapper:
    return Wrapper(tuple(under.split()), frozenset(valued.split()), skip, python)


_ANY = _wrapper()
_LAUNCH = (
    "--nproc_per_node --nproc-per-node --nnodes --node_rank --node-rank --master_addr --master-addr --master_port --master-port --rdzv_backend --rdzv-backend "
    "--rdzv_endpoint --rdzv-endpoint --rdzv_id --rdzv-id --rdzv_conf --max_restarts --log_dir --local_addr --config_file --num_processes --num_machines "
    "--machine_rank --main_process_ip --main_process_port --mixed_precision --num_cpu_threads_per_process --gpu_ids --dynamo_backend --deepspeed_config_file "
    "--num_gpus --num_nodes --hostfile --include --exclude"
)
_UV = "-p --python --with --with-editable --with-requirements --extra --group --only-group --package --project --directory --env-file --index -m --module"
_RAY_JOB = "--address --working-dir --runtime-env --runtime-env-json --submission-id --entrypoint-num-cpus --entrypoint-num-gpus --metadata-json"
WRAPPERS: dict[str, tuple[Wrapper, ...]] = {
    "sudo": (_wrapper(valued="-u --user -g --group -h --host -p --prompt -C -D --chdir -R -T"),),
    "doas": (_wrapper(valued="-u -C"),),
    "env": (_wrapper(valued="-u --unset -C --chdir"),),
    "exec": (_wrapper(valued="-a"),),
    "command": (_ANY,),
    "builtin": (_ANY,),
    "nohup": (_ANY,),
    "setsid": (_ANY,),
    "unbuffer": (_ANY,),
    "time": (_wrapper(valued="-f -o --format --output"),),
    "nice": (_wrapper(valued="-n --adjustment"),),
    "ionice": (_wrapper(valued="-c -n -p --class --classdata"),),
    "chrt": (_wrapper(skip=1),),
    "timeout": (_wrapper(valued="-k -s --kill-after --signal", skip=1),),
    "stdbuf": (_wrapper(valued="-i -o -e --input --output --error"),),
    "taskset": (_wrapper(skip=1),),
    "numactl": (_wrapper(valued="-C -m -N -i --cpunodebind --membind --physcpubind --interleave"),),
    "xvfb-run": (_wrapper(valued="-n -s -e -f --server-num --server-args"),),
    "tini": (_wrapper(valued="-p -e"),),
    "dumb-init": (_wrapper(valued="-r --rewrite"),),
    "catchsegv": (_ANY,),
    "gosu": (_wrapper(skip=1),),
    "su-exec": (_wrapper(skip=1),),
    "setpriv": (_wrapper(valued="--reuid --regid --groups"),),
    "chroot": (_wrapper(skip=1),),
    "strace": (_wrapper(valued="-o -e -p -s -u"),),
    "xargs": (_wrapper(valued="-I -n -P -L -d -a -s -E --max-args --max-procs --replace --delimiter"),),
    "srun": (_wrapper(valued="-n -N -c -p -t -J -o -e -w -A -q -G --ntasks --nodes --partition --time --gres --mem --job-name --output --error --account --qos"),),
    "mpirun": (_wrapper(valued="-n -np -H -x --hostfile --host -mca --map-by --bind-to"),),
    "mpiexec": (_wrapper(valued="-n -np -H -x -f --hostfile --host"),),
    "uv": (
        _wrapper("run", _UV),
        _wrapper("tool run", "-p --python --with --from --index"),
    ),
    "uvx": (_wrapper(valued="-p --python --with --from --index"),),
    "pipx": (_wrapper("run", "--spec --python --index-url --pip-args"),),
    "poetry": (_wrapper("run", "-C -P --directory --project"),),
    "pdm": (_wrapper("run", "-p --project"),),
    "hatch": (_wrapper("run", "-e --env"), _wrapper("env run", "-e --env")),
    "rye": (_wrapper("run"),),
    "pipenv": (_wrapper("run"),),
    "pixi": (_wrapper("run", "-e --environment --manifest-path"),),
    "conda": (_wrapper("run", "-n --name -p --prefix --cwd"),),
    "mamba": (_wrapper("run", "-n --name -p --prefix --cwd"),),
    "micromamba": (_wrapper("run", "-n --name -p --prefix --cwd -r --root-prefix"),),
    "npx": (_wrapper(valued="-p --package -c --call"),),
    "bunx": (_ANY,),
    "pnpm": (_wrapper("exec"), _wrapper("dlx")),
    "yarn": (_wrapper("exec"), _wrapper("dlx")),
    "torchrun": (_wrapper(valued=_LAUNCH, python=True),),
    "deepspeed": (_wrapper(valued=_LAUNCH, python=True),),
    "accelerate": (_wrapper("launch", _LAUNCH, python=True),),
    "coverage": (_wrapper("run", "--source --rcfile --omit --include", python=True),),
    "debugpy": (_wrapper(valued="--listen --connect --log-to --pid --configure-subProcess", python=True),),
    "opentelemetry-instrument": (_wrapper(valued="--traces_exporter --metrics_exporter --logs_exporter --service_name --exporter_otlp_endpoint"),),
    "ddtrace-run": (_ANY,),
    "newrelic-admin": (_wrapper("run-program"),),
    "nsys": (_wrapper("profile", "-o -t -s --output --trace --sample --delay --duration"),),
    "py-spy": (_wrapper("record", "-o -r -d -f --output --rate --duration --format"),),
    "dotenv": (_wrapper("run"), _wrapper("-f", skip=1)),
    "doppler": (_wrapper("run", "-p -c --project --config"),),
    "infisical": (_wrapper("run", "--env --path"),),
    "op": (_wrapper("run", "--env-file"),),
    "aws-vault": (_wrapper("exec", "-d --duration", skip=1),),
    "chamber": (_wrapper("exec", skip=1),),
    "direnv": (_wrapper("exec", skip=1),),
    "singularity": (_wrapper("exec", "-B --bind --env -H --home --pwd", skip=1), _wrapper("run", "-B --bind --env -H --home --pwd", skip=1)),
    "apptainer": (_wrapper("exec", "-B --bind --env -H --home --pwd", skip=1), _wrapper("run", "-B --bind --env -H --home --pwd", skip=1)),
    "docker": (
        _wrapper("exec", "-e -u -w --env --user --workdir --env-file", skip=1),
        _wrapper("container exec", "-e -u -w --env --user --workdir --env-file", skip=1),
        _wrapper("compose exec", "-e -u -w -f --env --user --workdir --index --file", skip=1),
        _wrapper("compose run", "-e -u -w -f -p -v --env --user --workdir --name --publish --volume --entrypoint --file", skip=1),
    ),
    "docker-compose": (
        _wrapper("exec", "-e -u -w -f --env --user --workdir --index --file", skip=1),
        _wrapper("run", "-e -u -w -f -p -v --env --user --workdir --name --publish --volume --entrypoint --file", skip=1),
    ),
    "kubectl": (_wrapper("exec", "-n -c --namespace --container", skip=1),),
    "ray": (_wrapper("job submit", _RAY_JOB),),
    "sky": (_wrapper("exec", "-n -c --name --cluster", skip=1),),
}  # fmt: skip
WRAPPERS["podman"] = WRAPPERS["docker"]
WRAPPERS["nerdctl"] = WRAPPERS["docker"]
_PASS_ASSIGNMENTS = frozenset(("sudo", "doas", "env"))
"""Wrappers that take ``NAME=value`` in front of the program."""


def unwrapped(words: Sequence[Word]) -> tuple[int, bool]:
    """Return how many words at the start of ``words`` only start what follows, and whether that is a Python script. 0 words: nothing is wrapped."""
    program = program_name(words[0])
    for wrapper in WRAPPERS.get(program, ()):
        start = _after_subcommands(words, wrapper)
        if start:
            return _own(words, wrapper, start), wrapper.python
    return 0, False


def passes_assignments(words: Sequence[Word]) -> bool:
    """Whether the wrapper takes ``NAME=value`` in front of what it starts."""
    return program_name(words[0]) in _PASS_ASSIGNMENTS


def _after_subcommands(words: Sequence[Word], wrapper: Wrapper) -> int:
    """Return the index after the wrapper's subcommands; 0 if they are not there."""
    at = 1
    for name in wrapper.under:
        while at < len(words) and words[at].text.startswith("-") and words[at].text != name:
            at += 2 if words[at].text in wrapper.valued or _looks_valued(words, at, name) else 1
        if at >= len(words) or words[at].text != name:
            return 0
        at += 1
    return at


def _looks_valued(words: Sequence[Word], at: int, name: str) -> bool:
    """Whether the option at ``at`` is followed by a value of its own, and then by the subcommand."""
    return at + 2 < len(words) and words[at + 1].text != name and words[at + 2].text == name


def _own(words: Sequence[Word], wrapper: Wrapper, at: int) -> int:
    """Return the index of the program that the wrapper starts."""
    skip = wrapper.skip
    while at < len(words):
        text = words[at].text
        if text == "--":
            return at + 1 + skip if skip and not wrapper.under else at + 1
        if text in ("-m", "--module") and (wrapper.python or text in wrapper.valued):
            return at
        if text.startswith("-") and len(text) > 1:
            at += 2 if text in wrapper.valued else 1
        elif skip:
            skip -= 1
            at += 1
        else:
            return at
    return at
