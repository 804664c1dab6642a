# nixpkgs' runner carries only Node 24, but the runner's own scripts (hashFiles() among them) start `externals/node20`.
# A copy, whose wrappers name the copy, with that name pointing at the maintained Node.
{
  lib,
  runCommand,
  nodejs_24,
  github-runner,
}:
runCommand "github-runner-${lib.getVersion github-runner}-with-node20"
  {
    passthru.version = lib.getVersion github-runner;
    meta = {
      description = "GitHub Actions runner with a Node 20 stand-in";
      mainProgram = "Runner.Listener";
    };
  }
  ''
    cp -r ${github-runner} $out
    chmod -R u+w $out
    grep --recursive --files-with-matches --fixed-strings --binary-files=without-match ${github-runner} $out \
      | xargs --no-run-if-empty sed -i "s|${github-runner}|$out|g"
    if [ ! -e $out/lib/externals/node20 ]; then
      ln -s ${nodejs_24} $out/lib/externals/node20
    fi
  ''
