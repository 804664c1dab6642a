# A whole host as a flake: the module, and one of the configurations beside this file.
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  inputs.runner-controller = {
    # Where you got this project from.
    url = "path:..";
    inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs =
    { nixpkgs, runner-controller, ... }:
    {
      nixosConfigurations.ci01 = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          runner-controller.nixosModules.default
          ./one-repository.nix
          # Hardware and everything else about the host:
          # ./configuration.nix
        ];
      };
    };
}
