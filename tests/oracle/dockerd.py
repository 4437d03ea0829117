"""Real Docker Engines, each in namespaces of its own, for the length of a test.

```
 dockerd  ── its network and mount namespace ── eth0 192.0.2.2, whose other end is alone
    │        /sys of that network, the machine's cgroups
    └── FOLDER/docker.sock, FOLDER/data
```

It needs root and the programs that `why_not` looks for. An engine is ended by its
process id; its containers end with it, and the folder is the caller's.
"""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

PROGRAMS = ("dockerd", "containerd", "runc", "iptables", "ip", "unshare", "docker")
_INSIDE = r"""
keep=$(mktemp -d)
mount --rbind /sys/fs/cgroup "$keep"
mount -t sysfs sysfs /sys
mount --rbind "$keep" /sys/fs/cgroup
umount -l "$keep"
rmdir "$keep"
ip link set lo up
ip link add eth0 type veth peer name far0
ip link set far0 up
ip addr add 192.0.2.2/24 dev eth0
ip link set eth0 up
ip route add default via 192.0.2.1
exec dockerd -H "unix://$1/docker.sock" --data-root "$1/data" --exec-root "$1/exec" \
  --pidfile "$1/dockerd.pid" --config-file "$1/daemon.json" --oom-score-adjust 0
"""


def why_not() -> str:
    """Why no engine can be started here; "" if one can."""
    if os.geteuid():
        return "a Docker Engine needs root"
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        return f"{missing[0]} is not installed"
    said = subprocess.run(
        ["dockerd", "--version"], capture_output=True, text=True, check=False
    ).stdout
    return "" if "version 20.10" in said else f"dockerd is no 20.10: {said.strip()}"


class Engine:
    """A dockerd of one's own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.url = f"unix://{folder}/docker.sock"
        self._log = (folder / "log").open("wb")
        settings = {
            "exec-opts": ["native.cgroupdriver=cgroupfs"],
            # nobody is outside: who asks for a name that is not there hears so at once
            "dns": ["127.0.0.1"],
            "dns-opts": ["timeout:1", "attempts:1"],
        }
        (folder / "daemon.json").write_text(json.dumps(settings))
        inside = ["sh", "-euc", _INSIDE, "sh", str(folder)]
        self._process = subprocess.Popen(
            ["unshare", "-m", "-n", "--propagation", "private", *inside],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            env={"PATH": os.environ["PATH"] + ":/usr/sbin:/sbin", "HOME": str(folder)},
            start_new_session=True,
        )
        deadline = time.monotonic() + 60
        while self("version", check=False).returncode:
            if self._process.poll() is not None or time.monotonic() > deadline:
                said = (folder / "log").read_text(errors="replace")
                self.close()
                raise RuntimeError(f"dockerd did not come up: {said[-2000:]}")
            time.sleep(0.2)

    def __call__(self, *words, check=True, **named):
        """Runs the docker program against it."""
        environment = {**os.environ, "DOCKER_HOST": self.url}
        return subprocess.run(
            ["docker", *words],
            env=environment,
            check=check,
            capture_output=True,
            text=True,
            timeout=120,
            **named,
        )

    def close(self) -> None:
        """Removes its containers, and ends it."""
        if self._process.poll() is None:
            listed = self("ps", "-aq", check=False).stdout.split()
            if listed:
                self("rm", "-f", *listed, check=False)
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(60)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(60)
        self._log.close()


def busybox(folder: Path) -> Path | None:
    """A tar of an image: a static busybox, and getent for names; None without it."""
    binary = shutil.which("busybox")
    getent = shutil.which("getent")
    if binary is None or getent is None:
        return None
    root = folder / "root"
    for name in ("bin", "etc", "tmp", "proc", "sys", "dev", "var/www"):
        (root / name).mkdir(parents=True)
    shutil.copy(binary, root / "bin" / "busybox")
    listed = subprocess.run(
        [binary, "--list"], capture_output=True, text=True, check=True
    ).stdout.split()
    for applet in listed:
        if applet != "busybox":
            (root / "bin" / applet).symlink_to("busybox")
    shutil.copy(getent, root / "bin" / "getent")
    for library in _libraries(getent):
        target = root / library.relative_to("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            shutil.copy(library, target)
    (root / "etc" / "passwd").write_text("root:x:0:0:root:/:/bin/sh\n")
    (root / "etc" / "nsswitch.conf").write_text("hosts: files dns\n")
    (root / "var" / "www" / "index.html").write_text("here\n")
    packed = folder / "busybox.tar"
    subprocess.run(["tar", "-C", str(root), "-cf", str(packed), "."], check=True)
    return packed


def _libraries(program: str) -> list[Path]:
    said = subprocess.run(["ldd", program], capture_output=True, text=True, check=False)
    words = [word for word in said.stdout.split() if word.startswith("/")]
    folder = next((Path(word).parent for word in words if "libc.so" in word), None)
    found = [Path(word) for word in words]
    if folder is not None:
        found += [*folder.glob("libnss_files*"), *folder.glob("libnss_dns*")]
        found += [*folder.glob("libresolv.so*")]
    return found
