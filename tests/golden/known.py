"""Every recorded step that the library answers differently, with the reason.

The test fails when a step that is not listed differs, and also when a listed one matches:
the list is neither shorter nor longer than the truth.
"""

PARALLEL = "started in parallel: which came first is not fixed"
ENGINE = "versions, plugins and hardware of the recorded machine"
SKIPPED = (
    "the recorded engine skipped one automatic subnet here; why, the recording does not "
    "say, and creating the same networks on a fresh engine does not repeat it"
)

FOLDER = (
    "the storage driver's folder of a layer that was removed and came again: a new one "
    "there, the same one here, where it follows from the layer"
)
LAB_SERVER = "the server outside is the lab's own, and says whom it saw"

KNOWN: dict[str, dict[int, str]] = {
    "01-fresh-engine": dict.fromkeys((0, 2, 3), ENGINE),
    "02-published-port": {
        33: "/proc/mounts: file systems are not simulated",
    },
    "04b-network-create-errors": dict.fromkeys((211, 216, 235, 247), SKIPPED),
    "06-ports": {
        65: "an empty mangle table, left behind by a failed sctp port on a kernel "
        "without sctp"
    },
    "06d-iptables-off": {13: ENGINE},
    "08-networks-attach": {
        65: "the lab's ping is that of iputils; ours prints what busybox's does",
        68: LAB_SERVER,
        69: LAB_SERVER,
        85: "neighbours that earlier traffic had resolved: nothing is sent yet",
        116: "the order in which several networks are joined at a restart is random",
    },
    "09-containers-rest": {
        158: "which of two outputs is read first is not fixed",
    },
    "09b-full-inspect": {
        7: "busybox runs ps within the shell's own process, and so names it",
    },
    "10-images-rest": dict.fromkeys((80, 99), FOLDER),
    "14-reachability": {
        31: "the lab's own server on port 9000 asked for a queue of 64 connections"
    },
    "20-resolv-variants": {
        105: "the host's resolv.conf was put back between two steps, unseen",
    }
    | dict.fromkeys((109, 110, 112), PARALLEL),
}
