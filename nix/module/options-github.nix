# What is watched, and who we are at GitHub.
{ lib, ... }:
let
  inherit (lib) mkOption types;
  mine = import ./types.nix { inherit lib; };
in
{
  options.services.runner-controller = {
    repo = mkOption {
      type = types.nullOr mine.repository;
      default = null;
      example = "octo-org/hello-world";
      description = "The repository whose jobs are run. Exactly one of `repo`, `org` and `scopes` is needed.";
    };

    org = mkOption {
      type = types.nullOr mine.organisation;
      default = null;
      example = "octo-org";
      description = "The organisation whose jobs are run; runners register with the organisation.";
    };

    scopes = mkOption {
      type = types.listOf (
        types.attrTag {
          repo = mkOption {
            type = mine.repository;
            description = "A repository.";
          };
          org = mkOption {
            type = mine.organisation;
            description = "An organisation.";
          };
        }
      );
      default = [ ];
      example = [
        { repo = "octo-org/hello-world"; }
        { org = "octo-org"; }
      ];
      description = "Several repositories or organisations at once.";
    };

    tokenFile = mkOption {
      type = mine.secretPath;
      default = null;
      example = "/run/secrets/github-token";
      description = ''
        File with a personal access token, classic or fine-grained, readable by root only.
        The controller reads it from this very path and again whenever it changes, so a rotated token needs no restart.
      '';
    };

    app = {
      id = mkOption {
        type = types.nullOr (types.either types.ints.positive types.nonEmptyStr);
        default = null;
        example = "Iv23liAbCdEfGhIjKlMn";
        description = "App id or client id of a GitHub App, instead of `tokenFile`.";
      };
      installationId = mkOption {
        type = types.nullOr types.ints.positive;
        default = null;
        example = 12345678;
        description = "Where the app is installed.";
      };
      privateKeyFile = mkOption {
        type = mine.secretPath;
        default = null;
        example = "/run/secrets/github-app.pem";
        description = "File with the app's private key (PEM), readable by root only.";
      };
    };

    apiUrl = mkOption {
      type = types.strMatching "https?://[^ ]+";
      default = "https://api.github.com";
      example = "https://github.example.com/api/v3";
      description = "REST API of GitHub, or of a GitHub Enterprise Server.";
    };
  };
}
