# One repository, one kind of runner. Workflows say: runs-on: [self-hosted, nix]
{
  services.runner-controller = {
    enable = true;
    repo = "octo-org/hello-world";
    tokenFile = "/var/lib/secrets/github-token";
  };
}
