{ config, lib, ... }:
let
  inherit (lib) literalExpression mkOption types;
  mine = import ./types.nix { inherit lib; };

  # A resolver on the host's loopback cannot be reached from a container.
  usable = lib.filter (
    address: builtins.match "[0-9.]+" address != null && !lib.hasPrefix "127." address
  ) config.networking.nameservers;
in
{
  options.services.runner-controller.network = {
    isolate = mkOption {
      type = types.bool;
      default = true;
      description = ''
        Cut jobs off from each other, from the host's services, from private address ranges and from metadata services.
        What is left is the internet and what the other options here allow.
      '';
    };

    allowedDestinations = mkOption {
      type = types.listOf mine.cidr;
      default = [ ];
      example = [
        "10.0.0.5"
        "10.20.0.0/16"
      ];
      description = "Addresses and networks in the forbidden ranges that jobs may reach all the same.";
    };

    allowedHostTCPPorts = mkOption {
      type = types.listOf types.port;
      default = [ ];
      example = [ 5000 ];
      description = "TCP ports of the host itself that jobs may reach, a local cache for example.";
    };

    nameservers = mkOption {
      type = types.nonEmptyListOf mine.ipv4;
      default =
        if usable != [ ] then
          usable
        else
          [
            "1.1.1.1"
            "9.9.9.9"
          ];
      defaultText = literalExpression "the host's IPv4 nameservers that are not on loopback, else public ones";
      description = "Resolvers of the containers; port 53 of these addresses is open to jobs even in forbidden ranges.";
    };
  };
}
