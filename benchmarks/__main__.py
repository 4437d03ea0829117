"""All tables, one after the other: ``python -m benchmarks`` or ``make bench``."""

from benchmarks import (
    addresses,
    bridge,
    cluster,
    cluster_throughput,
    engine,
    ipam,
    kernel,
    policies,
    ports,
    registry,
    server,
)

for module in (
    addresses,
    ipam,
    ports,
    engine,
    server,
    registry,
    cluster,
    cluster_throughput,
    policies,
    bridge,
    kernel,
):
    print(f"\n{module.__doc__.partition(chr(10))[0]}\n")
    module.main()
