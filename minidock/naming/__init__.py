"""Names: /etc/hosts, resolv.conf and the variables of a link, read off the World."""
