# The token from agenix.
{ config, ... }:
{
  age.secrets.github-token.file = ./secrets/github-token.age;

  services.runner-controller = {
    enable = true;
    repo = "octo-org/hello-world";
    tokenFile = config.age.secrets.github-token.path;
  };
}
