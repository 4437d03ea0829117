"""How the laws are run: none is timed, since speed is a ratio in ``benchmarks/``.

A busy machine draws examples slowly, which says nothing about a law.
"""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "laws", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("laws")
