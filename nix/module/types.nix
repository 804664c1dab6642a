# Option types that several files of the module share.
{ lib }:
let
  inherit (lib) mkOption types;
in
rec {
  label = types.strMatching "[^, \t\n]+" // {
    description = "label without comma or space";
  };
  repository = types.strMatching "[A-Za-z0-9-]+/[A-Za-z0-9._-]+" // {
    description = "repository as owner/repo";
  };
  organisation = types.strMatching "[A-Za-z0-9-]+" // {
    description = "organisation name";
  };
  size = types.either types.ints.positive (types.strMatching "[1-9][0-9]*[KMGT]") // {
    description = "size in bytes, or a number with K, M, G or T";
  };
  seconds = types.ints.between 1 604800;
  ipv4 = types.strMatching "[0-9]{1,3}(\\.[0-9]{1,3}){3}" // {
    description = "IPv4 address";
  };
  cidr = types.strMatching "[0-9]{1,3}(\\.[0-9]{1,3}){3}(/[0-9]{1,2})?" // {
    description = "IPv4 address or network";
  };

  # The path of a secret as text. A path literal stays where it is instead of being copied into the store.
  secretPath = types.nullOr (types.coercedTo types.path toString types.str);

  limits = types.submodule {
    options = {
      cpuPercent = mkOption {
        type = types.nullOr types.ints.positive;
        default = null;
        example = 400;
        description = "CPU time, 100 is one whole core. `null` is unlimited.";
      };
      memoryMax = mkOption {
        type = types.nullOr size;
        default = null;
        example = "8G";
        description = "Memory above which processes of the job are killed. `null` is unlimited.";
      };
      memoryHigh = mkOption {
        type = types.nullOr size;
        default = null;
        example = "6G";
        description = "Memory above which the job is slowed down. `null` is unlimited.";
      };
      tasksMax = mkOption {
        type = types.nullOr types.ints.positive;
        default = null;
        example = 4096;
        description = "Processes and threads at once. `null` leaves systemd's default.";
      };
      ioWeight = mkOption {
        type = types.nullOr (types.ints.between 1 10000);
        default = null;
        example = 50;
        description = "Share of disk bandwidth; others have 100. `null` leaves systemd's default.";
      };
    };
  };
}
