"""macvlan and ipvlan networks have no counterpart in a cluster: the report says so."""

import pytest

from k8s_bridge import translate
from k8s_bridge.sources.run import application_from_lines


@pytest.mark.parametrize("driver", ["macvlan", "ipvlan"])
def test_a_network_on_the_hosts_card_is_translated_and_reported(driver):
    lines = [
        f"docker network create -d {driver} -o parent=eth0 --subnet 192.0.2.0/24 lan",
        "docker run -d --name web --network lan -p 8080:80 nginx",
        "docker run -d --name db --network lan --ip 192.0.2.9 redis",
    ]
    application = application_from_lines(lines)
    assert [network.driver for network in application.networks] == [driver]
    result = translate(application)
    assert result.manifests
    told = [entry.how for entry in result.report.entries if entry.value == driver]
    assert "no addresses of the physical network" in " ".join(told)
