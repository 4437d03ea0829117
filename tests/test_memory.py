"""What many containers cost: a server must hold ten thousand of them."""

import subprocess
import sys
import textwrap

import pytest

PROGRAM = textwrap.dedent("""
    from minidock import Engine

    def resident():
        with open("/proc/self/status") as status:
            line = next(line for line in status if line.startswith("VmRSS"))
        return int(line.split()[1])

    HOST = {key: 0 for key in
            "Memory CpuShares NanoCpus MemorySwap CpuPeriod BlkioWeight".split()}
    HOST |= {key: [] for key in
             "Dns DnsOptions DnsSearch Binds Links GroupAdd DeviceRequests".split()}
    HOST |= {"NetworkMode": "big", "IpcMode": "", "RestartPolicy": {"Name": "no"},
             "LogConfig": {"Type": "json-file", "Config": {}},
             "PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": ""}]}}
    docker = Engine(keep=8)
    docker.api("POST", "/images/create?fromImage=nginx&tag=latest")
    config = {"Config": [{"Subnet": "10.0.0.0/8"}]}
    docker.api("POST", "/networks/create", {"Name": "big", "IPAM": config})
    before = resident()
    for number in range(1000):
        body = {"Image": "nginx", "ExposedPorts": {"80/tcp": {}}, "HostConfig": HOST,
                "Labels": {"number": str(number)}, "Env": ["A=1"]}
        made = docker.api("POST", f"/containers/create?name=c{number}", body)
        assert docker.api("POST", f"/containers/{made.body['Id']}/start").status == 204
    print(resident() - before)
""")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_running_container_costs_less_than_15_kilobytes():
    # So ten thousand of them and Python itself stay below 200 MB.
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert int(ran.stdout) / 1000 < 15
