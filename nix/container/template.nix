# What a job sees: a small NixOS that runs one GitHub runner for one job and is then thrown away.
{
  imports = [
    ./options.nix
    ./runner.nix
    ./boot.nix
    ./tools.nix
    ./docker.nix
  ];
}
