# For /etc/nixos/configuration.nix on a host without flakes; `./runner-controller` is a checkout of this project.
let
  runner-controller = import ../. { };
in
{
  imports = [ runner-controller.module ];

  services.runner-controller = {
    enable = true;
    repo = "octo-org/hello-world";
    tokenFile = "/var/lib/secrets/github-token";
  };
}
