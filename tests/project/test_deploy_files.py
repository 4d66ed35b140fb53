"""What `deploy/` holds fits the application: commands, settings, addresses; nothing in it is secret; the real tools read it."""

import gzip
import os
import re
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands

from checks.probes import PATHS
from inservice import supervisor
from kit import clock
from tests import units

ROOT = Path(settings.BASE_DIR)
DEPLOY = ROOT / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
OURS = ("migrate", "web", "worker", "mail", "beat", "backup")
SERVICES = sorted(path.name for path in units.FOLDER.glob("*.service"))
# Of compose, of the proxy and of gunicorn: not read by the settings.
NOT_SETTINGS = {
    "SITE_HOST",
    "WEB_WORKERS",
    "WEB_THREADS",
    "POSTGRES_USER",
    "POSTGRES_DB",
    "POSTGRES_PASSWORD",
}


def examples() -> dict[str, str]:
    """Return every variable of the files to fill in, commented ones included, with its example."""
    text = "\n".join(path.read_text() for path in sorted(DEPLOY.glob("*.env.example")))
    return dict(re.findall(r"^#?([A-Z_]+)=(.*)$", text, re.M))


# --- The image -------------------------------------------------------------------------------------------------------
def stages() -> list[str]:
    return re.split(r"(?m)^FROM ", DOCKERFILE)[1:]


def test_the_image_runs_without_root_and_without_a_compiler() -> None:
    last = stages()[-1]
    assert re.search(r"(?m)^USER 10001:10001$", last) and "USER root" not in last
    assert (
        not re.search(r"\b(gcc|build-essential|make|git|curl|-dev)\b", last) and "uninstall --yes pip" in last
    )
    assert "--chown=root:root /opt/inservice" in last, (
        "the application must not be able to change its own code"
    )


def test_every_base_is_one_image_of_a_full_version() -> None:
    image = re.search(r"(?m)^ARG PYTHON_IMAGE=(\S+)$", DOCKERFILE)
    assert image and re.fullmatch(r"docker\.io/library/python:3\.\d+\.\d+-slim-\w+", image[1])
    assert [stage.split()[0] for stage in stages()] == ["${PYTHON_IMAGE}", "packages", "${PYTHON_IMAGE}"]
    versions = re.findall(r"_IMAGE:-(docker\.io/library/\S+?)\}", (DEPLOY / "compose.yaml").read_text())
    assert len(versions) == 4 and all(re.search(r":\d+(\.\d+)+", one) for one in versions), versions
    assert image[1] in versions


def test_packages_are_installed_by_their_hashes_and_no_other_way() -> None:
    assert re.findall(r"pip install[^\n]*", DOCKERFILE) == [
        "pip install --require-hashes --only-binary :all: -r /tmp/requirements.txt"
    ]
    assert "--require-hashes" in (ROOT / "script/prepare").read_text()


def test_no_secret_and_no_file_of_an_installation_gets_into_the_image() -> None:
    assert not re.search(r"(?m)^(ENV|ARG).*(KEY|PASSWORD|SECRET|PEPPER|TOKEN)", DOCKERFILE)
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".env", "**/*.env", ".git", "var", ".venv"} <= set(ignored)


def test_the_steps_of_the_image_work_on_a_bare_copy(tmp_path: Path) -> None:
    """The application stage without Docker, with the packages of this machine."""
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True).stdout
    copy = tmp_path / "opt/inservice"
    for name in filter(None, tracked.split("\0")):
        if (ROOT / name).is_file() and not name.startswith(("tests/", "bench/", "docs/")):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    (copy / ".venv").symlink_to(Path(sys.prefix))
    (step,) = re.findall(r"(?ms)^RUN (\.venv.*?)(?<!\\)$", stages()[1])
    step = (
        step.replace("\\\n", " ")
        .replace("/opt/inservice", str(copy))
        .replace("/tmp/var", str(tmp_path / "var"))
    )
    # Bytecode of three folders and the site's own static files are enough here: all of it takes half a minute.
    step = step.replace(
        "collectstatic", "collectstatic -i drf_spectacular_sidecar -i rest_framework -i admin"
    )
    step = step.replace("compileall -q -x '/var/' .", "compileall -q inservice kit checks")
    done = subprocess.run(
        step, shell=True, cwd=copy, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert (copy / "static-root/staticfiles.json").is_file()
    assert (copy / "locale/zh_Hant/LC_MESSAGES/django.mo").is_file()
    assert list((copy / "inservice/__pycache__").glob("settings*.pyc"))


# --- compose -----------------------------------------------------------------------------------------------------------
def test_compose_has_every_process_and_each_is_locked_in() -> None:
    services = COMPOSE["services"]
    assert set(services) == {*OURS, "proxy", "postgres", "redis"}
    for name, service in services.items():
        assert service["cap_drop"] == ["ALL"] and service["security_opt"] == ["no-new-privileges:true"], name
        assert service.get("read_only") or name == "postgres", name
        assert "ports" not in service or name == "proxy", "only the proxy is reached from outside"
    assert services["beat"]["deploy"] == {"replicas": 1}


def test_the_user_of_the_image_owns_the_folders_of_its_volumes() -> None:
    """A named volume is root's where the image has no such folder."""
    mounted = {
        line.split(":")[1]
        for name in OURS
        for line in COMPOSE["services"][name]["volumes"]
        if not line.startswith((".", "/"))
    }
    assert mounted == {"/var/lib/inservice", "/var/backups/inservice"}
    assert "--home-dir /var/lib/inservice --create-home" in DOCKERFILE
    assert "install -d -o 10001 -g 10001 -m 0700 /var/backups/inservice" in DOCKERFILE


def test_the_migration_runs_once_before_everything_else_and_alone_knows_the_owner() -> None:
    services = COMPOSE["services"]
    for name in set(OURS) - {"migrate"}:
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
        assert services[name]["env_file"] == ["site.env"], name
    assert services["migrate"]["restart"] == "no" and "owner.env" in services["migrate"]["env_file"]


# --- One set of processes, written down three times -----------------------------------------------------------------------
def queues_of(words: list[str]) -> str:
    return words[words.index("-Q") + 1]


def test_units_compose_and_supervisor_start_the_same_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:9/0")
    machine = supervisor.commands(8000)
    for name in ("worker", "mail"):
        (unit,) = units.commands(f"inservice-{name}.service")
        assert queues_of(unit) == queues_of(COMPOSE["services"][name]["command"]) == queues_of(machine[name])
        assert unit[1:] == COMPOSE["services"][name]["command"][1:]
    (beat,) = units.commands("inservice-beat.service")
    assert beat[1:] == COMPOSE["services"]["beat"]["command"][1:]
    (web,) = units.commands("inservice-web.service")
    assert f'"{" ".join(web[1:])}"'.replace(" ", '", "') in DOCKERFILE


def test_every_command_of_manage_py_exists() -> None:
    # `deploy/manage` runs whichever is given.
    files = [
        path
        for path in DEPLOY.rglob("*")
        if path.is_file() and path.name != "manage" and path.suffix != ".pyc"
    ]
    text = "\n".join(path.read_text() for path in files)
    named = set(re.findall(r"manage\.py ([a-z_]+)", text))
    assert {"migrate", "grant_app_role", "backup", "doctor"} <= named <= set(get_commands())


def test_every_variable_of_the_examples_is_read() -> None:
    read = (ROOT / "inservice/settings.py").read_text()
    unknown = {
        name
        for name in examples()
        if name not in NOT_SETTINGS and f'"{name}"' not in read and not name.startswith("BACKUP_")
    }
    assert not unknown


def test_the_examples_hold_no_secret() -> None:
    for name, value in examples().items():
        if re.search("KEY|PEPPER|PASSWORD", name):
            assert value == "CHANGE-ME", name
        assert not re.search(r"://[^:]+:(?!CHANGE-ME|password)[^@]+@", value), name


# --- systemd -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", SERVICES)
def test_a_unit_runs_as_nobody_special_in_a_closed_room(name: str) -> None:
    found = units.unit(name)
    assert found["User"] == ["inservice"] and found["NoNewPrivileges"] == ["yes"]
    assert found["ProtectSystem"] == ["strict"] and found["CapabilityBoundingSet"] == [""]
    owner = "/etc/inservice/owner.env" in found["EnvironmentFile"]
    assert owner == (name == "inservice-migrate.service"), "only the migration knows the owner"
    assert all(line.startswith(("/opt/inservice/.venv/bin/", "/bin/sh ")) for line in found["ExecStart"])


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_systemd_reads_the_units_and_finds_them_closed(tmp_path: Path) -> None:
    folder = tmp_path / "units"
    shutil.copytree(units.FOLDER, folder)
    for path in folder.glob("*.service"):
        # The programs are where this machine has them.
        path.write_text(path.read_text().replace("/opt/inservice/.venv/bin/", f"{sys.prefix}/bin/"))
    names = [f"./{path.name}" for path in sorted(folder.iterdir()) if path.is_file()]
    said = subprocess.run(["systemd-analyze", "verify", *names], cwd=folder, capture_output=True, text=True)
    assert said.returncode == 0 and not [line for line in said.stderr.splitlines() if "inservice" in line], (
        said.stderr
    )
    scores = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", "./inservice-web.service"],
        cwd=folder, capture_output=True, text=True,
    )  # fmt: skip
    assert scores.returncode == 0, scores.stdout[-1500:]


@pytest.mark.own_clock
def test_the_night_begins_at_half_past_one_of_taipei() -> None:
    seconds = int(subprocess.check_output(["sh", str(DEPLOY / "nightly"), "--pause"], text=True))
    assert 0 < seconds <= 86400
    begins = clock.now().astimezone(clock.TAIPEI) + timedelta(seconds=seconds)
    assert (begins.hour, begins.minute) == (1, 30)


@pytest.mark.skipif(not shutil.which("logrotate"), reason="logrotate is not installed")
def test_the_log_of_the_proxy_is_rotated_and_packed(tmp_path: Path) -> None:
    log, sample = tmp_path / "inservice.log", (DEPLOY / "logrotate").read_text()
    text = sample.replace("/var/log/nginx/inservice.log", str(log)).replace(
        "create 0640 www-data adm", "create 0640"
    )
    assert str(log) in text and "www-data" not in text
    (tmp_path / "rules").write_text(text)
    (tmp_path / "rules").chmod(0o644)
    for number in range(3):
        log.write_text(f"request {number}\n")
        subprocess.run(
            ["logrotate", "--force", "--state", tmp_path / "state", tmp_path / "rules"], check=True
        )
    assert log.read_text() == "" and (tmp_path / "inservice.log.1").read_text() == "request 2\n"
    assert gzip.decompress((tmp_path / "inservice.log.3.gz").read_bytes()) == b"request 0\n"


# --- The proxies -------------------------------------------------------------------------------------------------------
PROXIES = [DEPLOY / "nginx/inservice.conf", DEPLOY / "Caddyfile"]


@pytest.mark.parametrize("path", PROXIES, ids=lambda path: path.name)
def test_a_proxy_bounds_requests_and_keeps_readiness_inside(path: Path) -> None:
    text = path.read_text()
    assert re.search(r"(client_max_body_size 25m|max_size 25MB)", text)
    assert PATHS[1] in text and "/metrics" in text and "404" in text
    assert "maintenance" in text and "Retry-After 60" in text
    assert re.search(r"(max_conns=100|unhealthy_request_count 100)", text)


def test_a_proxy_writes_the_address_of_the_client_anew() -> None:
    text = (DEPLOY / "nginx/proxy.conf").read_text()
    assert "X-Forwarded-For $remote_addr;" in text and "X-Forwarded-Proto $scheme;" in text
    assert examples()["TRUSTED_PROXIES"] == "1"


@pytest.mark.skipif(not shutil.which("caddy"), reason="caddy is not installed")
def test_caddy_reads_its_sample(tmp_path: Path) -> None:
    """The sample of nginx is run by nginx in test_real_proxy.py."""
    command = ["caddy", "validate", "--adapter", "caddyfile", "--config", str(DEPLOY / "Caddyfile")]
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "SITE_HOST": "inservice.example",
        "MAINTENANCE_DIR": "/srv",
    }
    said = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
    assert said.returncode == 0, said.stderr


def test_the_page_of_a_maintenance_needs_nothing_else() -> None:
    page = (DEPLOY / "maintenance/index.html").read_text()
    assert not re.search(r"(src|href)=", page) and 'lang="zh-Hant"' in page and 'lang="en"' in page


def test_a_log_that_is_evidence_is_never_rotated() -> None:
    assert "audit-witness" not in (DEPLOY / "logrotate").read_text()
    assert "/var/log/nginx/inservice.log" in (DEPLOY / "nginx/inservice.conf").read_text()


# --- Filling in and running ----------------------------------------------------------------------------------------------
def make_env(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(DEPLOY / "make-env"), "site.example", str(folder)]
    return subprocess.run(command, capture_output=True, text=True)


def test_new_keys_are_written_once_and_never_over_others(tmp_path: Path) -> None:
    folder = tmp_path / "etc"
    assert make_env(folder).returncode == 0
    site, owner = (folder / "site.env"), (folder / "owner.env")
    assert (site.stat().st_mode & 0o777, owner.stat().st_mode & 0o777) == (0o640, 0o600)
    text = site.read_text()
    assert "CHANGE-ME" not in text + owner.read_text()
    assert "SITE_URL=https://site.example\n" in text and "MIGRATE" not in text
    again = make_env(folder)
    assert again.returncode == 1 and "nothing was changed" in again.stderr and site.read_text() == text


@pytest.mark.parametrize(
    "left", [["site.env"], ["owner.env"], ["site.env", ".owner.env.part"], [".site.env.part"]], ids=str
)
def test_a_run_that_was_interrupted_is_finished_by_the_next(tmp_path: Path, left: list[str]) -> None:
    """A key that has a name may be in use: it stays. Half a file never had its name."""
    for name in left:
        (tmp_path / name).write_text(f"of the killed run: {name}\n")
    assert make_env(tmp_path).returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["owner.env", "site.env"]
    for name in ("site.env", "owner.env"):
        kept = (tmp_path / name).read_text()
        assert (kept == f"of the killed run: {name}\n") == (name in left) and "CHANGE-ME" not in kept


def test_a_command_runs_with_the_environment_of_the_units(tmp_path: Path) -> None:
    """Values may hold blanks, quotes and Chinese, which a shell would take apart."""
    issuer = '[{"id": "x y", "name": "教育雲 $HOME", "server_url": "https://sso.example", "client_id": "c", "secret": "s"}]'
    (tmp_path / "site.env").write_text(
        f"# a note\nOIDC_ISSUERS={issuer}\nSECRET_KEY='quoted'\nVAR_DIR={tmp_path}/var\n"
    )
    (tmp_path / "owner.env").write_text("MIGRATE_DATABASE_URL=postgresql://o:p@127.0.0.1/x\n")
    script = (
        f"import os, sys; sys.argv[0] = {str(DEPLOY / 'manage')!r}; sys.path.insert(0, {str(tmp_path)!r});"
        "import runpy; os.geteuid = lambda: 1000; os.execve = lambda *all: print(all);"
        "runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    for words, owner in ((["doctor"], False), (["--owner", "migrate"], True)):
        said = subprocess.run(
            [sys.executable, "-c", script, *words],
            env={"ENV_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
        ).stdout
        assert repr(issuer) in said and "'SECRET_KEY': 'quoted'" in said and "'a note'" not in said
        assert ("MIGRATE_DATABASE_URL" in said) == owner and f"'manage.py', '{words[-1]}'" in said


def test_the_handbook_of_the_installation_names_what_is_there() -> None:
    text = (ROOT / "docs/install.md").read_text()
    for path in re.findall(r"(?<![\w/])deploy/[\w./-]+\w", text):
        assert (ROOT / path).exists() or path.endswith((".env", ".asc")), path
    for command in re.findall(r"deploy/manage (?:--owner )?([a-z_]+)", text):
        assert command in get_commands(), command
    for unit in re.findall(r"inservice-\w+(?:\.timer)?", text.replace("inservice-.service", "")):
        assert list(units.FOLDER.glob(f"{unit}*")), unit
