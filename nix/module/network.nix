# Network of the job containers: NAT to the internet, and nothing else unless allowed.
{ config, lib, ... }:
let
  cfg = config.services.runner-controller;
  nftables = config.networking.nftables.enable;
  rules = import ./firewall.nix { inherit lib; } {
    inherit (cfg.network) nameservers allowedDestinations allowedHostTCPPorts;
  };
in
{
  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      {
        networking.nat = {
          enable = true;
          # The two back ends spell a wildcard differently; the wrong one matches nothing, silently.
          internalInterfaces = [ (if nftables then "ve-j*" else "ve-j+") ];
        };

        # Both would otherwise take the host's end of a container's link into their own hands.
        networking.networkmanager.unmanaged = lib.mkIf config.networking.networkmanager.enable [
          "interface-name:ve-j*"
        ];
        systemd.network.networks = lib.mkIf config.systemd.network.enable {
          "10-runner-jobs" = {
            matchConfig.Name = "ve-j*";
            linkConfig.Unmanaged = true;
          };
        };
      }

      (lib.mkIf (cfg.network.isolate && nftables) {
        networking.nftables.tables.runner-jobs = {
          family = "inet";
          content = rules.nftables;
        };
        networking.firewall.extraInputRules = rules.nftablesInput;
      })

      (lib.mkIf (cfg.network.isolate && !nftables) {
        # Stop first: a firewall that died left its chains behind, and the start script ends at the first error.
        networking.firewall.extraCommands = rules.iptablesStop + rules.iptablesStart;
        networking.firewall.extraStopCommands = rules.iptablesStop;
      })
    ]
  );
}
