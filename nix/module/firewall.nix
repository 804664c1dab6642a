# The rules that cut jobs off, as text, for both back ends. Pure.
#
# Both put their chain before the host's own firewall. What they drop is gone; what they let pass of a job's traffic
# to the host still meets the host's rules under nftables, and is accepted for good under iptables, where `docker` may
# have closed FORWARD.
{ lib }:
{
  nameservers,
  allowedDestinations,
  allowedHostTCPPorts,
}:
let
  inherit (lib) concatMapStrings concatStringsSep optionalString;

  # Not the internet: private, shared, link-local (metadata), loopback, benchmarking, multicast and reserved ranges,
  # and the one metadata service that has a public address (Azure's).
  forbidden = [
    "0.0.0.0/8"
    "10.0.0.0/8"
    "100.64.0.0/10"
    "127.0.0.0/8"
    "168.63.129.16"
    "169.254.0.0/16"
    "172.16.0.0/12"
    "192.0.0.0/24"
    "192.168.0.0/16"
    "198.18.0.0/15"
    "224.0.0.0/4"
    "240.0.0.0/4"
  ];

  set = items: "{ ${concatStringsSep ", " (map toString items)} }";
  ports = set allowedHostTCPPorts;
in
{
  nftables = ''
    chain forward {
      type filter hook forward priority filter - 1; policy accept;
      iifname "ve-j*" jump from-job
      oifname "ve-j*" ct state established,related accept
      oifname "ve-j*" drop
    }

    chain input {
      type filter hook input priority filter - 1; policy accept;
      iifname "ve-j*" jump to-host
    }

    chain from-job {
      ct state established,related accept
      meta nfproto ipv6 drop
      oifname "ve-*" drop
      ip daddr ${set nameservers} meta l4proto { tcp, udp } th dport 53 accept
      ${optionalString (allowedDestinations != [ ]) "ip daddr ${set allowedDestinations} accept"}
      ip daddr ${set forbidden} drop
    }

    chain to-host {
      ct state established,related accept
      meta nfproto ipv6 drop
      ip daddr ${set nameservers} meta l4proto { tcp, udp } th dport 53 accept
      ${optionalString (allowedHostTCPPorts != [ ]) "tcp dport ${ports} accept"}
      drop
    }
  '';

  # What our own chain lets pass must pass the host's input chain too.
  nftablesInput = ''
    iifname "ve-j*" ip daddr ${set nameservers} meta l4proto { tcp, udp } th dport 53 accept
    ${optionalString (allowedHostTCPPorts != [ ]) ''iifname "ve-j*" tcp dport ${ports} accept''}
  '';

  iptablesStart = ''
    ip46tables -N runner-jobs-from
    ip46tables -N runner-jobs-host
    ip46tables -A runner-jobs-from -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
    ip46tables -A runner-jobs-host -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
    ip46tables -A runner-jobs-from -o ve-+ -j DROP
    ${concatMapStrings (address: ''
      iptables -w -A runner-jobs-from -d ${address} -p udp --dport 53 -j ACCEPT
      iptables -w -A runner-jobs-from -d ${address} -p tcp --dport 53 -j ACCEPT
      iptables -w -A runner-jobs-host -d ${address} -p udp --dport 53 -j ACCEPT
      iptables -w -A runner-jobs-host -d ${address} -p tcp --dport 53 -j ACCEPT
    '') nameservers}${
      concatMapStrings (address: ''
        iptables -w -A runner-jobs-from -d ${address} -j ACCEPT
      '') allowedDestinations
    }${
      concatMapStrings (port: ''
        iptables -w -A runner-jobs-host -p tcp --dport ${toString port} -j ACCEPT
      '') allowedHostTCPPorts
    }${
      concatMapStrings (range: ''
        iptables -w -A runner-jobs-from -d ${range} -j DROP
      '') forbidden
    }iptables -w -A runner-jobs-from -j ACCEPT
    ip46tables -A runner-jobs-from -j DROP
    ip46tables -A runner-jobs-host -j DROP
    ip46tables -I INPUT 1 -i ve-j+ -j runner-jobs-host
    ip46tables -I FORWARD 1 -o ve-j+ -j DROP
    ip46tables -I FORWARD 1 -o ve-j+ -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
    ip46tables -I FORWARD 1 -i ve-j+ -j runner-jobs-from
  '';

  iptablesStop = ''
    ip46tables -D INPUT -i ve-j+ -j runner-jobs-host 2>/dev/null || true
    ip46tables -D FORWARD -i ve-j+ -j runner-jobs-from 2>/dev/null || true
    ip46tables -D FORWARD -o ve-j+ -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT 2>/dev/null || true
    ip46tables -D FORWARD -o ve-j+ -j DROP 2>/dev/null || true
    ip46tables -F runner-jobs-from 2>/dev/null || true
    ip46tables -X runner-jobs-from 2>/dev/null || true
    ip46tables -F runner-jobs-host 2>/dev/null || true
    ip46tables -X runner-jobs-host 2>/dev/null || true
  '';
}
