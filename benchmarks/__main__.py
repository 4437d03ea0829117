"""All tables, one after the other: ``python -m benchmarks`` or ``make bench``."""

from benchmarks import addresses, engine, ipam, kernel, ports, server

for module in (addresses, ipam, ports, engine, server, kernel):
    print(f"\n{module.__doc__.partition(chr(10))[0]}\n")
    module.main()
