# A class whose jobs may use Docker, in a user namespace, so that root inside is nobody outside.
# Needs a file system with idmapped mounts below /nix/store and /var/lib/nixos-containers (ext4, xfs, btrfs).
{
  services.runner-controller = {
    enable = true;
    repo = "octo-org/hello-world";
    tokenFile = "/var/lib/secrets/github-token";

    classes.plain.labels = [
      "self-hosted"
      "nix"
    ];
    classes.docker = {
      labels = [
        "self-hosted"
        "docker"
      ];
      max = 2;
      privateUsers = true;
      docker.enable = true;
    };

    # A cache on this host and one in the local network.
    network.allowedHostTCPPorts = [ 5000 ];
    network.allowedDestinations = [ "10.0.0.5" ];
  };
}
