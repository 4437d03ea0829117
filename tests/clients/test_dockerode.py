"""dockerode, the client of Node.js, against `minidock serve`.

It is found where NODE_PATH leads (`.ci/run` installs it there).
"""

import json
import shutil
import subprocess

import pytest

SCRIPT = """
const Docker = require('dockerode');
const url = new URL(process.env.DOCKER_TCP.replace('tcp:', 'http:'));
const docker = new Docker({host: url.hostname, port: url.port});
const text = (stream) => new Promise((resolve) => {
  const out = [];
  docker.modem.demuxStream(stream, {write: (d) => out.push(d)}, {write: () => {}});
  stream.on('end', () => resolve(Buffer.concat(out).toString()));
});
(async () => {
  const said = {};
  await new Promise((resolve, reject) => docker.pull('alpine:latest', (error, stream) =>
    error ? reject(error) : docker.modem.followProgress(stream, resolve)));
  const network = await docker.createNetwork({Name: 'app', Labels: {made: 'by-node'}});
  const box = await docker.createContainer({
    Image: 'alpine', name: 'box', Cmd: ['sleep', '1000'],
    HostConfig: {NetworkMode: 'app', PortBindings: {'80/tcp': [{HostPort: '8080'}]}},
    ExposedPorts: {'80/tcp': {}},
  });
  await box.start();
  const exec = await box.exec({Cmd: ['echo', 'hi'], AttachStdout: true});
  said.exec = await text(await exec.start({hijack: true}));
  said.code = (await exec.inspect()).ExitCode;
  said.ports = (await box.inspect()).NetworkSettings.Ports['80/tcp'][0].HostPort;
  said.listed = (await docker.listContainers({filters: {network: ['app']}})).length;
  said.networks = (await docker.listNetworks({filters: {label: ['made=by-node']}})).length;
  const job = await docker.createContainer({Image: 'alpine', Cmd: ['echo', 'job'], Tty: false});
  const attached = await job.attach({stream: true, stdout: true, stderr: true});
  const output = text(attached);
  await job.start();
  said.wait = (await job.wait()).StatusCode;
  said.attached = await output;
  said.refused = await docker.getContainer('nobody').inspect().catch((e) => e.statusCode);
  const typed = await docker.createContainer(
    {Image: 'alpine', Cmd: ['cat'], OpenStdin: true, StdinOnce: true, AttachStdin: true});
  const wire = await typed.attach({stream: true, stdin: true, stdout: true, hijack: true});
  const echoed = text(wire);
  await typed.start();
  wire.write('typed\\n');
  wire.end();
  said.typed = await echoed;
  said.stats = (await box.stats({stream: false})).name;
  await box.remove({force: true});
  await network.remove();
  said.info = (await docker.info()).Containers;
  console.log(JSON.stringify(said));
})().catch((error) => { console.error(error); process.exit(1); });
"""


def _is_there():
    node = shutil.which("node")
    if node is None:
        return False
    asked = subprocess.run([node, "-e", "require('dockerode')"], capture_output=True)  # noqa: PLW1510
    return asked.returncode == 0


@pytest.mark.skipif(not _is_there(), reason="node or dockerode (NODE_PATH) is missing")
def test_a_program_with_dockerode_cannot_tell(served):
    ran = served.run("node", "-e", SCRIPT)
    assert ran.code == 0, ran
    assert json.loads(ran.out) == {
        "exec": "hi\n",
        "code": 0,
        "ports": "8080",
        "listed": 1,
        "networks": 1,
        "wait": 0,
        "attached": "job\n",
        "refused": 404,
        "typed": "typed\n",
        "stats": "/box",
        "info": 2,
    }
