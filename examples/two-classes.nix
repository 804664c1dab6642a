# An organisation with small and big runners. Workflows say: runs-on: [self-hosted, small] or [self-hosted, big]
{
  services.runner-controller = {
    enable = true;
    org = "octo-org";
    app = {
      id = "Iv23liAbCdEfGhIjKlMn";
      installationId = 12345678;
      privateKeyFile = "/var/lib/secrets/github-app.pem";
    };
    maxConcurrent = 8;

    # Limits that this host cannot keep are refused when it is rebuilt.
    host = {
      memory = "64G";
      cpus = 16;
    };

    classes.small = {
      labels = [
        "self-hosted"
        "small"
      ];
      limits = {
        cpuPercent = 200;
        memoryMax = "4G";
      };
    };
    classes.big = {
      labels = [
        "self-hosted"
        "big"
      ];
      max = 2;
      jobTimeout = 4 * 3600;
      limits = {
        cpuPercent = 800;
        memoryMax = "16G";
      };
      # A NixOS module for the containers of this class.
      container.modules = [
        (
          { pkgs, ... }:
          {
            ci-runner.packages = [
              pkgs.cmake
              pkgs.gcc
            ];
          }
        )
      ];
    };
  };
}
