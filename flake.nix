# Names only: everything is in default.nix, which works without flakes.
{
  description = "A fresh, ephemeral systemd-nspawn container for every queued GitHub Actions job";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs =
    { self, nixpkgs }:
    let
      forSystems = nixpkgs.lib.genAttrs [
        "x86_64-linux"
        "aarch64-linux"
      ];
      project = forSystems (system: import ./. { pkgs = nixpkgs.legacyPackages.${system}; });
      each = f: forSystems (system: f project.${system});
    in
    {
      nixosModules.default.imports = [ ./nix/module.nix ];
      overlays.default = import ./nix/overlay.nix;

      packages = each (p: {
        default = p.package;
        runner-controller = p.package;
        inherit (p) options-doc;
      });
      apps = each (p: {
        demo = {
          type = "app";
          program = "${p.demo}";
          meta.description = "A simulated GitHub and a whole controller against it, on loopback";
        };
      });
      checks = each (p: p.checks);
      devShells = each (p: {
        default = p.shell;
      });
      formatter = each (p: p.formatter);
    };
}
