import type { Runner } from '../world/model.ts';
import { hex, type Random } from '../world/random.ts';

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64');
}

/**
 * What GitHub puts into `encoded_jit_config`: base64 of a JSON map from file name to base64 content.
 * The key material is random text; nothing is signed with it. `Labels` is ours: some of them ask a stand-in to fail.
 */
export function jitConfig(runner: Runner, serverUrl: string, workFolder: string, random: Random): string {
  const noise = (bytes: number): string => Buffer.from(hex(random, bytes * 2), 'hex').toString('base64');
  return encode({
    '.runner': encode({
      AgentId: String(runner.id),
      AgentName: runner.name,
      PoolId: '1',
      PoolName: 'Default',
      Ephemeral: 'True',
      DisableUpdate: 'False',
      ServerUrl: `${serverUrl}/`,
      GitHubUrl: `${serverUrl}/${runner.repo.name}`,
      WorkFolder: workFolder,
      Labels: runner.labels.map(({ name }) => name),
    }),
    '.credentials': encode({
      Scheme: 'OAuth',
      Data: {
        ClientId: runner.clientId,
        AuthorizationUrl: `${serverUrl}/_fake/runner/connect`,
        RequireFipsCryptography: 'True',
      },
    }),
    '.credentials_rsaparams': encode({
      exponent: 'AQAB',
      modulus: noise(256),
      d: noise(256),
      p: noise(128),
      q: noise(128),
      dp: noise(128),
      dq: noise(128),
      inverseQ: noise(128),
    }),
  });
}
