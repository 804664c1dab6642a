# The token from sops-nix. A rotated token is picked up without a restart: the controller reads the path itself.
{ config, ... }:
{
  sops.secrets.github-token = { };

  services.runner-controller = {
    enable = true;
    repo = "octo-org/hello-world";
    tokenFile = config.sops.secrets.github-token.path;
  };
}
