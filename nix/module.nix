# services.runner-controller: a repository and a token file make a working host.
{
  imports = [
    ./module/options.nix
    ./module/options-github.nix
    ./module/options-classes.nix
    ./module/options-network.nix
    ./module/settings.nix
    ./module/service.nix
    ./module/host.nix
    ./module/network.nix
    ./module/helpers.nix
    ./module/assertions.nix
    ./module/warnings.nix
  ];
}
