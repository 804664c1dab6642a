#!/bin/sh
# A host with two job containers, a local network and an internet, as network namespaces that end with this script.
# Called in a network and a mount namespace of its own: topology.sh RULES-UP RULES-DOWN PEER
# Prints what each side reaches, with the rules and, under "off", without them.
set -eu
up=$1
down=$2
peer=$3

mount -t tmpfs none /run/netns
sysctl -qw net.ipv4.ip_forward=1
sysctl -qw net.ipv6.conf.all.forwarding=1
# An address that waits for others to object is not usable for a second.
sysctl -qw net.ipv6.conf.default.accept_dad=0
ip link set lo up

# connect NAMESPACE INTERFACE HOST-ADDRESS OTHER-ADDRESS
connect() {
  ip netns add "$1"
  ip netns exec "$1" sysctl -qw net.ipv6.conf.default.accept_dad=0
  ip link add "$2" type veth peer name eth0 netns "$1"
  ip addr add "$3" dev "$2"
  ip link set "$2" up
  ip -n "$1" addr add "$4" dev eth0
  ip -n "$1" link set lo up
  ip -n "$1" link set eth0 up
  ip -n "$1" route add default via "${3%/*}"
}
connect job ve-j1111111 192.168.100.1/24 192.168.100.2/24
connect sibling ve-j2222222 192.168.101.1/24 192.168.101.2/24
connect lan lan0 10.0.0.1/24 10.0.0.5/24
ip -n lan addr add 10.0.0.6/24 dev eth0
ip -n lan addr add 10.0.0.7/24 dev eth0
connect internet wan0 203.0.113.1/24 203.0.113.5/24
for address in 8.8.8.8 169.254.169.254 168.63.129.16 100.100.100.200; do
  ip -n internet addr add "$address/32" dev lo
  ip route add "$address/32" via 203.0.113.5
done
ip -n job -6 addr add fd00:64::2/64 dev eth0 nodad
ip addr add fd00:64::1/64 dev ve-j1111111 nodad
ip -n job -6 route add default via fd00:64::1
ip -n internet -6 addr add 2001:db8::5/64 dev eth0 nodad
ip addr add 2001:db8::1/64 dev wan0 nodad
ip -n internet -6 route add default via 2001:db8::1

listeners=
trap 'kill $listeners' EXIT
listen() {
  where=$1
  shift
  mkfifo "/run/netns/ready-$where"
  if [ "$where" = host ]; then "$peer" listen "$@"; else ip netns exec "$where" "$peer" listen "$@"; fi > "/run/netns/ready-$where" &
  listeners="$listeners $!"
  read -r _ < "/run/netns/ready-$where"
}
listen host 5000 8080
listen job 80
listen sibling 80
listen lan 53 80
listen internet 80 443

probe() {
  echo "$1"
  ip netns exec job "$peer" probe job 8.8.8.8:443 10.0.0.5:53 10.0.0.5:80 10.0.0.6:80 10.0.0.7:80 169.254.169.254:80 \
    168.63.129.16:80 100.100.100.200:80 192.168.100.1:5000 192.168.100.1:8080 10.0.0.1:8080 203.0.113.1:8080 \
    192.168.101.2:80 '[2001:db8::5]:443' '[fd00:64::1]:8080'
  ip netns exec lan "$peer" probe lan 192.168.100.2:80
  "$peer" probe host 192.168.100.2:80
}
probe off
sh -eu "$up"
# Again, as a reload of the firewall does it.
sh -eu "$up"
probe on
sh -eu "$down"
probe removed
